import Glibc
package import RolloutEngine

/// An interactive session of the program `ssh`: bytes there and back, on a terminal or a pair of sockets that it holds the other end of.
///
/// It lives on a reactor's thread, as sessions of the built-in library do.
package actor OpenSSHConsole: ConsoleSession {
    /// What `ssh` is asked for on its connection.
    enum Purpose: Hashable, Sendable, CustomStringConvertible {
        /// A terminal of so many columns, and what the device starts for who logs in.
        case terminal(width: Int)
        /// A subsystem by its name, such as `netconf`.
        case subsystem(String)

        /// In words for an error.
        var description: String {
            switch self {
            case .terminal: "a terminal and a shell"
            case .subsystem(let name): "the subsystem \(name)"
            }
        }
    }

    /// No pager stops in a terminal this high.
    private static let height = 1000
    /// What is handed over at once, at the most.
    private static let portion = 1 << 20

    nonisolated let reactor: Reactor
    nonisolated package var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    /// The folder of its connection's socket and logs.
    nonisolated var folder: String { session.line.folder }
    private let session: OpenSSHSession
    private let purpose: Purpose
    private var peer: SSHError.Peer { session.peer }
    private var end: CInt = -1
    /// Where it says why it ended, and a subsystem speaks to nobody; and how that began.
    private var errors: CInt = -1
    private var said: [UInt8] = []
    private var process: pid_t = -1
    private var unread: [UInt8] = []
    private var endedBecause: String?
    private var waiting: UInt64?

    /// - Parameter session: A connection that is nobody else's; it ends with this.
    init(_ purpose: Purpose, over session: OpenSSHSession, on reactor: Reactor) {
        self.purpose = purpose
        self.session = session
        self.reactor = reactor
    }

    isolated deinit {
        release("forgotten")
    }

    // MARK: Beginning

    /// Starts `ssh`, and waits until the connection has the session.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    func open(within limit: Timespan) async throws(DriverError) {
        let until = Deadline.after(limit)
        do throws(SSHError) {
            try start()
            while !session.saysThatSessionIsOpen {
                if hasEnded { throw .lost(peer: peer, step: "opening a session", reason: "ssh has ended\(complaint)") }
                if Deadline.now() >= until { throw .timeout(peer: peer, step: "opening a session", limit: limit) }
                // Nothing but its log tells: what comes on the terminal may be long in coming.
                _ = try await pause([], until: min(until, Deadline.after(.milliseconds(5))))
            }
            // Its modes until here are those that the device's terminal is asked to have. `ssh` sees to this as well, a little later.
            if case .terminal = purpose { LocalEnds.makeRaw(end) }
        } catch {
            await close()
            throw error.driverError(effect: .none)
        }
    }

    private func start() throws(SSHError) {
        let pair = try ends { () throws(LocalEnds.Failure) in
            switch purpose {
            case .terminal(let width): try .terminal(width: width, height: Self.height)
            case .subsystem: try .sockets()
            }
        }
        end = pair.ours
        defer { Glibc.close(pair.theirs) }
        let leash = try ends { () throws(LocalEnds.Failure) in try .terminal(width: 80, height: 24) }
        errors = leash.ours
        defer { Glibc.close(leash.theirs) }
        let words = session.line.talking(purpose, to: session.device)
        let started = ChildProcess.start(words, settings: ["TERM=vt100"], stream: pair.theirs, leash: leash.path)
        switch started {
        case .success(let pid): process = pid
        case .failure(let trouble):
            throw .localSetup("\(words.first ?? "") cannot be started: \(Errno.text(trouble.number))")
        }
    }

    private func ends(_ make: () throws(LocalEnds.Failure) -> LocalEnds) throws(SSHError) -> LocalEnds {
        do throws(LocalEnds.Failure) { return try make() } catch {
            throw .localSetup("a session with \(peer) on this machine: \(error.reason)")
        }
    }

    // MARK: Bytes

    /// Sends bytes, all of them.
    package func send(_ bytes: [UInt8], within limit: Timespan) async throws(DriverError) {
        let step = "sending to the terminal"
        let until = Deadline.after(limit)
        var rest = bytes[...]
        do throws(SSHError) {
            while !rest.isEmpty {
                try check(step)
                let count = LocalEnds.write(rest, to: end)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    // It takes no more until what it says is read.
                    unread += try readOnce(step)
                    if try await !pause([.read, .write], until: until) {
                        throw .timeout(peer: peer, step: step, limit: limit)
                    }
                } else if errno != EINTR {
                    throw ended(step)
                }
            }
        } catch {
            release(error.driverError(effect: .none).message)
            throw error.driverError(effect: .possible)
        }
    }

    /// Waits for bytes, and gives all that have come; none when the time is over.
    package func receive(within limit: Timespan) async throws(DriverError) -> [UInt8] {
        let step = "waiting for output"
        let until = Deadline.after(limit)
        do throws(SSHError) {
            while true {
                try check(step)
                let bytes = unread.isEmpty ? try readOnce(step) : unread
                unread = []
                if !bytes.isEmpty { return bytes }
                if try await !pause(.read, until: until) { return [] }
            }
        } catch {
            release(error.driverError(effect: .none).message)
            throw error.driverError(effect: .possible)
        }
    }

    /// Reads what has come, up to a portion. An end is told only once everything before it was handed over.
    private func readOnce(_ step: String) throws(SSHError) -> [UInt8] {
        reactor.preconditionOnLoop()
        let buffer = reactor.scratch
        listen()
        var bytes: [UInt8] = []
        while bytes.count < Self.portion {
            let count = read(end, buffer.baseAddress, buffer.count)
            if count > 0 {
                bytes += buffer.prefix(count)
            } else if count < 0, errno == EINTR {
                continue
            } else {
                if bytes.isEmpty, count == 0 || errno != EAGAIN { throw ended(step) }
                break
            }
        }
        return bytes
    }

    /// Takes in what comes beside, of which the beginning is kept: nobody would hear of the rest.
    private func listen() {
        let buffer = reactor.scratch
        while errors >= 0 {
            let count = read(errors, buffer.baseAddress, buffer.count)
            if count > 0 {
                said += buffer.prefix(min(count, 500 - said.count))
            } else if count == 0 || errno != EAGAIN && errno != EINTR {
                forget(&errors)
            } else if errno == EAGAIN {
                return
            }
        }
    }

    private func forget(_ descriptor: inout CInt) {
        guard descriptor >= 0 else { return }
        reactor.forget(descriptor)
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// Waits for one of these, or until then. False when the time is over.
    private func pause(_ interest: Reactor.Interest, until: Deadline) async throws(SSHError) -> Bool {
        let number = reactor.makeRegistration()
        waiting = number
        let sources =
            interest.isEmpty
            ? [] : [Reactor.Source(end, interest)] + (errors >= 0 ? [Reactor.Source(errors, .read)] : [])
        let outcome = await withTaskCancellationHandler {
            // A cancellation that comes later is told through the reactor's inbox, which it reads after this.
            if Task.isCancelled { return Reactor.Outcome.woken }
            return await withUnsafeContinuation { reactor.park($0, as: number, sources: sources, until: until) }
        } onCancel: {
            reactor.wake(number)
        }
        waiting = nil
        switch outcome {
        case .ready: return true
        case .expired: return false
        case .woken, .stopped: throw .cancelled(peer: peer, step: "waiting for ssh")
        }
    }

    private func check(_ step: String) throws(SSHError) {
        if let endedBecause { throw .closed(peer: peer, reason: endedBecause) }
        if Task.isCancelled { throw .cancelled(peer: peer, step: step) }
    }

    private func ended(_ step: String) -> SSHError {
        let reason =
            session.saysThatItWasRefused
            ? "the device does not give \(purpose)" : "the device ended the session, or the connection broke"
        return .lost(peer: peer, step: step, reason: reason + complaint)
    }

    /// What `ssh` says of it, as words behind a reason.
    private var complaint: String {
        listen()
        let words = session.complaints(after: String(decoding: said, as: UTF8.self))
        return words.isEmpty ? "" : " (\(words))"
    }

    // MARK: Ending

    /// Whether `ssh` is over; it is no process then any more.
    private var hasEnded: Bool {
        guard process > 0 else { return true }
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return false }
        process = -1
        return true
    }

    /// Ends the session and its connection.
    package func close() async {
        release("it was closed")
        await session.close()
    }

    private func release(_ reason: String) {
        if endedBecause == nil { endedBecause = reason }
        if let waiting { reactor.wake(waiting) }
        forget(&end)
        forget(&errors)
        guard process > 0 else { return }
        let pid = process
        process = -1
        HelperThreads.shared.run {
            kill(-pid, SIGKILL)
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        }
    }
}

extension OpenSSHTransport: ConsoleTransport, SubsystemTransport {
    /// A fresh, authenticated session with a terminal, over a connection of its own.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    package func openConsole(to device: Device, width: Int, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
    {
        try await open(.terminal(width: width), on: device, within: limit)
    }

    /// A fresh, authenticated session with a subsystem, over a connection of its own.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    package func openSubsystem(_ name: String, on device: Device, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
    {
        try await open(.subsystem(name), on: device, within: limit)
    }

    private func open(_ purpose: OpenSSHConsole.Purpose, on device: Device, within limit: Timespan)
        async throws(DriverError) -> any ConsoleSession
    {
        let until = Deadline.after(limit)
        let session = try await connectSession(to: device, within: limit)
        let console = OpenSSHConsole(purpose, over: session, on: reactors.next())
        try await console.open(within: max(.milliseconds(1), until.remaining))
        return console
    }
}
