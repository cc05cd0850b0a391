import RolloutEngine

/// What became of a request.
enum SNMPOutcome: Sendable {
    case answered(SNMPAnswer)
    /// Nothing came, however often it was sent.
    case silent
    /// The kernel would not send it.
    case refused(Int32)
    /// It could not be put into a message.
    case unwritable
    /// The source was stopped.
    case stopped
}

/// The requests under way: numbers them, sends them again in time, and knows which answers are theirs.
final class SNMPExchange {
    /// A request with everything that sending it takes.
    struct Sending {
        let request: EncodedRequest
        let contact: AgentRecord.Contact
        /// Nanoseconds until it is sent again or given up.
        let timeout: UInt64
        let tries: Int
        /// Whether an answer from another address counts.
        let anySource: Bool
    }

    private struct Pending {
        var sending: Sending
        var deadline: UInt64
        var triesLeft: Int
        let done: UnsafeContinuation<SNMPOutcome, Never>
    }

    /// Requests that may be under way at once. Each answer takes kernel memory while it waits to be read.
    static let window = 500

    private let codec: SNMPCodec
    private var numbers = RandomNumbers()
    private var pending: [Int32: Pending] = [:]
    private var inFlight = 0
    private var waiting = Fifo<UnsafeContinuation<Void, Never>>()
    private(set) var isStopped = false
    /// No request is due before this: a lower bound, so that most answers need not touch it.
    private(set) var nextDeadline = UInt64.max
    /// The sockets on which something is queued.
    private var unsent: [DatagramSocket] = []

    /// Whether anything is under way.
    var isBusy: Bool { !pending.isEmpty }
    /// How many requests are under way.
    var underWay: Int { pending.count }

    init(codec: SNMPCodec) { self.codec = codec }

    /// What has to be done soon after a request was begun.
    struct Duties: OptionSet {
        let rawValue: Int
        /// `flush`, once whoever else is ready has begun its request too.
        static let flush = Duties(rawValue: 1)
        /// `nextDeadline` is earlier than it was, or nothing was under way before.
        static let schedule = Duties(rawValue: 2)
    }

    /// Queues a request, sent with the next `flush`, and waits for what becomes of it.
    func perform(
        _ sending: Sending, isolation: isolated (any Actor)? = #isolation, due: (Duties) -> Void
    ) async -> SNMPOutcome {
        if inFlight < Self.window {
            inFlight += 1
        } else {
            // Whoever finishes hands over its place.
            await withUnsafeContinuation { waiting.append($0) }
        }
        defer { leave() }
        guard !isStopped else { return .stopped }
        return await withUnsafeContinuation { start(sending, $0, due) }
    }

    private func leave() {
        guard let next = waiting.popFirst() else {
            inFlight -= 1
            return
        }
        next.resume()
    }

    private func start(
        _ sending: Sending, _ done: UnsafeContinuation<SNMPOutcome, Never>, _ due: (Duties) -> Void
    ) {
        // A number that nobody can guess, as it is part of what makes an answer ours.
        var identifier = SNMPCodec.placeholder | numbers.next() & (SNMPCodec.placeholder - 1)
        while pending[identifier] != nil { identifier = SNMPCodec.placeholder | (identifier &+ 1) & Int32.max }
        let now = Deadline.now().nanoseconds
        guard queue(sending, identifier, at: now) else { return done.resume(returning: .unwritable) }
        let deadline = now + sending.timeout
        pending[identifier] = Pending(sending: sending, deadline: deadline, triesLeft: sending.tries - 1, done: done)
        var duties: Duties = .flush
        if deadline < nextDeadline || pending.count == 1 {
            nextDeadline = min(deadline, nextDeadline)
            duties.insert(.schedule)
        }
        due(duties)
    }

    private func queue(_ sending: Sending, _ identifier: Int32, at now: UInt64) -> Bool {
        let octets: [UInt8]
        if let security = sending.contact.security {
            guard let message = security.message(with: sending.request, identifier: identifier, at: now) else {
                return false
            }
            octets = message
        } else {
            octets = sending.request.identified(identifier)
        }
        let socket = sending.contact.socket
        if !unsent.contains(where: { $0 === socket }) { unsent.append(socket) }
        socket.queue(octets, to: sending.contact.endpoint, for: identifier)
        return true
    }

    /// Sends what is queued.
    func flush() {
        for socket in unsent {
            socket.flush { identifier, error in
                pending.removeValue(forKey: identifier)?.done.resume(returning: .refused(error))
            }
        }
        unsent.removeAll(keepingCapacity: true)
    }

    /// Reads what has come. An answer counts only with the number of a pending request, from the address that was asked,
    /// on the socket that asked, and with the proof that v3 demands; everything else, late and double answers included, is
    /// dropped.
    ///
    /// - Returns: How many datagrams that were.
    func receive(from socket: DatagramSocket) -> Int {
        socket.receive(atMost: 64) { datagram, source in
            guard let frame = SNMPFrame(UnsafeBufferPointer(datagram)), let entry = pending[frame.identifier] else {
                return
            }
            let contact = entry.sending.contact
            guard contact.socket === socket, contact.endpoint == source || entry.sending.anySource,
                let answer = codec.read(
                    datagram, frame, asked: entry.sending.request, isVersion1: contact.isVersion1, contact.security,
                    at: Deadline.now().nanoseconds)
            else { return }
            pending.removeValue(forKey: frame.identifier)?.done.resume(returning: .answered(answer))
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
                _ = queue(entry.sending, identifier, at: now)
            }
            nextDeadline = min(nextDeadline, entry.deadline)
        }
        for identifier in silent { pending.removeValue(forKey: identifier)?.done.resume(returning: .silent) }
        flush()
    }

    /// Ends everything that is under way and begins nothing more.
    func stop() {
        isStopped = true
        let abandoned = pending.values.map(\.done)
        pending = [:]
        for done in abandoned { done.resume(returning: .stopped) }
    }
}
