import CLinux
import Glibc

/// A program that is run to its end, with its whole process group, within limits of time and size.
enum ChildProcess {
    /// How it ended.
    enum Ending: Hashable, Sendable {
        /// With this status, having printed this.
        case exited(Int32, output: [UInt8], complaint: [UInt8])
        /// By a signal.
        case signalled(Int32)
        /// It was killed when the time was over.
        case tookTooLong
        /// It was killed when it had printed more than may be.
        case saidTooMuch
        /// It was not started.
        case notStarted(String)
    }

    /// Runs a program, in a session of its own, so that it can ask nobody at the terminal. It sees no variables of ours but
    /// those of the place (`PATH`, `HOME`, `LANG`, `TZ`) and those that are named, and no files of ours.
    ///
    /// - Parameters:
    ///   - words: Its absolute path and its arguments.
    ///   - input: What it reads.
    ///   - milliseconds: How long it may run.
    ///   - limit: How many bytes it may print.
    ///   - keepsErrors: Whether its complaint is kept whole, and counts for the limit; else only how it begins.
    ///   - variables: More variables of ours that it sees.
    ///   - settings: Variables that only it sees, as `NAME=value`.
    ///   - mayLeave: Whether what it started may go on after it has ended in time.
    static func run(
        _ words: [String], input: [UInt8] = [], within milliseconds: Int, limit: Int, keepsErrors: Bool = false,
        variables: [String] = [], settings: [String] = [], mayLeave: Bool = false
    ) async -> Ending {
        await withCheckedContinuation { continuation in
            HelperThreads.shared.run {
                let exchange = Exchange(input: input, limit: limit, keepsErrors: keepsErrors)
                let seen = environment(variables) + settings
                continuation.resume(returning: runBlocking(words, exchange, milliseconds, seen, mayLeave))
            }
        }
    }

    private static func runBlocking(
        _ words: [String], _ exchange: Exchange, _ milliseconds: Int, _ variables: [String], _ mayLeave: Bool
    ) -> Ending {
        let deadline = now() + milliseconds
        var exchange = exchange
        guard let (stdin, stdout, stderr) = pipes() else { return .notStarted("no pipes: \(reason(errno))") }
        defer { for pipe in [stdin, stdout, stderr] { pipe.close() } }
        var pid: pid_t = 0
        let status = spawn(
            words, variables, &pid, [stdin.reading, stdout.writing, stderr.writing].map(\.descriptor))
        guard status == 0 else { return .notStarted("\(words.first ?? "") cannot be started: \(reason(status))") }
        for end in [stdin.reading, stdout.writing, stderr.writing] { end.close() }
        let isDone = exchange.run(stdin.writing, stdout.reading, stderr.reading, until: deadline)
        return end(pid, exchange, isDone, deadline, mayLeave)
    }

    private static func end(_ pid: pid_t, _ exchange: Exchange, _ isDone: Bool, _ deadline: Int, _ mayLeave: Bool)
        -> Ending
    {
        var status: Int32 = 0
        var isOver = false
        // Whoever closed its output is about to end.
        while isDone, !isOver, now() < deadline {
            isOver = waitpid(pid, &status, WNOHANG) == pid
            if !isOver { usleep(2000) }
        }
        if isOver {
            // What it started goes with it.
            if !mayLeave { kill(-pid, SIGKILL) }
            if status & 0x7f != 0 { return .signalled(status & 0x7f) }
            return .exited(
                (status >> 8) & 0xff, output: exchange.output, complaint: exchange.complaint)
        }
        kill(-pid, SIGKILL)
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return exchange.isTooMuch ? .saidTooMuch : .tookTooLong
    }

    /// Starts a program as `run` does, and leaves it to the caller, who waits for its end and kills its process group. It ends with us
    /// in any case.
    ///
    /// - Parameters:
    ///   - settings: Variables that only it sees, as `NAME=value`.
    ///   - stream: What it reads and writes.
    ///   - leash: The path of a terminal for its complaints, which becomes its controlling terminal: when our end of that is closed,
    ///     by whatever ended us, it is sent SIGHUP.
    static func start(_ words: [String], settings: [String] = [], stream: Int32, leash: String)
        -> Result<pid_t, NotStarted>
    {
        var pid: pid_t = 0
        let status = spawn(words, environment([]) + settings, &pid, [stream, stream], leash)
        return status == 0 ? .success(pid) : .failure(NotStarted(number: status))
    }

    /// Why a program was not started, as the system's number.
    struct NotStarted: Error {
        let number: Int32
    }

