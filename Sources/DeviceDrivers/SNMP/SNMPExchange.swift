import RolloutEngine

/// What became of a request.
enum SNMPOutcome: Sendable {
    case answered(SNMPAnswer)
    /// Nothing came, however often it was sent.
    case silent
    /// The kernel would not send it.
    case refused(Int32)
    /// The source was stopped.
    case stopped
}

/// The requests under way: numbers them, sends them again in time, and knows which answers are theirs.
final class SNMPExchange {
    /// A request with everything that sending it takes.
    struct Sending {
        let request: EncodedRequest
        let endpoint: Endpoint
        let socket: DatagramSocket
        /// Nanoseconds until it is sent again or given up.
        let timeout: UInt64
        let tries: Int
    }

    private struct Pending {
        var sending: Sending
        var deadline: UInt64
        var triesLeft: Int
        let done: CheckedContinuation<SNMPOutcome, Never>
    }

    /// Requests that may be under way at once. Each answer takes kernel memory while it waits to be read.
    static let window = 500

    private let codec: SNMPCodec
    private var pending: [Int32: Pending] = [:]
    private var inFlight = 0
    private var waiting = Fifo<CheckedContinuation<Void, Never>>()
    private(set) var isStopped = false
    /// No request is due before this: a lower bound, so that most answers need not touch it.
    private(set) var nextDeadline = UInt64.max

    /// Whether anything is under way.
    var isBusy: Bool { !pending.isEmpty }

    init(codec: SNMPCodec) { self.codec = codec }

    /// Sends a request and waits for what becomes of it. `scheduled` is called when `nextDeadline` became earlier than
    /// it was, or nothing was under way before.
    func perform(
        _ sending: Sending, isolation: isolated (any Actor)? = #isolation, scheduled: () -> Void
    ) async -> SNMPOutcome {
        if inFlight < Self.window {
            inFlight += 1
        } else {
            // Whoever finishes hands over its place.
            await withCheckedContinuation { waiting.append($0) }
        }
        defer { leave() }
        guard !isStopped else { return .stopped }
        return await withCheckedContinuation { start(sending, $0, scheduled) }
    }

    private func leave() {
        guard let next = waiting.popFirst() else {
            inFlight -= 1
            return
        }
        next.resume()
    }

    private func start(
        _ sending: Sending, _ done: CheckedContinuation<SNMPOutcome, Never>, _ scheduled: () -> Void
    ) {
        // A number that nobody can guess, as it is part of what makes an answer ours.
        var identifier = SNMPCodec.placeholder | Int32.random(in: 0..<SNMPCodec.placeholder)
        while pending[identifier] != nil { identifier = SNMPCodec.placeholder | (identifier &+ 1) & Int32.max }
        var request = sending.request
        request.identify(identifier)
        let sending = Sending(
            request: request, endpoint: sending.endpoint, socket: sending.socket, timeout: sending.timeout,
            tries: sending.tries)
        if let error = sending.socket.send(request.datagram, to: sending.endpoint) {
            done.resume(returning: .refused(error))
            return
        }
        let deadline = Deadline.now().nanoseconds + sending.timeout
        pending[identifier] = Pending(sending: sending, deadline: deadline, triesLeft: sending.tries - 1, done: done)
        guard deadline < nextDeadline || pending.count == 1 else { return }
        nextDeadline = min(deadline, nextDeadline)
        scheduled()
    }

    /// Reads what has come. An answer counts only with the number of a pending request, from the address that was asked,
    /// on the socket that asked; everything else, late and double answers included, is dropped.
    func receive(from socket: DatagramSocket) {
        socket.receive(atMost: 64) { datagram, source in
            let decoded = codec.decode(datagram) { identifier in
                guard let pending = pending[identifier], pending.sending.endpoint == source,
                    pending.sending.socket === socket
                else { return nil }
                return pending.sending.request.request
            }
            guard let decoded else { return }
            pending.removeValue(forKey: decoded.identifier)?.done.resume(returning: .answered(decoded.answer))
        }
    }

    /// Sends again what has waited long enough, and gives up what was sent often enough.
    func expire(at now: UInt64) {
        var silent: [Int32] = []
        nextDeadline = .max
        for (identifier, entry) in pending {
            var entry = entry
            if entry.deadline <= now {
                guard entry.triesLeft > 0 else {
                    silent.append(identifier)
                    continue
                }
                entry.triesLeft -= 1
                entry.deadline = now + entry.sending.timeout
                pending[identifier] = entry
                // Should the kernel refuse now, it is as if the datagram was lost.
                _ = entry.sending.socket.send(entry.sending.request.datagram, to: entry.sending.endpoint)
            }
            nextDeadline = min(nextDeadline, entry.deadline)
        }
        for identifier in silent { pending.removeValue(forKey: identifier)?.done.resume(returning: .silent) }
    }

    /// Ends everything that is under way and begins nothing more.
    func stop() {
        isStopped = true
        let abandoned = pending.values.map(\.done)
        pending = [:]
        for done in abandoned { done.resume(returning: .stopped) }
    }
}
