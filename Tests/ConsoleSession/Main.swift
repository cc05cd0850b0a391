// Serves one session at a device in a folder, on its standard input and output: a process for the tests to kill.
//
//     console-session FOLDER [COMMAND]    (or the command that an ssh client asked for)
internal import ConsoleDevices
internal import Foundation

@main struct Main {
    static func main() {
        let words = CommandLine.arguments
        guard words.count > 1 else { exit(64) }
        signal(SIGPIPE, SIG_IGN)
        let environment = ProcessInfo.processInfo.environment
        // An sshd says who logged in.
        let user = environment["SSH_CONNECTION"] == nil ? nil : environment["USER"]
        let stream = ConsoleStream(ConsoleFolder(words[1]), user: user ?? "admin") {
            Moment(milliseconds: Int(Date.now.timeIntervalSince1970 * 1000))
        }
        do {
            exit(try stream.run(words.count > 2 ? words[2] : environment["SSH_ORIGINAL_COMMAND"]))
        } catch {
            try? FileHandle.standardError.write(contentsOf: Data("\(error)\n".utf8))
            exit(1)
        }
    }
}
