import CSSH2
import RolloutEngine

extension SSHSession {
    private static let windowSize: UInt32 = 2 * 1024 * 1024
    private static let packetSize: UInt32 = 32_768
    /// libssh2 sends at most this much in one packet.
    static let chunkSize = 32_700

    /// Runs one command on a channel of its own, to the end that the device tells.
    ///
    /// The order matters: libssh2 takes in the exit status with whatever packet comes before it, so it is asked only after
    /// output was read to its end, the end of output was seen, and both sides closed the channel.
    func execute(_ command: String, input: [UInt8], _ time: TimeLimit) async throws(SSHError) -> CommandResult {
        let channel = try await openChannel(time)
        watch.pointee.exit_status_seen = 0
        try await request(command, on: channel, time)
        var capture = Capture(limit: settings.outputLimit)
        try await feed(input, to: channel, &capture, time)
        try await expect("ending the command's input", time) { _ in Int(libssh2_channel_send_eof(channel)) }
        try await readAll(channel, into: &capture, time)
        try await expect("waiting for the end of output", time) { _ in Int(libssh2_channel_wait_eof(channel)) }
        try await expect("closing the channel", time) { _ in Int(libssh2_channel_close(channel)) }
        try await expect("waiting for the exit status", time) { _ in Int(libssh2_channel_wait_closed(channel)) }
        let status = try exitStatus(channel)
        try await expect("freeing the channel", time) { _ in Int(libssh2_channel_free(channel)) }
        return CommandResult(status: status, output: capture.output, errors: capture.errors)
    }

    /// Opens a channel for one command or one shell.
    func openChannel(_ time: TimeLimit) async throws(SSHError) -> OpaquePointer {
        let step = "opening a channel"
        let channel = try await drivePointer(step, time) { session in
            libssh2_channel_open_ex(session, "session", 7, Self.windowSize, Self.packetSize, nil, 0)
        }
        guard let channel else { throw failure(step) }
        return channel
    }

    private func request(_ command: String, on channel: OpaquePointer, _ time: TimeLimit) async throws(SSHError) {
        let line = ForeignBytes(command)
        commandMayHaveLeft = true
        let step = "asking for the command"
        let answer = try await drive(step, time) { _ in
            Int(libssh2_channel_process_startup(channel, "exec", 4, line.start, UInt32(line.count)))
        }
        guard answer == 0 else { throw failure(step, answer) }
    }

    /// Writes the input in chunks; reads meanwhile when the device will not take more, lest both sides wait for the other.
    private func feed(
        _ input: [UInt8], to channel: OpaquePointer, _ capture: inout Capture, _ time: TimeLimit
    ) async throws(SSHError) {
        guard !input.isEmpty else { return }
        let step = "sending the command's input"
        let bytes = ForeignBytes(input)
        var sent = 0
        while sent < bytes.count {
            let answer = try call(step) { _ in
                let size = min(Self.chunkSize, bytes.count - sent)
                return libssh2_channel_write_ex(channel, 0, bytes.start + sent, size)
            }
            if answer > 0 {
                sent += answer
            } else if answer < 0, answer != Int(LIBSSH2_ERROR_EAGAIN) {
                throw failure(step, answer)
            } else {
                // Blocked outwards, a packet is half sent and must be finished before anything else is done.
                if !blockedDirections().contains(.write) {
                    let before = watch.pointee.moved
                    try await readAvailable(channel, into: &capture, time)
                    // Reading may have taken in the permission to send more.
                    if watch.pointee.moved != before { continue }
                    // The command ended without reading all of its input. That is its right.
                    if try call(step, { _ in Int(libssh2_channel_eof(channel)) }) == 1 { return }
                }
                try await pauseForSocket(step, time)
            }
        }
    }

    private func readAll(_ channel: OpaquePointer, into capture: inout Capture, _ time: TimeLimit)
        async throws(SSHError)
    {
        let step = "waiting for the command's output"
        while true {
            try await readAvailable(channel, into: &capture, time)
            if try call(step, { _ in Int(libssh2_channel_eof(channel)) }) != 0 { return }
            // Reading one stream empties the socket for both: what came for the other is here, and nothing may follow it.
            if try call(step, { _ in queuedBytes(channel) }) > 0 { continue }
            try await pauseForSocket(step, time)
        }
    }

    /// Reads what has come on both streams.
    private func readAvailable(
        _ channel: OpaquePointer, into capture: inout Capture, _ time: TimeLimit
    ) async throws(SSHError) {
        try await readStreams(of: channel, "reading the command's output", time) { bytes, isError in
            capture.append(bytes, isError: isError)
            return !capture.isFull
        }
        guard !capture.isFull else { throw .outputTooLarge(peer: peer, limit: capture.limit) }
    }

