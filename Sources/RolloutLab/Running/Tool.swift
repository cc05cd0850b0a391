import Foundation

/// Runs the machine's programs.
enum Tool {
    /// What a program printed, and how it ended.
    struct Output {
        var status: Int32
        var text: String
        var complaint: String
    }

    /// The places where programs of an administrator are, also where the path has no `sbin`.
    private static let places = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"]

    /// Where a program is; nil when it is missing.
    static func find(_ name: String) -> String? {
        places.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a program to its end.
    ///
    /// - Throws: `LabError` when it is missing or cannot be started.
    static func run(_ name: String, _ arguments: [String]) throws(LabError) -> Output {
        guard let path = find(name) else {
            throw LabError(.unavailable, "the program '\(name)' is missing: run scripts/install-packages")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        do { try process.run() } catch {
            throw LabError(.failed, "\(path) cannot be started: \(error.localizedDescription)")
        }
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Output(
            status: process.terminationStatus, text: String(decoding: text, as: UTF8.self),
            complaint: String(decoding: complaint, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Runs a program that must succeed.
    ///
    /// - Throws: `LabError` with what it complained about.
    @discardableResult
    static func succeed(_ name: String, _ arguments: [String]) throws(LabError) -> String {
        let output = try run(name, arguments)
        guard output.status == 0 else {
            throw LabError(
                .failed,
                "`\(name) \(arguments.joined(separator: " "))` ended with \(output.status): \(output.complaint)")
        }
        return output.text
    }

    /// Starts a program in a session of its own, which goes on when this process ends. What it says goes to a file.
    ///
    /// Not by Foundation's `Process`: that hands a descriptor of ours to the program and all its descendants.
    ///
    /// - Throws: `LabError` when it cannot be started.
    static func launch(_ name: String, _ arguments: [String], log: String) throws(LabError) {
        guard let setsid = find("setsid"), let path = find(name) else {
            throw LabError(.unavailable, "the program '\(name)' or 'setsid' is missing: run scripts/install-packages")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var words: [UnsafeMutablePointer<CChar>?] = ([setsid, path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, setsid, &actions, nil, &words, environ)
        guard status == 0 else {
            throw LabError(.failed, "\(path) cannot be started: \(String(cString: strerror(status)))")
        }
    }
}
