import Glibc
import RolloutEngine

/// An unconnected UDP socket that many agents share, and the room that one datagram needs. Closed with its last use: the
/// reactor must have forgotten it by then.
final class DatagramSocket {
    /// The open socket.
    let descriptor: Int32
    private let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 65_536)

    /// Opens a socket, inside a namespace or in the process's own.
    ///
    /// - Throws: `.notAsked` when that is not possible.
    init(isIPv6: Bool, namespace: NetworkNamespace?, dscp: Int) throws(SNMPTrouble) {
        let open = { socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_DGRAM.rawValue) | Self.flags, 0) }
        if let namespace {
            do throws(NetworkNamespace.Failure) {
                descriptor = try namespace.open(open)
            } catch {
                throw SNMPTrouble(.notAsked, error.reason)
            }
        } else {
            descriptor = open()
            guard descriptor >= 0 else {
                throw SNMPTrouble(.notAsked, "cannot open a UDP socket: \(Errno.text(errno))")
            }
        }
        if isIPv6 { set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        // The upper six bits of the field that RFC 2474 calls DS.
        set(isIPv6 ? Int32(IPPROTO_IPV6) : Int32(IPPROTO_IP), isIPv6 ? IPV6_TCLASS : IP_TOS, Int32(dscp & 63) << 2)
        // Room for a window full of answers that come at once; without privilege the kernel gives less.
        set(SOL_SOCKET, SO_RCVBUF, 4 << 20)
        set(SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// Sends a datagram; the error number when the kernel refuses, and nil when it took it or may take it later.
    func send(_ datagram: [UInt8], to endpoint: Endpoint) -> Int32? {
        let sent = endpoint.withSocketAddress { address, length in
            sendto(descriptor, datagram, datagram.count, 0, address, length)
        }
        guard sent < 0 else { return nil }
        // No room now is like a datagram lost on the way: it is sent again in time.
        return [EAGAIN, ENOBUFS, ENOMEM, EINTR].contains(errno) ? nil : errno
    }

    /// The datagrams that have come, each valid until the next; at most so many, so that others get their turn.
    func receive(atMost limit: Int, _ body: (UnsafeMutableBufferPointer<UInt8>, Endpoint) -> Void) {
        var source = sockaddr_storage()
        for _ in 0..<limit {
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &source) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, buffer.baseAddress, buffer.count, 0, $0, &length)
                }
            }
            guard count >= 0 else { return }
            guard count > 0, let endpoint = Endpoint(&source) else { continue }
            body(UnsafeMutableBufferPointer(rebasing: buffer[..<count]), endpoint)
        }
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
}
