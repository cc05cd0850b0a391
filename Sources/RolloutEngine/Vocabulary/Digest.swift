/// A SHA-256 digest (FIPS 180-4), written as 64 hexadecimal digits.
///
/// Our own, because it is sixty lines with published test vectors, while swift-crypto's BoringSSL would add more than a
/// minute to every clean build. It names plans and configurations, and stands for the secrets of tokens: it looks nothing up by
/// what it is given, so that the time that it takes tells nothing.
public struct Digest: Hashable, Sendable, Codable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let hexadecimal: String

    /// Wraps 64 hexadecimal digits.
    public init(hexadecimal: String) { self.hexadecimal = hexadecimal }

    /// The digest of these bytes.
    public init(of bytes: some Sequence<UInt8>) {
        var message = Array(bytes)
        let bitLength = UInt64(message.count) * 8
        message.append(0x80)
        message.append(contentsOf: repeatElement(0, count: (120 - message.count % 64) % 64))
        for shift in stride(from: 56, through: 0, by: -8) {
            message.append(UInt8(truncatingIfNeeded: bitLength >> shift))
        }

        var hash = Self.initialHash
        var words = [UInt32](repeating: 0, count: 64)
        for block in stride(from: 0, to: message.count, by: 64) { Self.compress(message, block, &words, &hash) }
        hexadecimal = hash.map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 8 - text.count) + text
        }.joined()
    }

    /// The digest of a text's UTF-8.
    public init(of text: String) { self.init(of: text.utf8) }

    /// The first twelve digits, enough for people to tell two apart.
    public var short: String { String(hexadecimal.prefix(12)) }
    /// All 64 digits.
    public var description: String { hexadecimal }

    /// Reads 64 hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        hexadecimal = try decoder.singleValueContainer().decode(String.self)
    }
    /// Writes 64 hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hexadecimal)
    }

    private static func compress(_ message: [UInt8], _ start: Int, _ words: inout [UInt32], _ hash: inout [UInt32]) {
        for index in 0..<16 {
            let at = start + index * 4
            words[index] =
                UInt32(message[at]) << 24 | UInt32(message[at + 1]) << 16 | UInt32(message[at + 2]) << 8
                | UInt32(message[at + 3])
        }
        for index in 16..<64 {
            let w15 = words[index - 15]
            let w2 = words[index - 2]
            let s0 = rotated(w15, 7) ^ rotated(w15, 18) ^ (w15 >> 3)
            let s1 = rotated(w2, 17) ^ rotated(w2, 19) ^ (w2 >> 10)
            words[index] = words[index - 16] &+ s0 &+ words[index - 7] &+ s1
        }
        var (a, b, c, d) = (hash[0], hash[1], hash[2], hash[3])
        var (e, f, g, h) = (hash[4], hash[5], hash[6], hash[7])
        for index in 0..<64 {
            let s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let choice = (e & f) ^ (~e & g)
            let first = h &+ s1 &+ choice &+ roundConstants[index] &+ words[index]
            let s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
            let second = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { hash[index] = hash[index] &+ word }
    }

    private static func rotated(_ word: UInt32, _ by: UInt32) -> UInt32 { word >> by | word << (32 - by) }

    /// The first 32 bits of the fractional parts of the square roots of the first 8 primes.
    private static let initialHash: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let roundConstants: [UInt32] = {
        var constants: [UInt32] = []
        var candidate = 2
        while constants.count < 64 {
            if (2..<candidate).allSatisfy({ candidate % $0 != 0 }) { constants.append(cubeRootFraction(candidate)) }
            candidate += 1
        }
        return constants
    }()

    /// The first 32 bits of the fraction of a whole number's cube root, by bisection on 2^32 times the root.
    private static func cubeRootFraction(_ number: Int) -> UInt32 {
        var low: UInt128 = 0
        var high: UInt128 = 8 << 32
        while high - low > 1 {
            let middle = (low + high) / 2
            if middle * middle * middle < UInt128(number) << 96 { low = middle } else { high = middle }
        }
        return UInt32(truncatingIfNeeded: low)
    }
}
