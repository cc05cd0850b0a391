import Foundation
import Glibc

/// Who the tests log in as: an account of their own with a plain shell and a password when run as root (root's shell may
/// take long to start, and root may have no password), else the current user.
enum ThrowawayAccount {
    /// Whether there is an account with a password.
    static let hasPassword = geteuid() == 0 && name.hasPrefix("rollout-")
    static let password = "correct horse"

    static let name: String = {
        guard geteuid() == 0 else { return NSUserName() }
        let name = "rollout-t\(getpid())"
        guard let hash = try? Tool.run("openssl", "passwd", "-6", password).trimmingCharacters(in: .newlines),
            (try? Tool.run("useradd", "-M", "-N", "-s", "/bin/sh", "-d", "/tmp", "-p", hash, name)) != nil
        else { return "root" }
        // -f: a session that a test killed may still have a process.
        atexit { system("userdel -f rollout-t\(getpid()) 2>/dev/null") }
        return name
    }()
}

/// Command line tools that tests need.
enum Tool {
    struct Failure: Error {
        var command: [String]
        var output: String
    }

    static func path(_ name: String) -> String? {
        ["/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"].map { $0 + name }.first { access($0, X_OK) == 0 }
    }

    @discardableResult
    static func run(_ name: String, _ arguments: String...) throws -> String {
        guard let path = path(name) else { throw Failure(command: [name], output: "not installed") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(command: [name] + arguments, output: output) }
        return output
    }
}
