import CSSH2
package import RolloutEngine

/// An interactive session: a terminal and a shell on one channel, bytes there and back.
extension SSHSession: ConsoleSession {
    /// No pager stops in a terminal this high.
    private static let height: CInt = 1000
    /// What is handed over at once, at the most.
    private static let portion = 1 << 20

    /// Asks for a terminal and starts what the device starts for who logs in.
    func openShell(width: Int, _ time: TimeLimit) async -> Result<Void, Failure> {
        await operation { session async throws(SSHError) in
            let channel = try await session.openChannel(time)
            let terminal = ForeignBytes("vt100")
            try await session.expect("asking for a terminal", time) { _ in
                Int(
                    libssh2_channel_request_pty_ex(
                        channel, terminal.start, UInt32(terminal.count), nil, 0, CInt(clamping: width), Self.height, 0,
                        0))
            }
            try await session.expect("asking for a shell", time) { _ in
                Int(libssh2_channel_process_startup(channel, "shell", 5, nil, 0))
            }
            session.shell = channel
        }
    }

    /// Sends bytes, all of them.
    package func send(_ bytes: [UInt8], within limit: Timespan) async throws(DriverError) {
        let time = TimeLimit(limit)
        let result = await operation { session async throws(SSHError) in try await session.write(bytes, time) }
        if case .failure(let failure) = result { throw failure.error.driverError(effect: failure.effect) }
    }

    /// Waits for bytes, and gives all that have come; none when the time is over.
    package func receive(within limit: Timespan) async throws(DriverError) -> [UInt8] {
        let until = Deadline.after(limit)
        // What libssh2 has begun must be finished by the same call; that it takes its time is no end of the session.
        let time = TimeLimit(limit + .minutes(1))
        let result = await operation { session async throws(SSHError) in try await session.read(until: until, time) }
        switch result {
        case .success(let bytes): return bytes
        case .failure(let failure): throw failure.error.driverError(effect: .possible)
        }
    }

    private func write(_ input: [UInt8], _ time: TimeLimit) async throws(SSHError) {
        let step = "sending to the terminal"
        guard let shell else { throw .closed(peer: peer, reason: "it has no shell") }
        let bytes = ForeignBytes(input)
        var sent = 0
        commandMayHaveLeft = true
        while sent < bytes.count {
            let answer = try call(step) { _ in
                libssh2_channel_write_ex(shell, 0, bytes.start + sent, min(Self.chunkSize, bytes.count - sent))
            }
            if answer > 0 {
                sent += answer
            } else if answer < 0, answer != Int(LIBSSH2_ERROR_EAGAIN) {
                throw failure(step, answer)
            } else {
                // Not blocked outwards, it is the device that takes no more until what it says is read.
                if !blockedDirections().contains(.write) { unread += try await readOnce(shell, time) }
                if try call(step, { _ in Int(libssh2_channel_eof(shell)) }) == 1 { throw ended(step) }
                try await pauseForSocket(step, time)
            }
        }
    }

    private func read(until: Deadline, _ time: TimeLimit) async throws(SSHError) -> [UInt8] {
        let step = "waiting for output"
        guard let shell else { throw .closed(peer: peer, reason: "it has no shell") }
        // Whatever came with the last call, a write as well, libssh2 has taken in: only the socket can bring more.
        var isQuiet = hasReadShell && queuedBytes(shell) == 0
        while true {
            var bytes = isQuiet ? [] : try await readOnce(shell, time)
            isQuiet = false
            hasReadShell = true
            if !unread.isEmpty {
                bytes = unread + bytes
                unread = []
            }
            if !bytes.isEmpty { return bytes }
            if try call(step, { _ in Int(libssh2_channel_eof(shell)) }) != 0 { throw ended(step) }
            if try call(step, { _ in queuedBytes(shell) }) > 0 { continue }
            if Deadline.now() >= until { return [] }
            try await pauseForSocket(step, time, orUntil: until)
        }
    }

    /// Reads what has come on both streams, up to a portion.
    private func readOnce(_ shell: OpaquePointer, _ time: TimeLimit) async throws(SSHError) -> [UInt8] {
        var bytes: [UInt8] = []
        try await readStreams(of: shell, "reading from the terminal", time) { came, _ in
            bytes.append(contentsOf: came)
            return bytes.count < Self.portion
        }
        return bytes
    }

    private func ended(_ step: String) -> SSHError {
        .lost(peer: peer, step: step, reason: "the device ended the session")
    }
}

extension SSHTransport: ConsoleTransport {
    /// A reactor: with one of them, that of the session.
    package func executor(for device: Device) -> (any TaskExecutor)? { reactors.next().tasks }

    /// A fresh, authenticated session with a terminal, through the device's jump device and namespace if it has them.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    package func openConsole(to device: Device, width: Int, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
    {
        let session = try await connectSession(to: device, within: limit)
        if case .failure(let failure) = await session.openShell(width: width, SSHSession.TimeLimit(limit)) {
            await session.close()
            throw failure.error.driverError(effect: .none)
        }
        return session
    }
}
