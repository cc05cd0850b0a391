import CLinux
import CSSH2
import Glibc
import RolloutEngine

extension SSHSession {
    /// Opens a connection from this (jump) device to another, and gives a socket that leads through it.
    ///
    /// The session is used up by this: it pumps until either side ends, then closes itself.
    func tunnel(to target: SSHError.Peer, _ time: TimeLimit) async -> Result<CInt, SSHError> {
        let opened: Result<(far: CInt, near: CInt, channel: UInt), Failure> = await operation {
            session async throws(SSHError) in
            let channel = try await session.openTunnel(to: target, time)
            var ends: [CInt] = [-1, -1]
            guard socketpair(AF_UNIX, clinux_stream_socket, 0, &ends) == 0 else {
                throw .localSetup("no socket pair for a jump: \(Errno.text(errno))")
            }
            return (far: ends[0], near: ends[1], channel: UInt(bitPattern: channel))
        }
        switch opened {
        case .failure(let failure): return .failure(failure.error)
        case .success(let tunnel):
            Task {
                _ = await operation { session async throws(SSHError) -> Bool in
                    defer { session.drop(tunnel.near) }
                    if let channel = OpaquePointer(bitPattern: tunnel.channel) {
                        try await session.pump(channel, tunnel.near)
                    }
                    throw .closed(peer: session.peer, reason: "the tunnel to \(target) ended")
                }
            }
            return .success(tunnel.far)
        }
    }

    private func openTunnel(to target: SSHError.Peer, _ time: TimeLimit) async throws(SSHError) -> OpaquePointer {
        let address = ForeignBytes(target.address)
        let source = ForeignBytes("127.0.0.1")
        let channel = try await drivePointer("opening a tunnel to \(target.address)", time) { session in
            libssh2_channel_direct_tcpip_ex(session, address.start, CInt(target.port), source.start, 0)
        }
        guard let channel else {
            throw .connect(peer: target, reason: "the jump device could not open it: \(lastError())")
        }
        return channel
    }

    private func drop(_ fd: CInt) {
        reactor.forget(fd)
        Glibc.close(fd)
    }

    /// Carries bytes between the channel and the near end of the socket pair until one of them ends.
    ///
    /// It has no deadline: the session inside the tunnel has its own, and closes the far end when it gives up.
    private func pump(_ channel: OpaquePointer, _ fd: CInt) async throws(SSHError) {
        let step = "carrying a tunnel"
        let forever = TimeLimit(.minutes(60 * 24 * 365))
        var up = Parcel()
        var down = Parcel()
        while true {
            var moved = false
            // A write that is blocked outwards, or a read that is, must be finished before the other is called.
            var mustFinish = false
            if up.isEmpty, up.fill(from: fd) == .ended { return }
            if !up.isEmpty {
                let answer = try call(step) { _ in libssh2_channel_write_ex(channel, 0, up.start, up.count) }
                if answer > 0 {
                    up.consume(answer)
                    moved = true
                } else if answer == Int(LIBSSH2_ERROR_EAGAIN) {
                    mustFinish = blockedDirections().contains(.write)
                } else if answer < 0 {
                    throw failure(step, answer)
                }
            }
            if mustFinish {
                try await pauseForSocket(step, forever)
                continue
            }
            if down.isEmpty {
                var answer = try call(step) { _ in down.fill { libssh2_channel_read_ex(channel, 0, $0, $1) } }
                while answer == Int(LIBSSH2_ERROR_EAGAIN), blockedDirections().contains(.write) {
                    try await pauseForSocket(step, forever)
                    answer = try call(step) { _ in down.fill { libssh2_channel_read_ex(channel, 0, $0, $1) } }
                }
                if answer < 0, answer != Int(LIBSSH2_ERROR_EAGAIN) { throw failure(step, answer) }
                if answer <= 0, try call(step, { _ in Int(libssh2_channel_eof(channel)) }) != 0 { return }
            }
            if !down.isEmpty {
                switch down.drain(to: fd) {
                case .ended: return
                case .moved: moved = true
                case .blocked: break
                }
            }
            if moved { continue }
            var interest: Reactor.Interest = []
            if up.isEmpty { interest.insert(.read) }
            if !down.isEmpty { interest.insert(.write) }
            try await pauseForSocket(step, forever, and: interest.isEmpty ? nil : Reactor.Source(fd, interest))
        }
    }
}

/// Bytes on their way through a tunnel, at one address until they are gone.
private struct Parcel: ~Copyable {
    enum Outcome {
        case moved
        case blocked
        case ended
    }

    private static let capacity = 32_700
    private let memory = UnsafeMutablePointer<CChar>.allocate(capacity: Parcel.capacity)
    private var offset = 0
    private(set) var count = 0

    init() {}

    deinit { memory.deallocate() }

    var isEmpty: Bool { count == 0 }
    var start: UnsafeMutablePointer<CChar> { memory + offset }

    mutating func consume(_ size: Int) {
        offset += size
        count -= size
    }

    mutating func fill(_ read: (UnsafeMutablePointer<CChar>, Int) -> Int) -> Int {
        let size = read(memory, Self.capacity)
        (offset, count) = (0, max(0, size))
        return size
    }

    mutating func fill(from fd: CInt) -> Outcome {
        switch fill({ Glibc.read(fd, $0, $1) }) {
        case 1...: .moved
        case 0: .ended
        default: errno == EAGAIN || errno == EINTR ? .blocked : .ended
        }
    }

    mutating func drain(to fd: CInt) -> Outcome {
        let size = send(fd, start, count, clinux_no_signal)
        guard size > 0 else { return errno == EAGAIN || errno == EINTR ? .blocked : .ended }
        consume(size)
        return .moved
    }
}