    private static func spawn(
        _ words: [String], _ environment: [String], _ pid: inout pid_t, _ streams: [Int32],
        _ leash: String? = nil
    ) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The copies have no close-on-exec; all of ours have.
        for (place, stream) in streams.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, stream, Int32(place))
        }
        // Opened by who leads a session and has no terminal yet, it becomes that.
        if let leash { posix_spawn_file_actions_addopen(&actions, 2, leash, O_RDWR, 0) }
        clinux_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes, clinux_spawn_in_own_session | Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        return posix_spawn(&pid, words[0], &actions, &attributes, &arguments, &variables)
    }

    private static func environment(_ names: [String]) -> [String] {
        (["PATH", "HOME", "LANG", "TZ"] + names).compactMap { (name: String) in
            getenv(name).map { "\(name)=\(String(cString: $0))" }
        }
    }

    private static func pipes() -> (Pipe, Pipe, Pipe)? {
        guard let first = Pipe(), let second = Pipe(), let third = Pipe() else { return nil }
        return (first, second, third)
    }

    static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }

    /// Milliseconds that nobody can set.
    static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    /// One end of a pipe.
    private final class FileEnd {
        private(set) var descriptor: Int32
        init(_ descriptor: Int32) { self.descriptor = descriptor }
        func close() {
            if descriptor >= 0 { Glibc.close(descriptor) }
            descriptor = -1
        }
    }

    private struct Pipe {
        let reading: FileEnd
        let writing: FileEnd

        init?() {
            var ends: [Int32] = [-1, -1]
            guard clinux_pipe(&ends) == 0 else { return nil }
            (reading, writing) = (FileEnd(ends[0]), FileEnd(ends[1]))
        }

        func close() {
            reading.close()
            writing.close()
        }
    }

    /// What goes to and fro.
    private struct Exchange {
        var input: [UInt8]
        let limit: Int
        let keepsErrors: Bool
        var output: [UInt8] = []
        var complaint: [UInt8] = []
        var isTooMuch = false

        init(input: [UInt8], limit: Int, keepsErrors: Bool) {
            self.input = input
            self.limit = limit
            self.keepsErrors = keepsErrors
        }

        /// Feeds and reads until both outputs are closed. False when the time is over or too much came.
        mutating func run(_ stdin: FileEnd, _ stdout: FileEnd, _ stderr: FileEnd, until deadline: Int) -> Bool {
            for end in [stdin, stdout, stderr] {
                _ = fcntl(end.descriptor, F_SETFL, fcntl(end.descriptor, F_GETFL) | O_NONBLOCK)
            }
            if input.isEmpty { stdin.close() }
            while stdout.descriptor >= 0 || stderr.descriptor >= 0 {
                let left = deadline - now()
                guard left > 0 else { return false }
                var polled = [
                    pollfd(fd: stdin.descriptor, events: Int16(POLLOUT), revents: 0),
                    pollfd(fd: stdout.descriptor, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: stderr.descriptor, events: Int16(POLLIN), revents: 0),
                ]
                guard poll(&polled, 3, Int32(min(left, 60_000))) >= 0 || errno == EINTR else { return false }
                if polled[0].revents != 0 { feed(stdin) }
                if polled[1].revents != 0 { take(stdout, into: \.output) }
                if polled[2].revents != 0 { take(stderr, into: \.complaint) }
                if output.count + (keepsErrors ? complaint.count : 0) > limit {
                    isTooMuch = true
                    return false
                }
            }
            return true
        }

        private mutating func feed(_ end: FileEnd) {
            // Without MSG_NOSIGNAL a reader that is gone would end us: pipes have no such flag, so the signal is blocked here.
            var pipes = sigset_t()
            sigemptyset(&pipes)
            sigaddset(&pipes, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &pipes, nil)
            let count = write(end.descriptor, input, input.count)
            if count > 0 { input.removeFirst(count) }
            if input.isEmpty || count < 0 && errno != EAGAIN && errno != EINTR { end.close() }
        }

        private mutating func take(_ end: FileEnd, into path: WritableKeyPath<Self, [UInt8]>) {
            var buffer = [UInt8](repeating: 0, count: 16_384)
            let count = read(end.descriptor, &buffer, buffer.count)
            if count > 0 {
                // Of complaints the beginning says what is wrong; the rest is read and dropped.
                let isFull = !keepsErrors && path == \Self.complaint && self[keyPath: path].count > 2000
                if !isFull { self[keyPath: path] += buffer.prefix(count) }
            } else if count == 0 || errno != EAGAIN && errno != EINTR {
                end.close()
            }
        }
    }
}
