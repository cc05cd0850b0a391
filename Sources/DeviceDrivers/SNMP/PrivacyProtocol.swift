import CNetSNMP
import Glibc
import RolloutEngine

/// A way to hide messages. AES is OpenSSL's, by a context that is set up once and is given a key for each message; keys, and DES,
/// which OpenSSL no longer offers that way, are libsnmp's. Lives on `SNMPPoller.reactor`.
final class PrivacyProtocol {
    /// How many octets a key has, with those that DES mixes into its salt.
    let keyLength: Int
    /// What is hidden is made a multiple of so many octets; what fills the last block is never looked at.
    let block: Int
    private let type: Int32
    /// None for DES.
    private let context: OpaquePointer?

    /// The vector that a message's cipher begins with: boots and time of the engine, as the message says them, and the message's
    /// salt, as the number that its eight octets are.
    struct Vector {
        var boots: UInt32
        var time: UInt32
        var salt: UInt64
    }

    init(_ name: SNMPSettings.Privacy) {
        let cipher: String?
        (type, keyLength, cipher) =
            switch name {
            case .des: (cnetsnmp_des, 16, nil)
            case .aes128: (cnetsnmp_aes128, 16, "AES-128-CFB")
            case .aes192: (cnetsnmp_aes192, 24, "AES-192-CFB")
            case .aes256: (cnetsnmp_aes256, 32, "AES-256-CFB")
            case .aes192c: (cnetsnmp_aes192_cisco, 24, "AES-192-CFB")
            case .aes256c: (cnetsnmp_aes256_cisco, 32, "AES-256-CFB")
            }
        block = name == .des ? 8 : 1
        context = cipher.flatMap { cnetsnmp_new_cipher($0) }
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Whether this machine's OpenSSL can do it: it may have no DES.
    var isAvailable: Bool {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { octets in
            octets.update(repeating: 0)
            return hide(octets, Array(repeating: 0, count: keyLength), Vector(boots: 0, time: 0, salt: 0))
        }
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

    /// Hides octets in their place, whole blocks of them.
    ///
    /// - Parameter vector: Never the same twice with one key.
    /// - Returns: Whether the cryptography of this machine did it.
    func hide(_ octets: UnsafeMutableBufferPointer<UInt8>, _ key: [UInt8], _ vector: Vector) -> Bool {
        transform(octets, key, vector, isHiding: true)
    }

    /// Uncovers in its place what was hidden; whether the key was right shows in what comes out.
    func uncover(_ octets: UnsafeMutableBufferPointer<UInt8>, _ key: [UInt8], _ vector: Vector) -> Bool {
        transform(octets, key, vector, isHiding: false)
    }

    private func transform(
        _ octets: UnsafeMutableBufferPointer<UInt8>, _ key: [UInt8], _ vector: Vector, isHiding: Bool
    ) -> Bool {
        guard key.count == keyLength, !octets.isEmpty, octets.count % block == 0 else { return false }
        guard let context else { return transformByDES(octets, key, vector.salt, isHiding: isHiding) }
        // RFC 3826, 3.1.2.1.
        let start = (UInt64(vector.boots) << 32 | UInt64(vector.time)).bigEndian
        var count: Int32 = 0
        return withUnsafeBytes(of: (start, vector.salt.bigEndian)) {
            EVP_CipherInit_ex(context, nil, nil, key, $0.baseAddress, isHiding ? 1 : 0) == 1
        } && EVP_CipherUpdate(context, octets.baseAddress, &count, octets.baseAddress, Int32(octets.count)) == 1
            && count == octets.count
    }

    private func transformByDES(
        _ octets: UnsafeMutableBufferPointer<UInt8>, _ key: [UInt8], _ salt: UInt64, isHiding: Bool
    ) -> Bool {
        var count = 0
        guard type == cnetsnmp_des, let object = sc_get_priv_oid(type, &count) else { return false }
        var key = key
        // RFC 3414, 8.1.1.1.
        var vector = (salt ^ key[8..<16].reduce(0) { $0 << 8 | UInt64($1) }).bigEndian
        var length = octets.count
        return withUnsafeMutableBytes(of: &vector) { vector in
            let vector = vector.baseAddress?.assumingMemoryBound(to: UInt8.self)
            let start = octets.baseAddress
            let size = UInt32(octets.count)
            let status =
                isHiding
                ? sc_encrypt(object, count, &key, UInt32(keyLength), vector, 8, start, size, start, &length)
                : sc_decrypt(object, count, &key, UInt32(keyLength), vector, 8, start, size, start, &length)
            return status == 0 && length == octets.count
        }
    }
}
