import CLinux
import Glibc

/// An IPv4 or IPv6 address with its port, and the sockets that lead there.
struct SocketAddress: Hashable, Sendable {
    /// Why there is no address or no socket.
    struct Failure: Error, Hashable, Sendable {
        var reason: String
    }

    private let family: CInt
    private let bytes: [UInt8]

    /// Looks a name up; blocks unless only numeric addresses are wanted.
    static func find(_ name: String, port: Int, onlyNumeric: Bool = false) -> Result<[SocketAddress], Failure> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = clinux_stream_socket & 0xf
        hints.ai_flags = AI_NUMERICSERV | (onlyNumeric ? AI_NUMERICHOST : AI_ADDRCONFIG)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(name, String(port), &hints, &list)
        guard status == 0 else { return .failure(Failure(reason: String(cString: gai_strerror(status)))) }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            let raw = UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen))
            found.append(SocketAddress(family: entry.ai_family, bytes: Array(raw)))
            next = entry.ai_next
        }
        return .success(found)
    }

    /// A non-blocking socket for this address, its packets marked with the DSCP value.
    ///
    /// - Parameters:
    ///   - isPaced: Keeps the kernel from taking in much more than the pacer allows.
    ///   - namespace: Moves the calling thread into this network namespace for good.
    func makeSocket(dscp: Int, isPaced: Bool, namespace: String? = nil) -> Result<CInt, Failure> {
        if let namespace {
            do throws(NetworkNamespace.Failure) {
                try NetworkNamespace(namespace).enter()
            } catch {
                return .failure(Failure(reason: error.reason))
            }
        }
        let fd = socket(family, clinux_stream_socket, 0)
        guard fd >= 0 else { return .failure(Failure(reason: "no socket: \(Errno.text(errno))")) }
        Self.set(fd, CInt(IPPROTO_TCP), TCP_NODELAY, 1)
        // A peer that vanished is noticed by the kernel too, not only by our deadlines.
        Self.set(fd, SOL_SOCKET, SO_KEEPALIVE, 1)
        Self.set(fd, CInt(IPPROTO_TCP), TCP_KEEPIDLE, 15)
        Self.set(fd, CInt(IPPROTO_TCP), TCP_KEEPINTVL, 5)
        Self.set(fd, CInt(IPPROTO_TCP), TCP_USER_TIMEOUT, 30_000)
        if isPaced { Self.set(fd, SOL_SOCKET, SO_RCVBUF, 16 * 1024) }
        let trafficClass = CInt(dscp << 2)
        if family == AF_INET6 { Self.set(fd, CInt(IPPROTO_IPV6), IPV6_TCLASS, trafficClass) }
        Self.set(fd, CInt(IPPROTO_IP), IP_TOS, trafficClass)
        return .success(fd)
    }

    /// The address in digits, without its port.
    var numeric: String? {
        var host = [CChar](repeating: 0, count: 64)
        let status = bytes.withUnsafeBytes { raw -> CInt in
            guard let start = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return EAI_FAMILY }
            return getnameinfo(start, socklen_t(raw.count), &host, 64, nil, 0, NI_NUMERICHOST)
        }
        guard status == 0 else { return nil }
        return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Begins to connect: 0, `EINPROGRESS`, or what went wrong.
    func connect(_ fd: CInt) -> CInt {
        bytes.withUnsafeBytes { raw in
            guard let start = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return EINVAL }
            return Glibc.connect(fd, start, socklen_t(raw.count)) == 0 ? 0 : errno
        }
    }

    /// How a connection attempt ended: 0 or an error number.
    static func pendingError(_ fd: CInt) -> CInt {
        var code: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
    }

    private static func set(_ fd: CInt, _ level: CInt, _ option: CInt, _ value: CInt) {
        var value = value
        setsockopt(fd, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }
}
