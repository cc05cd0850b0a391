import CLinux
import Glibc

/// The address and port of an agent, comparable with where an answer came from.
struct Endpoint: Hashable, Sendable {
    /// Whether it is an IPv6 address.
    let isIPv6: Bool
    /// The address in network order: 16 octets, or four and twelve zeros.
    private let octets: SIMD16<UInt8>
    /// The port.
    let port: UInt16
    /// The interface of a link-local address.
    private let scope: UInt32

    /// What a socket address names; nil when it is neither IPv4 nor IPv6.
    init?(_ address: UnsafePointer<sockaddr_storage>) {
        let raw = UnsafeRawPointer(address)
        var octets = SIMD16<UInt8>()
        switch Int32(address.pointee.ss_family) {
        case AF_INET:
            let address = raw.load(as: sockaddr_in.self)
            withUnsafeBytes(of: address.sin_addr) { for index in 0..<4 { octets[index] = $0[index] } }
            (isIPv6, port, scope) = (false, UInt16(bigEndian: address.sin_port), 0)
        case AF_INET6:
            let address = raw.load(as: sockaddr_in6.self)
            withUnsafeBytes(of: address.sin6_addr) { for index in 0..<16 { octets[index] = $0[index] } }
            (isIPv6, port, scope) = (true, UInt16(bigEndian: address.sin6_port), address.sin6_scope_id)
        default: return nil
        }
        self.octets = octets
    }

    /// Hands the socket address to a system call.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        guard isIPv6 else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin_addr) { for index in 0..<4 { $0[index] = octets[index] } }
            return Self.lend(&address, body)
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_scope_id = scope
        withUnsafeMutableBytes(of: &address.sin6_addr) { for index in 0..<16 { $0[index] = octets[index] } }
        return Self.lend(&address, body)
    }

    /// Writes the socket address for a system call.
    ///
    /// - Returns: Its length.
    func write(to storage: UnsafeMutablePointer<sockaddr_storage>) -> socklen_t {
        withSocketAddress { address, length in
            memcpy(storage, address, Int(length))
            return length
        }
    }

    private static func lend<Address, Result>(
        _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
