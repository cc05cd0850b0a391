internal import Glibc

/// An address of IPv4 (4 bytes) or IPv6 (16 bytes), in network order.
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// Its bytes.
    public let bytes: [UInt8]

    /// Reads the strict writing of one: four decimal numbers, or IPv6. Nil for anything else, as `0x7f.1`, which some programs take.
    public init?(_ text: String) {
        var four = in_addr()
        var sixteen = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: &four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &sixteen) == 1 {
            bytes = withUnsafeBytes(of: &sixteen) { Array($0) }
        } else {
            return nil
        }
    }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The IPv4 address within one of IPv6 that stands for it (`::ffff:0:0/96`, RFC 4291; NAT64's `64:ff9b::/96`, RFC 6052); else itself.
    var unwrapped: NetworkAddress {
        for prefix in Self.wrappers where bytes.count == 16 && bytes.starts(with: prefix) {
            return NetworkAddress(bytes: Array(bytes[12...]))
        }
        return self
    }

    private static let wrappers: [[UInt8]] = [
        [UInt8](repeating: 0, count: 10) + [0xff, 0xff], [0, 0x64, 0xff, 0x9b] + [UInt8](repeating: 0, count: 8),
    ]

    /// Whether it never leaves the machine.
    public var isLoopback: Bool {
        unwrapped.bytes.count == 4 && unwrapped.bytes[0] == 127 || bytes == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// As people write it.
    public var description: String {
        var text = [CChar](repeating: 0, count: 64)
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, 64)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Why nothing is sent there; nil where it may be.
    ///
    /// - Parameter allowed: What may be reached though it is not public.
    public func refusal(allowing allowed: [AddressRange]) -> String? {
        let address = unwrapped
        if allowed.contains(where: { $0.contains(address) || $0.contains(self) }) { return nil }
        if let found = Self.notPublic.first(where: { $0.range.contains(address) }) { return "\(self) is \(found.what)" }
        // All that was ever given out for use on the Internet lies in 2000::/3 (IANA, IPv6 Address Space).
        return address.bytes.count == 16 && address.bytes[0] >> 5 != 1 ? "\(self) is reserved" : nil
    }

    /// IANA's special-purpose registries (RFC 6890), and multicast.
    private static let notPublic: [(range: AddressRange, what: String)] = [
        ("0.0.0.0/8", "this network"), ("10.0.0.0/8", "private"), ("100.64.0.0/10", "of a carrier's NAT"),
        ("127.0.0.0/8", "loopback"), ("169.254.0.0/16", "link-local, where clouds keep their metadata"),
        ("172.16.0.0/12", "private"), ("192.0.0.0/24", "reserved"), ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "reserved"), ("192.168.0.0/16", "private"), ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"), ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"), ("240.0.0.0/4", "reserved"), ("::/96", "loopback or unspecified"),
        ("64:ff9b:1::/48", "for translation"), ("100::/64", "discarded"), ("2001::/23", "reserved"),
        ("2001:db8::/32", "for documentation"), ("2002::/16", "6to4"), ("3fff::/20", "for documentation"),
        ("5f00::/16", "reserved"), ("fc00::/7", "private"), ("fe80::/10", "link-local"), ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    ].compactMap { text, what in AddressRange(text).map { ($0, what) } }
}

/// A network, as `10.0.0.0/8` or a single address.
public struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    private let first: NetworkAddress
    private let length: Int

    /// Reads `10.0.0.0/8`, `fd00::/8` or an address alone; nil for anything else, and where bits are set behind the length.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = NetworkAddress(String(parts[0])) else { return nil }
        var length = first.bytes.count * 8
        if parts.count == 2 {
            guard let said = Int(parts[1]), (0...length).contains(said), "\(said)" == parts[1] else { return nil }
            length = said
        }
        self.first = first
        self.length = length
        for bit in length..<(first.bytes.count * 8) where first.bytes[bit / 8] & (0x80 >> (bit % 8)) != 0 { return nil }
    }

    /// Whether an address lies in it.
    public func contains(_ address: NetworkAddress) -> Bool {
        guard address.bytes.count == first.bytes.count else { return false }
        return (0..<length).allSatisfy { bit in
            (address.bytes[bit / 8] ^ first.bytes[bit / 8]) & (0x80 >> (bit % 8)) == 0
        }
    }

    /// As it is written.
    public var description: String { "\(first)/\(length)" }
}
