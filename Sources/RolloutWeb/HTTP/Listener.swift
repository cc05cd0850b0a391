internal import FlyingSocks
internal import Foundation
internal import Synchronization

/// Accepts clients at an address, within limits, and serves each in a task of its own.
final class Listener: Sendable {
    private let socket: Socket
    private let limits: RequestLimits
    private let open = Mutex(Open())

    private struct Open {
        var all = 0
        var byAddress: [String: Int] = [:]
    }

    /// Listens at an address.
    ///
    /// - Parameter port: 0 for any that is free.
    /// - Throws: `WebError` when nobody may listen there.
    init(address: String, port: UInt16, limits: RequestLimits) throws(WebError) {
        self.limits = limits
        do {
            if address.contains(":") {
                let place = try sockaddr_in6.inet6(ip6: address, port: port)
                socket = try Self.listen(Socket(domain: AF_INET6), at: place)
            } else {
                let place = try sockaddr_in.inet(ip4: address, port: port)
                socket = try Self.listen(Socket(domain: AF_INET), at: place)
            }
        } catch {
            throw WebError(
                .unavailable,
                "cannot listen at \(address) port \(port): \(error.localizedDescription). Who has it: ss -ltnp 'sport = :\(port)'; choose another one with --listen ADDRESS:PORT"
            )
        }
    }

    private static func listen(_ socket: Socket, at place: some SocketAddress) throws -> Socket {
        do {
            try socket.setValue(true, for: .localAddressReuse)
            try socket.bind(to: place)
        } catch {
            try? socket.close()
            throw error
        }
        try socket.listen()
        return socket
    }

    /// The port that it listens at.
    var port: UInt16 {
        switch try? socket.sockname() {
        case .ip4(_, let port), .ip6(_, let port): port
        case .unix, nil: 0
        }
    }

    /// Serves until the task is cancelled.
    func run(_ answer: @escaping @Sendable (WebRequest) async -> WebResponse) async throws {
        let pool = SocketPool.make(maxEvents: 64)
        try await pool.prepare()
        let listening = try AsyncSocket(socket: socket, pool: pool)
        defer { try? socket.close() }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await pool.run() }
            group.addTask { await self.accept(listening, answer) }
        }
    }

    private func accept(_ listening: AsyncSocket, _ answer: @escaping @Sendable (WebRequest) async -> WebResponse) async
    {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let client: AsyncSocket
                do {
                    client = try await listening.accept()
                } catch {
                    // No descriptor is left, or the client is gone already: others are served on.
                    try? await Task.sleep(for: .milliseconds(50))
                    continue
                }
                let peer = Self.address(of: client)
                guard enter(peer) else {
                    try? client.close()
                    continue
                }
                group.addTask {
                    await Connection(socket: client, peer: peer, limits: self.limits, answer: answer).run()
                    self.leave(peer)
                }
            }
            group.cancelAll()
        }
    }

    private static func address(of client: AsyncSocket) -> String {
        switch try? client.socket.remotePeer() {
        case .ip4(let address, _), .ip6(let address, _): address
        case .unix, nil: "unknown"
        }
    }

    private func enter(_ peer: String) -> Bool {
        open.withLock { open in
            guard open.all < limits.connections else { return false }
            let mine = open.byAddress[peer, default: 0]
            guard mine < limits.connectionsOfOneAddress || LoopbackAddress.isOne(peer) else { return false }
            open.all += 1
            open.byAddress[peer] = mine + 1
            return true
        }
    }

    private func leave(_ peer: String) {
        open.withLock { open in
            open.all -= 1
            let mine = open.byAddress[peer, default: 1] - 1
            open.byAddress[peer] = mine > 0 ? mine : nil
        }
    }
}
