import CLinux
import Foundation
import Glibc
import Synchronization

/// A TCP proxy that does to the bytes between a client and a server what networks do to them.
public final class WireProxy: Sendable {
    /// What goes wrong, in one direction.
    public struct Fault: Sendable, CustomStringConvertible {
        /// What happens.
        public var kind: Kind
        /// Whether it happens to what the client sends.
        public var isToServer: Bool
        /// How many bytes get through first.
        public var bytes: Int

        /// What can happen.
        public enum Kind: Sendable {
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

        /// A fault from a byte on.
        public init(kind: Kind, isToServer: Bool = false, bytes: Int = 0) {
            (self.kind, self.isToServer, self.bytes) = (kind, isToServer, bytes)
        }

        /// In words.
        public var description: String {
            "\(kind) of what goes \(isToServer ? "to" : "from") the server after \(bytes) bytes"
        }
    }

    /// Where it listens.
    public let port: Int
    private let listener: CInt
    /// How many directions of each open socket still go on.
    private let open = Mutex<[CInt: Int]>([:])
    private let counts = Mutex((toServer: 0, fromServer: 0))
    private let current: Mutex<Fault?>

    /// How many bytes got through.
    public var carried: (toServer: Int, fromServer: Int) { counts.withLock(\.self) }

    /// What goes wrong with the connections that are made from now on.
    public var fault: Fault? {
        get { current.withLock(\.self) }
        set { current.withLock { $0 = newValue } }
    }

    /// A proxy on loopback.
    ///
    /// - Parameter target: The port behind it; nil for nothing at all.
    public convenience init(to target: Int?, _ fault: Fault? = nil) {
        let door = Self.door(on: 0)
        self.init(behind: door, to: target, fault)
    }

    /// A proxy on all addresses of a network namespace (`ip netns`), before a server in it.
    public init?(on port: Int, to target: Int, inNamespace name: String) {
        let namespace = Glibc.open("/run/netns/\(name)", O_RDONLY | O_CLOEXEC)
        guard namespace >= 0 else { return nil }
        defer { close(namespace) }
        let door = Self.inNamespace(namespace) { Self.door(on: port, onLoopback: false) }
        guard let door else { return nil }
        self.port = port
        listener = door
        current = Mutex(nil)
        let inside = dup(namespace)
        serve(target, inNamespace: inside)
    }

    private init(behind door: CInt, to target: Int?, _ fault: Fault?) {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(door, $0, &size) }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        listener = door
        current = Mutex(fault)
        serve(target, inNamespace: nil)
    }

    deinit {
        shutdown(listener, CInt(SHUT_RDWR))
        close(listener)
        hangUp()
    }

    /// Cuts every connection that is open.
    public func hangUp() { open.withLock { for socket in $0.keys { shutdown(socket, CInt(SHUT_RDWR)) } } }

    /// One direction of a connection is over; with the second its sockets are closed.
    private func end(_ sockets: [CInt]) {
        open.withLock { open in
            for socket in sockets {
                open[socket, default: 0] -= 1
                guard open[socket] == 0 else { continue }
                open[socket] = nil
                close(socket)
            }
        }
    }

    private func serve(_ target: Int?, inNamespace namespace: CInt?) {
        let door = listener
        Thread.detachNewThread { [weak self] in
            if let namespace { clinux_enter_network_namespace(namespace) }
            while case let client = accept(door, nil, nil), client >= 0 {
                guard let self else { return }
                self.open.withLock { $0[client] = 2 }
                if let target { self.join(client, to: target) }
            }
        }
    }

    private func join(_ client: CInt, to target: Int) {
        let server = socket(AF_INET, 1, 0)
        open.withLock { $0[server] = 2 }
        var address = Self.address(target)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        for socket in [client, server] {
            var yes: CInt = 1
            setsockopt(socket, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
        }
        let fault = fault
        for isToServer in [true, false] {
            let (from, to) = isToServer ? (client, server) : (server, client)
            let own = fault?.isToServer == isToServer ? fault : nil
            Thread.detachNewThread { [weak self] in
                Self.carry(from, to, own) { count in
                    self?.counts.withLock { counts in
                        if isToServer { counts.toServer += count } else { counts.fromServer += count }
                    }
                }
                self?.end([client, server])
            }
        }
    }

    /// Moves a thread of its own into a namespace, and works there.
    private static func inNamespace(_ namespace: CInt, _ work: @escaping @Sendable () -> CInt?) -> CInt? {
        let answer = Answer()
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            if clinux_enter_network_namespace(namespace) == 0 {
                let value = work()
                answer.value.withLock { $0 = value }
            }
            done.signal()
        }
        done.wait()
        return answer.value.withLock(\.self)
    }

    /// What a thread of its own found out.
    private final class Answer: Sendable {
        let value = Mutex<CInt?>(nil)
    }

    private static func door(on port: Int, onLoopback: Bool = true) -> CInt {
        let door = socket(AF_INET, 1, 0)
        var yes: CInt = 1
        setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        var address = address(port)
        if !onLoopback { address.sin_addr.s_addr = 0 }
        withUnsafePointer(to: &address) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(door, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        listen(door, 64)
        return door
    }

    private static func address(_ port: Int) -> sockaddr_in {
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
            return
        case .halfClose: shutdown(to, CInt(SHUT_WR))
        default: break
        }
        // What else comes is lost.
        while recv(from, &buffer, buffer.count, 0) > 0 {}
    }
}
