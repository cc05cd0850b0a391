import Foundation
import Glibc
import Synchronization

/// A TCP proxy on loopback that does to the bytes between a client and a server what networks do to them.
final class WireProxy: Sendable {
    /// What goes wrong, in one direction.
    struct Fault: Sendable, CustomStringConvertible {
        var kind: Kind
        var isToServer = false
        /// How many bytes get through first.
        var bytes = 0

        enum Kind: Sendable {
            /// Nothing more comes, and nobody hangs up.
            case stall
            /// Both sides are told that the connection is gone.
            case reset
            /// One side hangs up, and still listens.
            case halfClose
            /// One byte at a time.
            case trickle
            /// Everything comes late by so many milliseconds.
            case delay(UInt32)
        }

        var description: String { "\(kind) of what goes \(isToServer ? "to" : "from") the server after \(bytes) bytes" }
    }

    let port: Int
    private let listener: CInt
    private let open = Mutex<[CInt]>([])
    private let counts = Mutex((toServer: 0, fromServer: 0))

    /// How many bytes got through.
    var carried: (toServer: Int, fromServer: Int) { counts.withLock(\.self) }

    /// - Parameter target: The port behind it; nil for nothing at all.
    init(to target: Int?, _ fault: Fault? = nil) {
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
                for socket in [client, server] {
                    var yes: CInt = 1
                    setsockopt(socket, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
                }
                for isToServer in [true, false] {
                    let (from, to) = isToServer ? (client, server) : (server, client)
                    let own = fault?.isToServer == isToServer ? fault : nil
                    Thread.detachNewThread { [weak self] in
                        Self.carry(from, to, own) { count in
                            self?.counts.withLock { counts in
                                if isToServer { counts.toServer += count } else { counts.fromServer += count }
                            }
                        }
                    }
                }
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

    private static func carry(_ from: CInt, _ to: CInt, _ fault: Fault?, _ carried: (Int) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        var left = Int.max
        var step = buffer.count
        switch fault?.kind {
        case .stall, .reset, .halfClose: left = fault?.bytes ?? 0
        case .trickle: step = 1
        case .delay, nil: break
        }
        while left > 0 {
            let count = recv(from, &buffer, min(left, step), 0)
            guard count > 0 else {
                shutdown(to, CInt(SHUT_WR))
                return
            }
            if case .delay(let milliseconds) = fault?.kind { usleep(milliseconds * 1000) }
            guard send(to, buffer, count, 0x4000) == count else { return }
            carried(count)
            left -= count
        }
        switch fault?.kind {
        case .reset:
            // To connect to nowhere is what sends a reset, whoever waits on the socket.
            var nowhere = sockaddr(
                sa_family: sa_family_t(AF_UNSPEC), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
            for socket in [from, to] { connect(socket, &nowhere, socklen_t(MemoryLayout<sockaddr>.size)) }
        case .halfClose:
            shutdown(to, CInt(SHUT_WR))
            while recv(from, &buffer, buffer.count, 0) > 0 {}
        default: break
        }
    }
}
