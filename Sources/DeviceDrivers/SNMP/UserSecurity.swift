import Glibc

/// SNMP v3 with one agent, as one user: makes messages of requests and finds answers in messages (RFC 3412 and 3414).
///
/// The framing is ours and the cryptography is libsnmp's: its own message functions look users and engines up in lists that
/// all agents share. Lives on `SNMPPoller.reactor`.
final class UserSecurity {
    let credential: UserCredential
    private(set) var engine: AgentEngine?
    private var salt: UInt64

    /// What an agent's message came to.
    enum Content {
        /// A PDU that is proven to be the agent's, as far as the user's settings ask for proof.
        case response([UInt8])
        /// A Report; whether it is proven.
        case report([UInt8], isAuthentic: Bool)
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

    /// The message that carries a PDU; without a known engine the one that asks who is there. Nil when the cryptography of this
    /// machine refuses.
    func message(with pdu: [UInt8], identifier: Int32, at now: UInt64) -> [UInt8]? {
        guard let engine else {
            let scoped = BERWriter.element(0x30, [0x04, 0, 0x04, 0] + pdu)
            return assemble(
                identifier, flags: 4, engine: [], boots: 0, time: 0, user: [], salt: [], signatureLength: 0, scoped)?
                .message
        }
        let time = engine.time(at: now)
        var body = BERWriter.element(
            0x30,
            BERWriter.element(0x04, engine.id) + BERWriter.element(0x04, credential.context) + pdu)
        var salt: [UInt8] = []
        if let privacy = credential.privacy, let key = engine.privacyKey {
            self.salt &+= 1
            salt = withUnsafeBytes(of: self.salt.bigEndian) { Array($0) }
            guard
                let hidden = privacy.protocol.hide(body, key, salt: salt, boots: engine.boots, time: time)
            else { return nil }
            body = BERWriter.element(0x04, hidden)
        }
        guard
            let unsigned = assemble(
                identifier, flags: 4 | protection, engine: engine.id, boots: engine.boots, time: time,
                user: credential.name, salt: salt,
                signatureLength: credential.authentication?.protocol.signatureLength ?? 0, body)
        else { return nil }
        var message = unsigned.message
        if let authentication = credential.authentication, let key = engine.authenticationKey {
            guard
                let octets = message.withUnsafeBufferPointer({ authentication.protocol.signature(of: $0, key) }),
                octets.count == unsigned.signature.count
            else { return nil }
            message.replaceSubrange(unsigned.signature, with: octets)
        }
        return message
    }

    private func assemble(
        _ identifier: Int32, flags: UInt8, engine: [UInt8], boots: UInt32, time: UInt32, user: [UInt8],
        salt: [UInt8], signatureLength: Int, _ body: [UInt8]
    ) -> (message: [UInt8], signature: Range<Int>)? {
        let header = BERWriter.element(
            0x30,
            BERWriter.integer(UInt32(bitPattern: identifier)) + BERWriter.integer(65_507)
                + [0x04, 1, flags, 0x02, 1, 3])
        let end = BERWriter.element(0x04, salt)
        let security = BERWriter.element(
            0x30,
            BERWriter.element(0x04, engine) + BERWriter.integer(boots) + BERWriter.integer(time)
                + BERWriter.element(0x04, user) + BERWriter.header(0x04, signatureLength)
                + Array(repeating: 0, count: signatureLength) + end)
        let head = [0x02, 1, 3] + header + BERWriter.element(0x04, security)
        guard head.count + body.count <= 0xffff else { return nil }
        let start = BERWriter.header(0x30, head.count + body.count)
        let place = start.count + head.count - end.count - signatureLength
        return (start + head + body, place..<place + signatureLength)
    }

    // MARK: Answers

    /// What a message holds, or nil when it is not proven to be what it says.
    ///
    /// - Parameters:
    ///   - datagram: The whole message. The place of its signature is overwritten.
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
                isAuthentic(datagram, signature, engine.authenticationKey),
                self.engine?.isTimely(boots: UInt32(boots), time: UInt32(time), at: now) == true
            else { return nil }
        }
        guard
            let scoped = scopedPDU(
                octets, &rest, isHidden: isHidden, salt: Array(octets[salt]), UInt32(boots), UInt32(time))
        else { return nil }
        guard let body = scoped.withUnsafeBufferPointer({ Self.pdu(in: $0, context: credential.context) }) else {
            return nil
        }
        // A Report.
        if body.pdu.first == 0xa8 {
            if engine == nil { discover(Array(octets[id]), UInt32(boots), UInt32(time), at: now) }
            return .report(body.pdu, isAuthentic: isSigned)
        }
        // An answer must be protected as the request was, and be about what was asked.
        guard let engine, frame.flags & 3 == protection, engine.id.elementsEqual(octets[id]), body.isOurContext else {
            return nil
        }
        return .response(body.pdu)
    }

    private func isAuthentic(
        _ datagram: UnsafeMutableBufferPointer<UInt8>, _ signature: Range<Int>, _ key: [UInt8]?
    ) -> Bool {
        guard let authentication = credential.authentication, let key,
            signature.count == authentication.protocol.signatureLength
        else { return false }
        let claimed = Array(datagram[signature])
        for position in signature { datagram[position] = 0 }
        guard let octets = authentication.protocol.signature(of: UnsafeBufferPointer(datagram), key),
            octets.count == claimed.count
        else { return false }
        // However much of it is right, it takes as long.
        return zip(octets, claimed).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func scopedPDU(
        _ octets: UnsafeBufferPointer<UInt8>, _ rest: inout BERReader, isHidden: Bool, salt: [UInt8], _ boots: UInt32,
        _ time: UInt32
    ) -> [UInt8]? {
        guard isHidden else {
            let start = rest.position
            return rest.element(0x30).map { Array(octets[start..<$0.upperBound]) }
        }
        guard let hidden = rest.string(), let privacy = credential.privacy, let key = engine?.privacyKey else {
            return nil
        }
        return privacy.protocol.uncover(Array(octets[hidden]), key, salt: salt, boots: boots, time: time)
    }

    private static func pdu(
        in scoped: UnsafeBufferPointer<UInt8>, context: [UInt8]
    ) -> (pdu: [UInt8], isOurContext: Bool)? {
        var outer = BERReader(scoped)
        guard var inner = outer.sequence(), inner.string() != nil, let name = inner.string() else { return nil }
        let start = inner.position
        guard let tag = inner.tag, let content = inner.element(tag) else { return nil }
        return (Array(scoped[start..<content.upperBound]), context.elementsEqual(scoped[name]))
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
