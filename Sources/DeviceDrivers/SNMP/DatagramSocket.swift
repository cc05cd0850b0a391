import CLinux
import Glibc
import RolloutEngine

/// An unconnected UDP socket that many agents share, with room for many datagrams at once. Closed with its last use: the
/// reactor must have forgotten it by then.
final class DatagramSocket {
    /// The open socket.
    let descriptor: Int32
    private let batch = DatagramBatch()
    private var outgoing: [Outgoing] = []

    /// A datagram that waits to be sent.
    struct Outgoing {
        var octets: [UInt8]
        var endpoint: Endpoint
        var identifier: Int32
    }

    /// Opens a socket, inside a namespace or in the process's own.
    ///
    /// - Throws: `.notAsked` when that is not possible.
    init(isIPv6: Bool, namespace: NetworkNamespace?, dscp: Int) throws(SNMPTrouble) {
        let open = { socket(isIPv6 ? AF_INET6 : AF_INET, clinux_datagram_socket, 0) }
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
    }

    // MARK: Sending

    /// Puts a datagram among those that are sent next, all in one call.
    func queue(_ octets: [UInt8], to endpoint: Endpoint, for identifier: Int32) {
        outgoing.append(Outgoing(octets: octets, endpoint: endpoint, identifier: identifier))
    }

    /// Sends what is queued. No room is like a datagram lost on the way: it is sent again in time.
    ///
    /// - Parameter refused: Is told which datagrams the kernel would not take, and why.
    func flush(refused: (Int32, Int32) -> Void) {
        var start = 0
        while start < outgoing.count {
            let count = min(outgoing.count - start, DatagramBatch.capacity)
            let sent = batch.send(outgoing[start..<start + count], from: descriptor)
            guard sent <= 0 else {
                start += sent
                continue
            }
            let error = errno
            if error == EINTR { continue }
            if ![EAGAIN, ENOBUFS, ENOMEM].contains(error) { refused(outgoing[start].identifier, error) }
            start += 1
        }
        outgoing.removeAll(keepingCapacity: true)
    }

    // MARK: Receiving

    /// The datagrams that have come, each valid until the next; about so many, so that others get their turn.
    ///
    /// - Returns: How many.
    func receive(atMost limit: Int, _ body: (UnsafeMutableBufferPointer<UInt8>, Endpoint) -> Void) -> Int {
        var total = 0
        while total < limit {
            let count = batch.receive(on: descriptor, body)
            total += count
            guard count == DatagramBatch.capacity else { break }
        }
        return total
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