    /// Reads what has come on both streams of a channel, until nothing more is there or nothing more is wanted.
    ///
    /// - Parameter take: Is handed what came, and says whether more is wanted.
    func readStreams(
        of channel: OpaquePointer, _ step: String, _ time: TimeLimit,
        _ take: (UnsafeMutableRawBufferPointer.SubSequence, _ isError: Bool) -> Bool
    ) async throws(SSHError) {
        for stream in [CInt(0), SSH_EXTENDED_DATA_STDERR] {
            while true {
                // The first stream's reads took in what came for both, so this one needs none to learn that there is nothing.
                if stream != 0, try call(step, { _ in queuedBytes(channel) }) == 0 { return }
                var isMoreWanted = true
                var isAll = false
                let answer = try call(step) { _ in
                    let buffer = reactor.scratch
                    let count = libssh2_channel_read_ex(channel, stream, buffer.baseAddress, buffer.count)
                    if count > 0 { isMoreWanted = take(buffer[..<count], stream != 0) }
                    // libssh2 empties the socket before it hands anything out.
                    isAll = count < buffer.count
                    return count
                }
                guard isMoreWanted else { return }
                if answer == 0 { break }
                if answer == Int(LIBSSH2_ERROR_EAGAIN) {
                    // Blocked outwards, the read is sending a window adjustment, which must be finished by the same call.
                    guard blockedDirections().contains(.write) else { break }
                    try await pauseForSocket(step, time)
                } else if answer < 0 {
                    throw failure(step, answer)
                } else if isAll {
                    break
                }
            }
        }
    }

    /// Bytes of this channel's streams that libssh2 holds for us.
    func queuedBytes(_ channel: OpaquePointer) -> Int {
        reactor.preconditionOnLoop()
        var queued: UInt = 0
        libssh2_channel_window_read_ex(channel, &queued, nil)
        return Int(queued)
    }

    private func exitStatus(_ channel: OpaquePointer) throws(SSHError) -> Int32 {
        if watch.pointee.exit_status_seen != 0 { return Int32(truncatingIfNeeded: watch.pointee.exit_status) }
        reactor.preconditionOnLoop()
        var name: UnsafeMutablePointer<CChar>?
        var length = 0
        libssh2_channel_get_exit_signal(channel, &name, &length, nil, nil, nil, nil)
        guard let name, let session else { throw .noExitStatus(peer: peer) }
        defer { libssh2_free(session, name) }
        return 128 + Self.signalNumber(String(cString: name))
    }

    /// The numbers of the signals that RFC 4254 names, as Linux has them.
    private static func signalNumber(_ name: String) -> Int32 {
        let numbers: [String: Int32] = [
            "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "ABRT": 6, "FPE": 8, "KILL": 9, "USR1": 10, "SEGV": 11, "USR2": 12,
            "PIPE": 13, "ALRM": 14, "TERM": 15,
        ]
        return numbers[name] ?? 127
    }

    /// Drives a call that answers 0 when it is done.
    func expect(_ step: String, _ time: TimeLimit, _ attempt: (OpaquePointer) -> Int) async throws(SSHError) {
        let answer = try await drive(step, time, attempt)
        guard answer >= 0 else { throw failure(step, answer) }
    }

    /// What a failed call means.
    func failure(_ step: String, _ answer: Int? = nil) -> SSHError {
        let reason = lastError()
        let code = session.map { answer.map(CInt.init(truncatingIfNeeded:)) ?? libssh2_session_last_errno($0) } ?? 0
        switch code {
        case LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED, LIBSSH2_ERROR_CHANNEL_FAILURE, LIBSSH2_ERROR_REQUEST_DENIED:
            return .commandRefused(peer: peer, reason: reason)
        default:
            return .lost(peer: peer, step: step, reason: reason)
        }
    }
}

/// What a command printed so far, up to a limit.
private struct Capture {
    let limit: Int
    private(set) var output: [UInt8] = []
    private(set) var errors: [UInt8] = []
    private(set) var isFull = false

    init(limit: Int) { self.limit = limit }

    mutating func append(_ bytes: UnsafeMutableRawBufferPointer.SubSequence, isError: Bool) {
        guard output.count + errors.count + bytes.count <= limit else {
            isFull = true
            return
        }
        if isError { errors.append(contentsOf: bytes) } else { output.append(contentsOf: bytes) }
    }
}
