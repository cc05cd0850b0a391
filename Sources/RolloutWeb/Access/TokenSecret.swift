package import RolloutEngine

/// The secret of a token: 256 random bits, so that nobody finds it by trying and its plain SHA-256 can be kept.
package enum TokenSecret {
    /// A new one, as it is shown once: `rlt_` and 43 letters, digits, hyphens and underscores.
    package static func make() -> String { "rlt_" + random(bytes: 32) }

    /// What is kept of it.
    package static func digest(of secret: String) -> Digest { Digest(of: secret) }

    /// Random bits of the system as text (RFC 4648, base64url without padding).
    static func random(bytes count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        var bits = 0
        var held: UInt32 = 0
        for byte in bytes {
            held = held << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(held >> UInt32(bits) & 63)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(held << UInt32(6 - bits) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether two texts are the same, in a time that does not tell where they differ.
    static func areSame(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
