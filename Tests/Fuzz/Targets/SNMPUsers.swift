#if DEBUG
@testable import DeviceDrivers
@testable import RolloutEngine

/// A user of v3 to the agent that is made up, with keys that the target knows: it signs and hides what libFuzzer makes up, so that
/// what lies behind the proof is read too.
struct SNMPFuzzUser: @unchecked Sendable {
    // @unchecked: the caller sees to it that one thread asks.
    let credential: UserCredential
    private let authenticationKey: [UInt8]
    private let privacyKey: [UInt8]

    /// Without keys, signing, signing and hiding, and the same with the longest keys.
    static let all = [
        Self(nil, nil), Self(.sha1, nil), Self(.sha1, .aes128), Self(.sha512, .aes256),
    ]

    /// Of the agent that is made up.
    static let engine: [UInt8] = [0x80, 0, 0, 0, 0, 1, 2]
    static let boots: UInt32 = 3
    static let time: UInt32 = 400

    private init(_ auth: SNMPSettings.Authentication?, _ priv: SNMPSettings.Privacy?) {
        let authentication = auth.map(AuthenticationProtocol.init)
        let privacy = priv.map(PrivacyProtocol.init)
        let key = authentication?.key(of: Array("a long password".utf8)) ?? []
        credential = UserCredential(
            name: [0x75], context: [], authentication: authentication.map { ($0, key) },
            privacy: privacy.map { ($0, key) })
        authenticationKey = authentication?.localised(key, to: Self.engine) ?? []
        privacyKey = authentication.flatMap { privacy?.localised(key, to: Self.engine, by: $0) } ?? []
    }

    /// The flags of messages that are protected as this user's are.
    var protection: UInt8 { (credential.authentication == nil ? 0 : 1) | (credential.privacy == nil ? 0 : 2) }

    /// Hides what the message has in the place of what is hidden, and puts in the right signature, as far as it has places for
    /// them.
    func seal(_ message: [UInt8]) -> [UInt8] {
        guard let authentication = credential.authentication?.protocol, let places = Self.places(in: message) else {
            return message
        }
        var sealed = message
        sealed.withUnsafeMutableBufferPointer { sealed in
            let flags = message[places.flags]
            if flags & 2 != 0, let privacy = credential.privacy?.protocol, let hidden = places.hidden,
                places.salt.count == 8
            {
                _ = privacy.hide(
                    UnsafeMutableBufferPointer(rebasing: sealed[hidden]), privacyKey,
                    .init(
                        boots: places.boots, time: places.time,
                        salt: message[places.salt].reduce(0) { $0 << 8 | UInt64($1) }))
            }
            guard flags & 1 != 0 else { return }
            _ = authentication.sign(sealed, at: places.signature, authenticationKey)
        }
        return sealed
    }

    private struct Places {
        var flags: Int
        var boots: UInt32
        var time: UInt32
        var signature: Range<Int>
        var salt: Range<Int>
        var hidden: Range<Int>?
    }

    private static func places(in message: [UInt8]) -> Places? {
        message.withUnsafeBufferPointer { octets -> Places? in
            var outer = BERReader(octets)
            guard var inner = outer.sequence(), inner.integer() != nil, var header = inner.sequence(),
                header.integer() != nil, header.integer() != nil, let flags = header.string(), flags.count == 1,
                let parameters = inner.string()
            else { return nil }
            var wrapped = BERReader(octets, parameters)
            guard var security = wrapped.sequence(), security.string() != nil, let boots = security.integer(),
                let time = security.integer(), security.string() != nil, let signature = security.string(),
                let salt = security.string()
            else { return nil }
            return Places(
                flags: flags.lowerBound, boots: UInt32(bitPattern: boots), time: UInt32(bitPattern: time),
                signature: signature, salt: salt, hidden: inner.string())
        }
    }
}
#endif
