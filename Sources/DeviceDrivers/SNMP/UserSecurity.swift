/// SNMP v3 with one agent, as one user: makes messages of requests and finds answers in messages (RFC 3412 and 3414).
///
/// The framing is ours: libsnmp's own message functions look users and engines up in lists that all agents share. A message is
/// written and read in one buffer each. Lives on `SNMPPoller.reactor`.
final class UserSecurity {
    let credential: UserCredential
    private(set) var engine: AgentEngine?
    private var salt: UInt64

    /// What an agent's message came to.
    enum Content {
        /// A PDU that is proven to be the agent's, as far as the user's settings ask for proof: where in the message it is.
        case response(Range<Int>)
        /// A Report, in the same way; whether it is proven.
        case report(Range<Int>, isAuthentic: Bool)
    }

    init(_ credential: UserCredential, salt: UInt64) {
        self.credential = credential
        self.salt = salt
    }

    /// Forgets the engine, so that it is discovered anew.
    func forgetEngine() { engine = nil }

    /// The protection that the user's messages have, as flags.
    private var protection: UInt8 {
        (credential.authentication == nil ? 0 : 1) | (credential.privacy == nil ? 0 : 2)
    }

    // MARK: Asking

    /// The message that carries a request; without a known engine the one that asks who is there. Nil when the cryptography of
    /// this machine refuses.
    func message(with request: EncodedRequest, identifier: Int32, at now: UInt64) -> [UInt8]? {
        let id = engine?.id ?? []
        let (name, context) = engine == nil ? ([], []) : (credential.name, credential.context)
        let capacity = request.octets.count + context.count + name.count + 2 * id.count + Self.roomForTheRest
        guard capacity <= 0xffff else { return nil }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { room in
            var writer = BERWriter(room)
            writer.put(request.octets)
            request.number(writer.octets(upTo: room.count), identifier)
            writer.string(context)
            writer.string(id)
            writer.close(0x30, upTo: room.count)
            let boots = engine?.boots ?? 0
            let time = engine?.time(at: now) ?? 0
            var salt: UInt64?
            if let privacy = credential.privacy?.protocol, let key = engine?.privacyKey {
                self.salt &+= 1
                salt = self.salt
                writer.fill(to: privacy.block, upTo: room.count)
                guard
                    privacy.hide(
                        writer.octets(upTo: room.count), key, .init(boots: boots, time: time, salt: self.salt))
                else { return nil }
                writer.close(0x04, upTo: room.count)
            }

            let security = writer.start
            if let salt { withUnsafeBytes(of: salt.bigEndian) { writer.string($0) } } else { writer.string([]) }
            let key = engine?.authenticationKey
            let signatureLength = key == nil ? 0 : credential.authentication?.protocol.signatureLength ?? 0
            let signatureEnd = writer.start
            writer.string(repeatElement(0, count: signatureLength))
            writer.string(name)
            writer.integer(time)
            writer.integer(boots)
            writer.string(id)
            writer.close(0x30, upTo: security)
            writer.close(0x04, upTo: security)

            let header = writer.start
            writer.integer(3)
            // A Report is asked for.
            writer.string(CollectionOfOne(engine == nil ? 4 : 4 | protection))
            writer.integer(65_507)
            writer.integer(UInt32(bitPattern: identifier))
            writer.close(0x30, upTo: header)
            writer.integer(3)
            writer.close(0x30, upTo: room.count)

            let message = writer.octets(upTo: room.count)
            if let authentication = credential.authentication?.protocol, let key {
                let end = signatureEnd - writer.start
                guard authentication.sign(message, at: end - signatureLength..<end, key) else { return nil }
            }
            return Array(message)
        }
    }

    /// More than headers, numbers, the signature and what fills the last block take.
    private static let roomForTheRest = 256

    // MARK: Answers

    /// What a message holds, or nil when it is not proven to be what it says.
    ///
    /// - Parameters:
    ///   - datagram: The whole message. The place of its signature is overwritten, and what is hidden is uncovered in its place.
    ///   - frame: What it says of itself.
    func open(_ datagram: UnsafeMutableBufferPointer<UInt8>, _ frame: SNMPFrame, at now: UInt64) -> Content? {
        let octets = UnsafeBufferPointer(datagram)
        var rest = BERReader(octets, frame.body)
        guard let parameters = rest.string() else { return nil }
        var outer = BERReader(octets, parameters)
        guard var security = outer.sequence(), let id = security.string(), let boots = security.integer(),
            let time = security.integer(), let user = security.string(), let signature = security.string(),
            let salt = security.string(), boots >= 0, time >= 0
        else { return nil }
        let isSigned = frame.flags & 1 != 0
        let isHidden = frame.flags & 2 != 0
        guard isSigned || !isHidden else { return nil }
        if isSigned {
            guard let engine, engine.id.elementsEqual(octets[id]), credential.name.elementsEqual(octets[user]),
                let authentication = credential.authentication?.protocol, let key = engine.authenticationKey,
                authentication.verifies(datagram, at: signature, key),
                self.engine?.isTimely(boots: UInt32(boots), time: UInt32(time), at: now) == true
            else { return nil }
        }
        if isHidden {
            guard let hidden = rest.string(), salt.count == 8, let privacy = credential.privacy?.protocol,
                let key = engine?.privacyKey,
                privacy.uncover(
                    UnsafeMutableBufferPointer(rebasing: datagram[hidden]), key,
                    .init(
                        boots: UInt32(boots), time: UInt32(time),
                        salt: octets[salt].reduce(0) { $0 << 8 | UInt64($1) }))
            else { return nil }
            rest = BERReader(octets, hidden)
        }
        guard var scoped = rest.sequence(), scoped.string() != nil, let context = scoped.string() else { return nil }
        let start = scoped.position
        guard let tag = scoped.tag, scoped.element(tag) != nil else { return nil }
        let pdu = start..<scoped.position
        // A Report.
        if tag == 0xa8 {
            if engine == nil { discover(Array(octets[id]), UInt32(boots), UInt32(time), at: now) }
            return .report(pdu, isAuthentic: isSigned)
        }
        // An answer must be protected as the request was, and be about what was asked.
        guard let engine, frame.flags & 3 == protection, engine.id.elementsEqual(octets[id]),
            credential.context.elementsEqual(octets[context])
        else { return nil }
        return .response(pdu)
    }

    /// Takes in what the first Report says of the engine. The clock is only believed until a signed message corrects it.
    private func discover(_ id: [UInt8], _ boots: UInt32, _ time: UInt32, at now: UInt64) {
        // SnmpEngineID (RFC 3411).
        guard (5...32).contains(id.count) else { return }
        let authentication = credential.authentication
        let privacy = credential.privacy
        let authenticationKey = authentication.flatMap { $0.protocol.localised($0.key, to: id) }
        let privacyKey = privacy.flatMap { privacy in
            authentication.flatMap { privacy.protocol.localised(privacy.key, to: id, by: $0.protocol) }
        }
        guard authentication == nil || authenticationKey != nil, privacy == nil || privacyKey != nil else { return }
        engine = AgentEngine(
            id: id, boots: boots, time: time, at: now, authenticationKey: authenticationKey, privacyKey: privacyKey)
    }
}
