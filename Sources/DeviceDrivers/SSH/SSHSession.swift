import CLinux
import CSSH2
import Glibc
package import RolloutEngine

/// One SSH connection to one device.
///
/// It lives on its reactor's thread, where every call into libssh2 is made. Operations go one after another through a gate:
/// an actor may be entered while an operation waits, libssh2 may not. An operation that was given up half done leaves
/// libssh2 in the middle of a packet, so the session is then dead and closed at once; nothing is ever retried on it.
package actor SSHSession: CommandSession {
    /// What a session is made for.
    struct Settings: Sendable {
        var peer: SSHError.Peer
        /// The DSCP value of our packets.
        var dscp: Int
        /// The most that a command may print.
        var outputLimit: Int
        var pacer: Pacer?
    }

    /// Why an operation ended the session, and whether a command may have been received by then.
    struct Failure: Error {
        var error: SSHError
        var effect: DriverError.Effect
    }

    /// How long something may take, and when that is over.
    struct TimeLimit: Sendable {
        let span: Timespan
        let deadline: Deadline

        init(_ span: Timespan) {
            self.span = span
            deadline = .after(span)
        }
    }

    nonisolated let reactor: Reactor
    nonisolated package var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    let settings: Settings
    let watch: UnsafeMutablePointer<cssh2_watch>
    var session: OpaquePointer?
    var socket: CInt = -1
    /// The session to the jump device that carries this one.
    var carrier: SSHSession?
    /// The channel of the interactive session, if this one has one, and what came on it while it was written to.
    var shell: OpaquePointer?
    var unread: [UInt8] = []
    /// Until the first read, libssh2 may hold bytes that it took off the socket and has not made out.
    var hasReadShell = false
    /// Set when the current command's request may have left.
    var commandMayHaveLeft = false

    private var endedBecause: String?
    private var isClosing = false
    private var isBusy = false
    private var queue: [CheckedContinuation<Void, Never>] = []
    private var current: UInt64 = 0
    private var lastOperation: UInt64 = 0
    private var cancelled: Set<UInt64> = []
    private var waiting: UInt64?

    nonisolated var peer: SSHError.Peer { settings.peer }

    /// A session that is not yet connected.
    init(on reactor: Reactor, _ settings: Settings) {
        self.reactor = reactor
        self.settings = settings
        watch = .allocate(capacity: 1)
        watch.initialize(to: cssh2_watch())
        watch.pointee.paced = settings.pacer == nil ? 0 : 1
    }

    isolated deinit {
        release("forgotten")
        watch.deallocate()
    }

    // MARK: CommandSession

    /// Runs one command line, feeds it `input`, and waits for its end.
    package func run(_ command: String, input: [UInt8], within limit: Timespan) async throws(DriverError)
        -> CommandResult
    {
        let time = TimeLimit(limit)
        let result = await operation { session async throws(SSHError) in
            try await session.execute(command, input: input, time)
        }
        switch result {
        case .success(let result): return result
        case .failure(let failure): throw failure.error.driverError(effect: failure.effect)
        }
    }

    /// Ends the session: says goodbye when it can be said at once, never waits for an answer.
    package func close() async {
        isClosing = true
        if let waiting { reactor.wake(waiting) }
        await enter()
        if let session, endedBecause == nil {
            reactor.preconditionOnLoop()
            _ = libssh2_session_disconnect_ex(session, SSH_DISCONNECT_BY_APPLICATION, "done", "")
        }
        release("closed")
        leave()
        await carrier?.close()
    }

    // MARK: Operations

    /// Runs an operation alone, and ends the session when it fails: what is half done cannot be taken up again.
    func operation<Value: Sendable>(
        _ body: @escaping @Sendable (isolated SSHSession) async throws(SSHError) -> Value
    ) async -> Result<Value, Failure> {
        lastOperation += 1
        let number = lastOperation
        return await withTaskCancellationHandler {
            await enter()
            defer { leave() }
            current = number
            commandMayHaveLeft = false
            defer { cancelled.remove(number) }
            do throws(SSHError) {
                if let endedBecause { throw .closed(peer: peer, reason: endedBecause) }
                try checkInterruption("waiting for its turn")
                return .success(try await body(self))
            } catch {
                release(error.driverError(effect: .none).message)
                return .failure(Failure(error: error, effect: commandMayHaveLeft ? .possible : .none))
            }
        } onCancel: {
            Task { await self.cancel(number) }
        }
    }

    private func cancel(_ number: UInt64) {
        guard number >= current else { return }
        cancelled.insert(number)
        if number == current, let waiting { reactor.wake(waiting) }
    }

    private func checkInterruption(_ step: String) throws(SSHError) {
        if isClosing || cancelled.contains(current) { throw .cancelled(peer: peer, step: step) }
    }

    private func enter() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { queue.append($0) }
    }

    private func leave() {
        if queue.isEmpty { isBusy = false } else { queue.removeFirst().resume() }
    }

    // MARK: Waiting

    /// Calls libssh2 until it no longer asks for patience; gives its last answer.
    func drive(_ step: String, _ time: TimeLimit, _ attempt: (OpaquePointer) -> Int) async throws(SSHError) -> Int {
        while true {
            let answer = try call(step, attempt)
            if answer != Int(LIBSSH2_ERROR_EAGAIN) { return answer }
            try await pauseForSocket(step, time)
        }
    }

    /// As `drive`, for calls that give a pointer or none.
    func drivePointer(_ step: String, _ time: TimeLimit, _ attempt: (OpaquePointer) -> OpaquePointer?)
        async throws(SSHError) -> OpaquePointer?
    {
        var found: OpaquePointer?
        _ = try await drive(step, time) { session in
            found = attempt(session)
            return found == nil ? Int(libssh2_session_last_errno(session)) : 0
        }
        return found
    }

    /// One call into libssh2, on the loop's thread.
    func call(_ step: String, _ attempt: (OpaquePointer) -> Int) throws(SSHError) -> Int {
        reactor.preconditionOnLoop()
        guard let session else { throw .closed(peer: peer, reason: endedBecause ?? "not connected") }
        return attempt(session)
    }

    /// Waits in the directions in which libssh2 is blocked, then for the pacer if it was that.
    func pauseForSocket(
        _ step: String, _ time: TimeLimit, and other: Reactor.Source? = nil, orUntil moment: Deadline? = nil
    ) async throws(SSHError) {
        let own = Reactor.Source(socket, blockedDirections())
        try await pause(step, time, for: other.map { [own, $0] } ?? [own], orUntil: moment)
        guard watch.pointee.throttled != 0, let pacer = settings.pacer else { return }
        watch.pointee.throttled = 0
        let start = pacer.reserve()
        do throws(SSHError) {
            while Deadline.now() < start { try await pause(step, time, orUntil: start) }
        } catch {
            pacer.giveBack(pacer.portion)
            throw error
        }
        watch.pointee.allowance += pacer.portion
    }

    func blockedDirections() -> Reactor.Interest {
        reactor.preconditionOnLoop()
        guard let session else { return .read }
        let directions = libssh2_session_block_directions(session)
        var interest: Reactor.Interest = []
        if directions & LIBSSH2_SESSION_BLOCK_INBOUND != 0 { interest.insert(.read) }
        if directions & LIBSSH2_SESSION_BLOCK_OUTBOUND != 0 { interest.insert(.write) }
        return interest.isEmpty ? .read : interest
    }

    /// Waits for sockets, or until a moment that is no failure, but never beyond the limit.
    func pause(
        _ step: String, _ time: TimeLimit, for sources: [Reactor.Source] = [], orUntil moment: Deadline? = nil,
        as number: UInt64? = nil
    ) async throws(SSHError) {
        try checkInterruption(step)
        let registration = number ?? reactor.makeRegistration()
        waiting = registration
        let until = moment.map { min($0, time.deadline) } ?? time.deadline
        let outcome = await withUnsafeContinuation {
            reactor.park($0, as: registration, sources: sources, until: until)
        }
        waiting = nil
        try checkInterruption(step)
        switch outcome {
        case .ready, .woken: return
        case .expired:
            if let moment, moment < time.deadline { return }
            throw .timeout(peer: peer, step: step, limit: time.span)
        case .stopped: throw .cancelled(peer: peer, step: step)
        }
    }

    // MARK: Ending

    /// What libssh2 says went wrong last, in its words.
    func lastError() -> String {
        reactor.preconditionOnLoop()
        guard let session else { return endedBecause ?? "not connected" }
        var text: UnsafeMutablePointer<CChar>?
        let code = libssh2_session_last_error(session, &text, nil, 0)
        guard let text, text[0] != 0 else { return "libssh2 error \(code)" }
        return "\(String(cString: text)) (libssh2 error \(code))"
    }

    /// Frees everything. The socket is severed first, so that nothing in libssh2 can want to wait.
    func release(_ reason: String) {
        reactor.preconditionOnLoop()
        if endedBecause == nil { endedBecause = reason }
        watch.pointee.severed = 1
        if socket >= 0 {
            shutdown(socket, CInt(SHUT_RDWR))
            reactor.forget(socket)
        }
        if let session {
            // Each call frees a little more and may still say EAGAIN once for every channel.
            var tries = 0
            while libssh2_session_free(session) == LIBSSH2_ERROR_EAGAIN, tries < 100 { tries += 1 }
        }
        session = nil
        shell = nil
        if socket >= 0 { Glibc.close(socket) }
        socket = -1
        dropPreface()
        settings.pacer?.giveBack(watch.pointee.allowance)
        watch.pointee.allowance = 0
    }

    /// Forgets the server's first bytes, once they can no longer explain a failure.
    func dropPreface() {
        free(watch.pointee.preface)
        watch.pointee.preface = nil
        watch.pointee.preface_length = 0
        watch.pointee.preface_served = 0
    }

    // MARK: For tests and screens

    /// Bytes moved so far, both directions.
    package var bytesMoved: UInt64 { watch.pointee.moved }

    /// The traffic class that the socket really has: its DSCP times four.
    package var trafficClass: CInt? {
        var value: CInt = -1
        var size = socklen_t(MemoryLayout<CInt>.size)
        if getsockopt(socket, CInt(IPPROTO_IPV6), IPV6_TCLASS, &value, &size) == 0 { return value }
        return getsockopt(socket, CInt(IPPROTO_IP), IP_TOS, &value, &size) == 0 ? value : nil
    }
}
