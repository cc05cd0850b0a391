/// HMAC with SHA-256 (RFC 2104), by which whoever shares a secret proves who wrote a message. Pure.
package enum MessageCode {
    /// The code, in hexadecimal digits.
    package static func code(of message: some Collection<UInt8>, secret: [UInt8]) -> String {
        var key = secret.count > 64 ? bytes(Digest(of: secret)) : secret
        key += [UInt8](repeating: 0, count: 64 - key.count)
        let inner = Digest(of: key.map { $0 ^ 0x36 } + message)
        return Digest(of: key.map { $0 ^ 0x5c } + bytes(inner)).hexadecimal
    }

    private static func bytes(_ digest: Digest) -> [UInt8] {
        let digits = Array(digest.hexadecimal.utf8)
        func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : digit - 87 }
        return stride(from: 0, to: digits.count, by: 2).map { value(digits[$0]) << 4 | value(digits[$0 + 1]) }
    }
}
