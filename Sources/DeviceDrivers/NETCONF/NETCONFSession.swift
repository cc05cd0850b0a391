package import RolloutEngine

/// One NETCONF session: requests one after another, each with its own reply.
///
/// It keeps in mind whether anything was sent that may have changed the device, and every error says so. It runs where its
/// connection runs.
package actor NETCONFSession {
    nonisolated private let host: any Actor
    /// Its connection's.
    nonisolated package var unownedExecutor: UnownedSerialExecutor { host.unownedExecutor }

    /// The largest message that is taken in: 16 MiB.
    package static let largestMessage = 16 << 20

    private let connection: any ConsoleSession
    private let deadline: ContinuousClock.Instant
    private let permit: Permit
    private let log: DeviceLog?
    private var reader: NETCONFFrameReader
    private var framing = NETCONFFraming.endOfMessage
    private var lastID = 0
    private var isGreeted = false

    /// What was sent so far may have done to the device.
    package private(set) var effect = DriverError.Effect.none

    /// A session over a connection to the device's `netconf` subsystem.
    ///
    /// - Parameters:
    ///   - deadline: When everything must be over.
    ///   - permit: Asked before each request that may change the device.
    ///   - log: Where it is said what is asked of the device.
    package init(
        _ connection: any ConsoleSession, deadline: ContinuousClock.Instant, permit: Permit,
        largestMessage: Int = NETCONFSession.largestMessage, log: DeviceLog? = nil
    ) {
        self.connection = connection
        host = connection.host
        self.deadline = deadline
        self.permit = permit
        self.log = log
        reader = NETCONFFrameReader(limit: largestMessage)
    }

    /// Exchanges hellos. Ours goes out first, as some peers lose a request that reaches them together with it.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    package func greet() async throws(DriverError) -> NETCONFCapabilities {
        try await send(NETCONF.hello)
        let hello = try await next("its hello")
        do throws(NETCONFGarbled) {
            let capabilities = try NETCONFCapabilities(hello: hello)
            framing = capabilities.speaksChunks ? .chunked : .endOfMessage
            reader.framing = framing
            isGreeted = true
            return capabilities
        } catch { throw garbled(error) }
    }

    /// Asks for something and gives the reply, whatever it says.
    ///
    /// - Parameters:
    ///   - mayChange: Whether it may change the device; then the permit is asked first.
    ///   - isOwn: Whether it may be answered in elements of its own.
    /// - Throws: `DriverError` when there is no reply or none that can be understood.
    package func ask(_ operation: Markup, mayChange: Bool = false, isOwn: Bool = false) async throws(DriverError)
        -> NETCONFReply
    {
        guard left > .zero else {
            throw DriverError(
                .timeout, "no time was left for <\(operation.name)>, which was not sent", effect: effect)
        }
        if mayChange {
            try permit.demand(effect: effect)
            effect = .possible
        }
        lastID += 1
        let start = ContinuousClock.now
        do throws(DriverError) {
            try await send(NETCONF.rpc(operation, id: lastID))
            let reply = try await reply(to: operation, isOwn)
            log?.ran(
                operation.xml, reply.trouble ?? "done", since: start,
                reply.data.map { $0.xml.split(separator: "\n") } ?? [])
            return reply
        } catch {
            log?.failed(operation.xml, error, since: start)
            throw error
        }
    }

    private func reply(to operation: Markup, _ isOwn: Bool) async throws(DriverError) -> NETCONFReply {
        while true {
            let message = try await next("the reply to <\(operation.name)>")
            do throws(NETCONFGarbled) {
                if let reply = try self.reply(in: message, isOwn) { return reply }
            } catch { throw garbled(error) }
        }
    }

    /// As `ask`, for what must succeed.
    ///
    /// - Throws: `DriverError` with `.refused` and the device's words.
    @discardableResult
    package func demand(_ operation: Markup, mayChange: Bool = false) async throws(DriverError) -> NETCONFReply {
        let reply = try await ask(operation, mayChange: mayChange)
        guard let trouble = reply.trouble else { return reply }
        throw DriverError(.refused, "the device refused <\(operation.name)>: \(trouble)", effect: effect)
    }

    /// Says that the device was proved to be as it was before.
    package func forgetEffect() { effect = .none }

    /// Ends the session, in good order when that is quick. Locks end with it. Never hangs, never throws.
    package func close() async {
        if isGreeted, let bytes = try? framing.framed(Array(NETCONF.rpc(NETCONF.closeSession, id: lastID + 1).xml.utf8))
        {
            try? await connection.send(bytes, within: .seconds(1))
        }
        await connection.close()
    }

    // MARK: Messages

    /// What a message says to the last request; nil when it says nothing to it: a notification, a late or a foreign reply.
    private func reply(in message: Markup, _ isOwn: Bool) throws(NETCONFGarbled) -> NETCONFReply? {
        if message.name == "notification" { return nil }
        guard message.name == "rpc-reply", message.namespace == NETCONF.base else {
            throw NETCONFGarbled("it sent <\(message.name.prefix(60))> instead of a reply")
        }
        // A device that could not read the request cannot give its number back.
        let isOurs = message.attribute("message-id").map { $0 == "\(lastID)" } ?? (message.child("rpc-error") != nil)
        return isOurs ? try NETCONFReply(message, isOwn: isOwn) : nil
    }

    private func send(_ message: Markup) async throws(DriverError) {
        let bytes: [UInt8]
        do throws(NETCONFGarbled) {
            bytes = try framing.framed(Array(message.xml.utf8))
        } catch { throw garbled(error) }
        do {
            try await connection.send(bytes, within: left)
        } catch { throw told(error) }
    }

    /// The next message, read.
    private func next(_ what: String) async throws(DriverError) -> Markup {
        while true {
            do throws(NETCONFGarbled) {
                if let message = try reader.next() { return try MarkupReader.read(message) }
            } catch { throw garbled(error) }
            let left = left
            guard left > .zero else {
                throw DriverError(.timeout, "the time was over while waiting for \(what)", effect: effect)
            }
            do {
                let bytes = try await connection.receive(within: left)
                reader.feed(bytes)
            } catch { throw told(error) }
        }
    }

    private var left: Timespan {
        let left = ContinuousClock.now.duration(to: deadline).components
        return Timespan(milliseconds: max(0, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000))
    }

    private func garbled(_ error: NETCONFGarbled) -> DriverError {
        DriverError(
            error.isTooLarge ? .outputTooLarge : .garbledOutput, "the device's NETCONF cannot be used: \(error.what)",
            effect: effect)
    }

    /// What the connection says, with what this session knows of the device.
    private func told(_ error: DriverError) -> DriverError { DriverError(error.code, error.message, effect: effect) }
}
