import CLinux
import CSSH2
import Glibc
import RolloutEngine

extension SSHSession {
    /// Opens the TCP connection: looks the name up, and tries its addresses one after another.
    func openSocket(_ time: TimeLimit) async throws(SSHError) {
        let addresses = try await addresses(time)
        var problem = SSHError.lookup(name: peer.address, reason: "the name has no address")
        for (index, address) in addresses.enumerated() {
            // A dead address must not use up the time of those after it.
            let share = TimeLimit(
                .milliseconds(time.deadline.remaining.milliseconds / Int64(addresses.count - index)))
            do throws(SSHError) {
                return try await connect(to: address, share, within: time.span)
            } catch {
                if case .cancelled = error { throw error }
                if case .localSetup = error { throw error }
                problem = error
            }
        }
        throw problem
    }

    private func addresses(_ time: TimeLimit) async throws(SSHError) -> [SocketAddress] {
        let (name, port) = (peer.address, peer.port)
        if let numeric = try? SocketAddress.find(name, port: port, onlyNumeric: true).get() { return numeric }
        let found = try await offload("looking up its name", time) { SocketAddress.find(name, port: port) }
        switch found {
        case .success(let addresses): return addresses
        case .failure(let error): throw .lookup(name: name, reason: error.reason)
        }
    }

    private func connect(to address: SocketAddress, _ time: TimeLimit, within span: Timespan) async throws(SSHError) {
        let settings = settings
        let opened: Result<CInt, SocketAddress.Failure>
        if peer.namespace == nil {
            opened = address.makeSocket(dscp: settings.dscp, isPaced: settings.pacer != nil)
        } else {
            // A network namespace belongs to a thread, so the socket is made on one that ends right afterwards.
            opened = try await offload("entering its network namespace", time) {
                address.makeSocket(
                    dscp: settings.dscp, isPaced: settings.pacer != nil, namespace: settings.peer.namespace)
            } discard: {
                if case .success(let late) = $0 { Glibc.close(late) }
            }
        }
        switch opened {
        case .success(let fd): socket = fd
        case .failure(let error): throw .localSetup("\(peer): \(error.reason)")
        }
        do throws(SSHError) {
            var status = address.connect(socket)
            if status == EINPROGRESS {
                try await pause("connecting", time, for: [Reactor.Source(socket, .write)])
                status = SocketAddress.pendingError(socket)
            }
            guard status == 0 else { throw .connect(peer: peer, reason: Errno.text(status)) }
        } catch {
            reactor.forget(socket)
            Glibc.close(socket)
            socket = -1
            if case .timeout(let peer, let step, _) = error { throw .timeout(peer: peer, step: step, limit: span) }
            throw error
        }
    }

    /// Runs blocking work on a thread of its own and waits for it here, no longer than the limit.
    private func offload<Value: Sendable>(
        _ step: String, _ time: TimeLimit, _ work: @escaping @Sendable () -> Value,
        discard: @escaping @Sendable (Value) -> Void = { _ in }
    ) async throws(SSHError) -> Value {
        let box = LateResult<Value>()
        let number = reactor.makeRegistration()
        HelperThreads.shared.run { [reactor] in
            let value = work()
            // The wake goes through the reactor's inbox, so it cannot come before the wait below has begun.
            if box.deliver(value) { reactor.wake(number) } else { discard(value) }
        }
        do throws(SSHError) {
            try await pause(step, time, as: number)
        } catch {
            if let late = box.abandon() { discard(late) }
            throw error
        }
        guard let value = box.take() else { throw .cancelled(peer: peer, step: step) }
        return value
    }

    // MARK: Handshake

    /// Agrees on keys with the server and gives its host key, which is not yet judged. Sends no credential.
    func shakeHands(preferring types: [String], _ time: TimeLimit) async throws(SSHError) -> HostKey {
        let step = "exchanging keys"
        try openLibrary(hostKeys: LibSSH2.hostKeyPreference(known: types))
        let socket = socket
        let answer = try await drive(step, time) { session in Int(libssh2_session_handshake(session, socket)) }
        guard answer == 0 else { throw handshakeFailure(step, answer) }
        guard let key = offeredKey() else {
            throw .lost(peer: peer, step: step, reason: "the server's host key cannot be read")
        }
        dropPreface()
        return key
    }

    private func openLibrary(hostKeys: String) throws(SSHError) {
        reactor.preconditionOnLoop()
        guard LibSSH2.isReady else { throw .localSetup("libssh2 could not be initialised") }
        let capacity = 2048
        watch.pointee.preface = malloc(capacity)?.assumingMemoryBound(to: UInt8.self)
        watch.pointee.preface_capacity = watch.pointee.preface == nil ? 0 : UInt32(capacity)
        guard let opened = cssh2_session_open(watch) else { throw .localSetup("out of memory for an SSH session") }
        session = opened
        libssh2_session_method_pref(opened, LIBSSH2_METHOD_HOSTKEY, hostKeys)
    }

    private func handshakeFailure(_ step: String, _ answer: Int) -> SSHError {
        let reason = lastError()
        let first = Array(
            UnsafeBufferPointer(start: watch.pointee.preface, count: Int(watch.pointee.preface_length)))
        if first.isEmpty {
            let why = "it hung up before it said anything; does it limit logins in progress (sshd: MaxStartups)?"
            return .lost(peer: peer, step: step, reason: why)
        }
        let theirs = KeyExchangeOffer(firstBytes: first)
        let ours = LibSSH2.offer
        if let theirs, ours.gaps(with: theirs).isEmpty { return .lost(peer: peer, step: step, reason: reason) }
        return .handshake(
            peer: peer, reason: reason, ours: ours, theirs: theirs, greeting: KeyExchangeOffer.greeting(in: first))
    }

    private func offeredKey() -> HostKey? {
        reactor.preconditionOnLoop()
        guard let session else { return nil }
        var length = 0
        var type: CInt = 0
        guard let start = libssh2_session_hostkey(session, &length, &type) else { return nil }
        return start.withMemoryRebound(to: UInt8.self, capacity: length) {
            HostKey(bytes: Array(UnsafeBufferPointer(start: $0, count: length)))
        }
    }

    /// Stops unless the offered key is one that is trusted.
    func judge(_ offered: HostKey, by knowledge: TrustedHosts.Knowledge) throws(SSHError) {
        switch KnownHosts.judge(offered, by: knowledge.lines) {
        case .trusted: return
        case .unknown: throw .hostKeyUnknown(peer: peer, offered: offered, file: knowledge.file)
        case .changed(let known):
            throw .hostKeyChanged(peer: peer, offered: offered, known: known, file: knowledge.file)
        case .revoked(let line):
            throw .hostKeyRevoked(peer: peer, offered: offered, file: knowledge.file, line: line)
        }
    }
}
