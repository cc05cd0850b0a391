import CNetSNMP
import Glibc
import RolloutEngine

/// A user of SNMP v3 with the keys that the passwords stand for, before any engine is known (Ku of RFC 3414, A.2).
///
/// Making such a key hashes a mebibyte, some milliseconds: it is done once a password, by `KeyRing`.
struct UserCredential: Sendable {
    let name: [UInt8]
    let context: [UInt8]
    let authentication: (protocol: AuthenticationProtocol, key: [UInt8])?
    let privacy: (protocol: PrivacyProtocol, key: [UInt8])?
}

/// Keys by password and protocol. Lives on `SNMPPoller.reactor`.
final class KeyRing {
    private struct Entry: Hashable {
        var password: String
        var type: Int32
    }

    private var keys: [Entry: [UInt8]] = [:]

    /// The key that a password stands for; nil when libsnmp cannot make it.
    func key(_ password: Secret, _ authentication: AuthenticationProtocol) -> [UInt8]? {
        let entry = password.reveal { Entry(password: $0, type: authentication.type) }
        if let known = keys[entry] { return known }
        if keys.count >= 10_000 { keys = [:] }
        let key = authentication.key(of: Array(entry.password.utf8))
        keys[entry] = key
        return key
    }
}

/// A way to sign messages, as libsnmp has it.
struct AuthenticationProtocol: Sendable {
    /// libsnmp's number for it.
    let type: Int32
    /// How many octets a signature has on the wire.
    let signatureLength: Int

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
    }

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

    /// The signature of a message in which the place of the signature is all zeros.
    func signature(of message: UnsafeBufferPointer<UInt8>, _ key: [UInt8]) -> [UInt8]? {
        withObject { object, count in
            Self.filled(signatureLength) {
                sc_generate_keyed_hash(
                    object, count, key, UInt32(key.count), message.baseAddress, UInt32(message.count), $0, $1)
            }
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
        _ capacity: Int = 64, _ body: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<Int>) -> Int32
    ) -> [UInt8]? {
        var succeeded = false
        let octets = [UInt8](unsafeUninitializedCapacity: capacity) { room, written in
            var count = capacity
            guard let start = room.baseAddress, body(start, &count) == 0, count <= capacity else { return }
            written = count
            succeeded = true
        }
        return succeeded && !octets.isEmpty ? octets : nil
    }
}

/// A way to hide messages, as libsnmp has it.
struct PrivacyProtocol: Sendable {
    /// libsnmp's number for it.
    let type: Int32
    /// How many octets a key has, with those that DES mixes into its salt.
    let keyLength: Int
    private let isDES: Bool

    init(_ name: SNMPSettings.Privacy) {
        isDES = name == .des
        (type, keyLength) =
            switch name {
            case .des: (cnetsnmp_des, 16)
            case .aes128: (cnetsnmp_aes128, 16)
            case .aes192: (cnetsnmp_aes192, 24)
            case .aes256: (cnetsnmp_aes256, 32)
            case .aes192c: (cnetsnmp_aes192_cisco, 24)
            case .aes256c: (cnetsnmp_aes256_cisco, 32)
            }
    }

    /// Whether this machine's OpenSSL can do it: it may have no DES.
    var isAvailable: Bool {
        hide(
            Array(repeating: 0, count: 16), Array(repeating: 0, count: keyLength), salt: Array(repeating: 0, count: 8),
            boots: 0, time: 0) != nil
    }

    /// The key for one engine, stretched where the hash is shorter than the cipher needs.
    func localised(_ key: [UInt8], to engine: [UInt8], by authentication: AuthenticationProtocol) -> [UInt8]? {
        guard let short = authentication.localised(key, to: engine) else { return nil }
        guard short.count < keyLength else { return Array(short.prefix(keyLength)) }
        return authentication.withObject { object, count -> [UInt8]? in
            // libsnmp puts a longer buffer in the place of this one if it has to.
            let capacity = 128
            var buffer = malloc(capacity)?.assumingMemoryBound(to: UInt8.self)
            defer { free(buffer) }
            buffer?.update(from: short, count: short.count)
            var length = short.count
            var engine = engine
            let status = netsnmp_extend_kul(
                UInt32(keyLength), object, UInt32(count), type, &engine, UInt32(engine.count), &buffer, &length,
                UInt32(capacity))
            guard status == 0, length >= keyLength, let buffer else { return nil }
            return Array(UnsafeBufferPointer(start: buffer, count: keyLength))
        }
    }

    /// Hides octets.
    ///
    /// - Parameters:
    ///   - salt: Never the same twice with one key.
    ///   - boots, time: Of the engine, as the message says them.
    func hide(
        _ octets: [UInt8], _ key: [UInt8], salt: [UInt8], boots: UInt32, time: UInt32
    ) -> [UInt8]? {
        // DES has blocks of eight; what fills the last one is never looked at.
        let padding = isDES ? (8 - octets.count % 8) % 8 : 0
        let plain = octets + Array(repeating: 0, count: padding)
        return transform(plain, key, salt, boots, time) { object, count, key, vector, source, target, length in
            sc_encrypt(
                object, count, key, UInt32(keyLength), vector, UInt32(isDES ? 8 : 16), source, UInt32(plain.count),
                target, length)
        }
    }

    /// Uncovers what was hidden; whether the key was right shows in what comes out.
    func uncover(
        _ octets: [UInt8], _ key: [UInt8], salt: [UInt8], boots: UInt32, time: UInt32
    ) -> [UInt8]? {
        guard salt.count == 8, !octets.isEmpty, !isDES || octets.count % 8 == 0 else { return nil }
        return transform(octets, key, salt, boots, time) { object, count, key, vector, source, target, length in
            sc_decrypt(
                object, count, key, UInt32(keyLength), vector, UInt32(isDES ? 8 : 16), source, UInt32(octets.count),
                target, length)
        }
    }

    private typealias Cipher = (
        UnsafeMutablePointer<oid>, Int, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>,
        UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<Int>
    ) -> Int32

    private func transform(
        _ octets: [UInt8], _ key: [UInt8], _ salt: [UInt8], _ boots: UInt32, _ time: UInt32, _ cipher: Cipher
    ) -> [UInt8]? {
        var count = 0
        guard key.count == keyLength, let object = sc_get_priv_oid(type, &count) else { return nil }
        // RFC 3414, 8.1.1.1, and RFC 3826, 3.1.2.1.
        var vector =
            isDES
            ? zip(salt, key[8..<16]).map { $0 ^ $1 } : BERWriter.octets(boots) + BERWriter.octets(time) + salt
        var key = key
        var source = octets
        var succeeded = false
        // libsnmp may write one block more than it was given.
        let result = [UInt8](unsafeUninitializedCapacity: octets.count + 32) { room, written in
            var length = octets.count + 32
            guard let target = room.baseAddress, cipher(object, count, &key, &vector, &source, target, &length) == 0,
                length <= octets.count + 32
            else { return }
            written = length
            succeeded = true
        }
        return succeeded ? result : nil
    }
}
