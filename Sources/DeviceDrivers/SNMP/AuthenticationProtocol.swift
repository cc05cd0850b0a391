import CNetSNMP
import RolloutEngine

/// A way to sign messages. libsnmp makes the keys; the signatures are OpenSSL's, by a context that is set up once and is given a
/// key for each message. Lives on `SNMPPoller.reactor`.
final class AuthenticationProtocol {
    /// libsnmp's number for it.
    let type: Int32
    /// How many octets a signature has on the wire.
    let signatureLength: Int
    private let context: OpaquePointer?

    init(_ name: SNMPSettings.Authentication) {
        (type, signatureLength) =
            switch name {
            case .md5: (cnetsnmp_md5, 12)
            case .sha1: (cnetsnmp_sha1, 12)
            case .sha224: (cnetsnmp_sha224, 16)
            case .sha256: (cnetsnmp_sha256, 24)
            case .sha384: (cnetsnmp_sha384, 32)
            case .sha512: (cnetsnmp_sha512, 48)
            }
        context = cnetsnmp_new_signer(name.rawValue)
    }

    deinit { EVP_MAC_CTX_free(context) }

    /// The key that a password stands for.
    func key(of password: [UInt8]) -> [UInt8]? {
        withObject { object, count in
            Self.filled { generate_Ku(object, UInt32(count), password, password.count, $0, $1) }
        }
    }

    /// The key for one engine (RFC 3414, A.2).
    func localised(_ key: [UInt8], to engine: [UInt8]) -> [UInt8]? {
        withObject { object, count in
            Self.filled { generate_kul(object, UInt32(count), engine, engine.count, key, key.count, $0, $1) }
        }
    }

    /// Signs a message.
    ///
    /// - Parameter place: Where in the message its signature belongs; whatever stands there.
    /// - Returns: Whether the cryptography of this machine did it.
    func sign(_ message: UnsafeMutableBufferPointer<UInt8>, at place: Range<Int>, _ key: [UInt8]) -> Bool {
        guard let context, place.count == signatureLength else { return false }
        // It is made of the message with zeros in its place (RFC 3414, 6.3.1).
        message[place].update(repeating: 0)
        guard EVP_MAC_init(context, key, key.count, nil) == 1,
            EVP_MAC_update(context, message.baseAddress, message.count) == 1
        else { return false }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.longest) { digest in
            var count = 0
            guard EVP_MAC_final(context, digest.baseAddress, &count, digest.count) == 1, count >= signatureLength
            else { return false }
            _ = message[place].update(fromContentsOf: digest[..<signatureLength])
            return true
        }
    }

    /// Whether a message has the signature that it should have. Its place is overwritten.
    func verifies(_ message: UnsafeMutableBufferPointer<UInt8>, at place: Range<Int>, _ key: [UInt8]) -> Bool {
        guard place.count == signatureLength else { return false }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: signatureLength) { claimed in
            _ = claimed.update(fromContentsOf: message[place])
            guard sign(message, at: place, key) else { return false }
            // However much of it is right, it takes as long.
            return zip(message[place], claimed).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }

    /// The protocol's object identifier, by which libsnmp's functions know it.
    func withObject<Result>(_ body: (UnsafeMutablePointer<oid>, Int) -> Result?) -> Result? {
        var count = 0
        guard let object = sc_get_auth_oid(type, &count) else { return nil }
        return body(object, count)
    }

    /// What a function of libsnmp writes into a buffer.
    private static func filled(
        _ body: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<Int>) -> Int32
    ) -> [UInt8]? {
        var succeeded = false
        let octets = [UInt8](unsafeUninitializedCapacity: longest) { room, written in
            var count = longest
            guard let start = room.baseAddress, body(start, &count) == 0, count <= longest else { return }
            written = count
            succeeded = true
        }
        return succeeded && !octets.isEmpty ? octets : nil
    }

    /// No key and no digest has more octets.
    private static let longest = 64
}
