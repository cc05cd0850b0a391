import Glibc

/// Joins a terminal to file descriptors, until either side ends: what a process that serves one session does.
///
/// A pty is made raw, as the device does its own echo, and its size is the terminal's.
public struct ConsoleStream {
    private let storage: any ConsoleStorage
    private let user: String
    private let now: () -> Moment
    private let input: Int32
    private let output: Int32

    /// A session of `user` that reads `input` and writes `output`, which are descriptors; `now` is asked before each step.
    public init(
        _ storage: any ConsoleStorage, user: String, input: Int32 = 0, output: Int32 = 1,
        now: @escaping () -> Moment
    ) {
        self.storage = storage
        self.user = user
        self.input = input
        self.output = output
        self.now = now
    }

    /// Serves the session; with a command, only that one. Blocks.
    ///
    /// - Returns: what the process should exit with.
    /// - Throws: `ConsoleError` when the device cannot be read or kept.
    public func run(_ command: String? = nil) throws(ConsoleError) -> Int32 {
        // A hang-up is the end of the input, which is seen below: the session is to end in good order.
        signal(SIGHUP, SIG_IGN)
        var size = winsize()
        let isTerminal = isatty(input) == 1
        if isTerminal { _ = ioctl(input, UInt(TIOCGWINSZ), &size) }
        var terminal = try ConsoleTerminal(
            storage, user: user, width: size.ws_col > 0 ? Int(size.ws_col) : 80,
            height: size.ws_row > 0 ? Int(size.ws_row) : 24, hasTerminal: isTerminal)
        if let command {
            return perform(try terminal.execute(command, at: now())) ?? 0
        }
        if isTerminal { makeRaw() }
        var status = perform(try terminal.open(at: now()))
        while status == nil {
            switch read() {
            case .bytes(let bytes):
                // Line by line: each is answered before the next is looked at.
                for line in bytes.split(after: 13) where status == nil {
                    status = perform(try terminal.receive(line, at: now()))
                }
            case .silence: status = perform(try terminal.tick(at: now()))
            case .end: status = 0
            }
        }
        try terminal.close(at: now())
        return status ?? 0
    }

    private enum Input {
        case bytes([UInt8])
        case silence
        case end
    }

    /// What was typed within a second.
    private func read() -> Input {
        var descriptor = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 1000) > 0 else { return .silence }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(input, &buffer, buffer.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return .silence }
        return count > 0 ? .bytes(Array(buffer.prefix(count))) : .end
    }

    /// Carries effects out; the exit status if the session is over.
    private func perform(_ effects: [ConsoleEffect]) -> Int32? {
        for effect in effects {
            switch effect {
            case .send(let bytes): guard write(bytes) else { return 0 }
            case .wait(let milliseconds): usleep(UInt32(clamping: milliseconds * 1000))
            case .hangUp(let status): return status
            case .stall: return nil
            }
        }
        return nil
    }

    /// False when nobody reads any more.
    private func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var descriptor = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
                _ = poll(&descriptor, 1, 1000)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    private func makeRaw() {
        var settings = termios()
        guard tcgetattr(input, &settings) == 0 else { return }
        cfmakeraw(&settings)
        tcsetattr(input, TCSANOW, &settings)
    }
}

extension [UInt8] {
    /// In pieces that each end with that byte, but for the last.
    fileprivate func split(after end: UInt8) -> [[UInt8]] {
        var pieces: [[UInt8]] = [[]]
        for byte in self {
            pieces[pieces.count - 1].append(byte)
            if byte == end { pieces.append([]) }
        }
        return pieces.filter { !$0.isEmpty }
    }
}
