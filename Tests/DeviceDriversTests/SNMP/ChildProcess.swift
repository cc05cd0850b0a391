import Glibc

/// A program started by a test. Foundation's own waits for the end of a process with a run loop, which no task has.
struct ChildProcess: Sendable {
    private let identifier: pid_t

    /// Starts a program with nothing but this environment; what it prints goes nowhere.
    init(_ path: String, _ arguments: [String], environment: [String] = []) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in 0...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var identifier = pid_t()
        let words = ([path] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        let status = posix_spawn(&identifier, path, &actions, nil, words, variables)
        guard status == 0 else { throw NotStarted(number: status) }
        self.identifier = identifier
    }

    /// Waits for the end and says how it was; nil when a signal ended it.
    func status() -> Int32? {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? status >> 8 & 0xff : nil
    }

    /// Ends it and waits until it is gone.
    func stop() {
        kill(identifier, SIGKILL)
        _ = status()
    }

    /// Why a program could not be started.
    struct NotStarted: Error { var number: Int32 }
}
