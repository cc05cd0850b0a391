import Foundation
import Glibc
import Synchronization

/// A TCP proxy on loopback that carries so many bytes from the server and then says nothing more, without hanging up.
final class StallingProxy: Sendable {
    let port: Int
    private let listener: CInt
    private let open = Mutex<[CInt]>([])

    /// - Parameters:
    ///   - target: The port behind it; nil for nothing at all.
    ///   - bytes: How many bytes come back before it stalls.
    init(to target: Int?, stallingAfter bytes: Int) {
        let door = socket(AF_INET, 1, 0)
        listener = door
        var address = Self.loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(door, raw, size)
                getsockname(door, raw, &size)
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        listen(door, 64)
        Thread.detachNewThread { [weak self] in
            while case let client = accept(door, nil, nil), client >= 0 {
                self?.open.withLock { $0.append(client) }
                guard let target else { continue }
                let server = socket(AF_INET, 1, 0)
                self?.open.withLock { $0.append(server) }
                var address = Self.loopback(target)
                withUnsafePointer(to: &address) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        _ = connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
                Thread.detachNewThread { Self.carry(client, server, .max) }
                Thread.detachNewThread { Self.carry(server, client, bytes) }
            }
        }
    }

    deinit {
        shutdown(listener, CInt(SHUT_RDWR))
        close(listener)
        open.withLock { for fd in $0 { shutdown(fd, CInt(SHUT_RDWR)) } }
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private static func carry(_ from: CInt, _ to: CInt, _ limit: Int) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        var left = limit
        while left > 0 {
            let count = recv(from, &buffer, min(left, buffer.count), 0)
            guard count > 0, send(to, buffer, count, 0x4000) == count else { return }
            left -= count
        }
    }
}
