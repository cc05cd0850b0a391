import CLinux
import Glibc

/// Two ends of which we keep one, which does not block, and a program that we start gets the other.
struct LocalEnds {
    let ours: CInt
    let theirs: CInt
    /// Where a terminal's other end can be opened; empty for sockets.
    var path = ""

    /// What the system said, in words.
    struct Failure: Error {
        let reason: String
    }

    /// A terminal as it usually is, with echo and all.
    static func terminal(width: Int, height: Int) throws(Failure) -> LocalEnds {
        var (ours, theirs): (CInt, CInt) = (-1, -1)
        // The system's own limit for names is 64.
        var name = [CChar](repeating: 0, count: 256)
        var size = winsize(
            ws_row: UInt16(clamping: height), ws_col: UInt16(clamping: width), ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&ours, &theirs, &name, nil, &size) == 0 else {
            throw Failure(reason: "no terminal: \(Errno.text(errno))")
        }
        for end in [ours, theirs] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ours, F_SETFL, O_NONBLOCK)
        let path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return LocalEnds(ours: ours, theirs: theirs, path: path)
    }

    /// A pair of sockets; neither blocks.
    static func sockets() throws(Failure) -> LocalEnds {
        var ends: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, clinux_stream_socket, 0, &ends) == 0 else {
            throw Failure(reason: "no pair of sockets: \(Errno.text(errno))")
        }
        return LocalEnds(ours: ends[0], theirs: ends[1])
    }

    /// Makes a terminal a pipe: nothing is echoed, nothing is a signal, no line end becomes another.
    static func makeRaw(_ end: CInt) {
        var modes = termios()
        guard tcgetattr(end, &modes) == 0 else { return }
        cfmakeraw(&modes)
        tcsetattr(end, TCSANOW, &modes)
    }

    /// Writes as `write` does; that nobody reads any more is an error, not a signal.
    static func write(_ bytes: ArraySlice<UInt8>, to end: CInt) -> Int {
        bytes.withUnsafeBytes { buffer in
            let count = send(end, buffer.baseAddress, buffer.count, clinux_no_signal)
            // A terminal is no socket, and knows no such signal.
            return count < 0 && errno == ENOTSOCK ? Glibc.write(end, buffer.baseAddress, buffer.count) : count
        }
    }
}
