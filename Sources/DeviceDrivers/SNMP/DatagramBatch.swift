import CLinux
import Glibc

/// Room for datagrams that are sent or received in one call of the kernel, as far as it has as many.
final class DatagramBatch {
    /// So many at once: beyond, a call is cheap beside what it carries.
    static let capacity = 32
    private static let room = 65_536

    private let headers = UnsafeMutablePointer<clinux_datagram>.allocate(capacity: capacity)
    private let vectors = UnsafeMutablePointer<iovec>.allocate(capacity: capacity)
    private let addresses = UnsafeMutablePointer<sockaddr_storage>.allocate(capacity: capacity)
    /// Only what is written to becomes memory.
    private let buffers = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * room)

    init() {
        headers.initialize(repeating: clinux_datagram(), count: Self.capacity)
        vectors.initialize(repeating: iovec(), count: Self.capacity)
        addresses.initialize(repeating: sockaddr_storage(), count: Self.capacity)
        for index in 0..<Self.capacity {
            vectors[index].iov_base = UnsafeMutableRawPointer(buffers + index * Self.room)
            headers[index].header.msg_iov = vectors + index
            headers[index].header.msg_iovlen = 1
            headers[index].header.msg_name = UnsafeMutableRawPointer(addresses + index)
        }
    }

    deinit {
        headers.deallocate()
        vectors.deallocate()
        addresses.deallocate()
        buffers.deallocate()
    }

    /// Sends datagrams, at most `capacity`.
    ///
    /// - Returns: How many the kernel took; below zero when it refused the first.
    func send(_ datagrams: ArraySlice<DatagramSocket.Outgoing>, from descriptor: Int32) -> Int {
        for (index, datagram) in datagrams.enumerated() {
            let count = min(datagram.octets.count, Self.room)
            (buffers + index * Self.room).update(from: datagram.octets, count: count)
            vectors[index].iov_len = count
            headers[index].header.msg_namelen = datagram.endpoint.write(to: addresses + index)
        }
        return Int(clinux_send_datagrams(descriptor, headers, UInt32(datagrams.count)))
    }

    /// Receives what has come, at most `capacity`.
    ///
    /// - Returns: How many came.
    func receive(on descriptor: Int32, _ body: (UnsafeMutableBufferPointer<UInt8>, Endpoint) -> Void) -> Int {
        for index in 0..<Self.capacity {
            vectors[index].iov_len = Self.room
            headers[index].header.msg_namelen = socklen_t(MemoryLayout<sockaddr_storage>.size)
        }
        let count = Int(clinux_receive_datagrams(descriptor, headers, UInt32(Self.capacity)))
        guard count > 0 else { return 0 }
        for index in 0..<count {
            let length = Int(headers[index].length)
            guard length > 0, let source = Endpoint(addresses + index) else { continue }
            body(UnsafeMutableBufferPointer(start: buffers + index * Self.room, count: length), source)
        }
        return count
    }
}
