import RolloutEngine

/// What the driver does on one session with one device, step by step.
struct NETCONFWork: Sendable {
    let session: NETCONFSession
    let capabilities: NETCONFCapabilities
    let rendering: NETCONFRendering
    let device: Device

    private var model: NETCONFModel { rendering.model }

    // MARK: Reading

    /// What a device says of itself.
    struct Identity: Sendable {
        var hostname: String
        var firmware: String?
        var hardware: String?
        var serial: String?
    }

    /// Hostname, and what else it says of itself as far as the model says how to ask.
    func identity() async throws(DriverError) -> Identity {
        let reply = try await session.demand(NETCONF.get(filter: [model.hostname.root]))
        let data = reply.data ?? NETCONF.element("data")
        guard let hostname = model.hostname.find(in: data)?.value, !hostname.isEmpty else {
            throw DriverError(
                .garbledOutput,
                "the device told no hostname at <\(model.hostname.root.name)>…<\(model.hostname.target.name)>",
                effect: await session.effect)
        }
        var identity = Identity(hostname: hostname)
        guard let facts = model.facts else { return identity }
        // Not every device of a platform can be asked, nor may every account.
        let answer = try await session.ask(facts.ask, isOwn: true).data ?? NETCONF.element("data")
        identity.firmware = facts.firmware?.value(in: answer)
        identity.hardware = facts.hardware?.value(in: answer)
        identity.serial = facts.serial?.value(in: answer)
        return identity
    }

    /// Stops unless the device answers with the hostname that is expected.
    func identify() async throws(DriverError) -> Identity {
        let identity = try await identity()
        guard isSame(identity.hostname, device.hostname) else {
            throw DriverError.wrongDevice(device, answersAs: identity.hostname, effect: await session.effect)
        }
        return identity
    }

    /// The sections of some interfaces.
    func read(_ interfaces: [String], from datastore: NETCONF.Datastore = .running) async throws(DriverError)
        -> DeviceConfig
    {
        var sections: [DeviceConfig.Section] = []
        for interface in interfaces {
            let (_, subtree) = try rendering.place(of: interface)
            let reply = try await session.demand(NETCONF.getConfig(datastore, filter: [subtree.root]))
            sections.append(try rendering.section(of: interface, in: reply.data ?? NETCONF.element("data")))
        }
        return DeviceConfig(sections: sections)
    }

    /// Whether somebody's changes wait in the candidate: the whole of it is compared with the running configuration.
    func isCandidateDirty() async throws(DriverError) -> Bool {
        func lines(_ datastore: NETCONF.Datastore) async throws(DriverError) -> [String] {
            let reply = try await session.demand(NETCONF.getConfig(datastore))
            return reply.data?.canonicalLines(keys: model.keys) ?? []
        }
        let running = try await lines(.running)
        return try await lines(.candidate) != running
    }

    // MARK: Locks

    /// What became of asking for the lock of the running configuration.
    enum RunningLock: Sendable {
        /// It is ours, so no confirmed commit of another session is pending (RFC 6241, section 7.5).
        case taken
        /// A confirmed commit is pending; whose, the device does not say.
        case commitPending
    }

    /// Asks for the lock of the running configuration, which is refused while a confirmed commit is pending: the one standard
    /// way to learn of it.
    ///
    /// - Throws: `DriverError` with `.locked` when another session holds the lock: then nothing can be known.
    func lockRunning() async throws(DriverError) -> RunningLock {
        let reply = try await session.ask(NETCONF.lock(.running))
        guard let error = reply.errors.first else { return .taken }
        if isSame(error.tag, "in-use") { return .commitPending }
        guard isSame(error.tag, "lock-denied") else {
            throw await failure(.refused, "the running configuration cannot be locked: \(error)")
        }
        // Devices that give this reason for both tell them apart where they list their locks.
        if capabilities.tellsOfLocks, try await holder(of: .running) == nil { return .commitPending }
        let holder = try await words(for: error.lockedBy)
        throw await failure(
            .locked,
            "\(holder) holds the lock of the running configuration: nothing is changed, and whether"
                + " a confirmed commit is pending cannot be known, until it is given back")
    }

    /// Takes the candidate for us. Changes of ours that were cut off are discarded; those of others are a reason to stop.
    func lockCandidate(for order: PushOrder, interfaces: [String]) async throws(DriverError) {
        let reply = try await session.ask(NETCONF.lock(.candidate))
        guard let error = reply.errors.first else { return }
        // A device may refuse the lock because the candidate was modified, and need not say that this is why: some call it the lock
        // of a session 0 (clixon).
        let number = isSame(error.tag, "lock-denied") ? error.lockedBy : nil
        guard (number ?? 0) == 0, try await isCandidateDirty() else {
            guard let number else {
                throw await failure(.refused, "the candidate configuration cannot be locked: \(error)")
            }
            let holder = try await words(for: number)
            throw await failure(.locked, "\(holder) holds the lock of the candidate configuration")
        }
        let candidate = try await read(interfaces, from: .candidate)
        guard candidate.isEquivalent(to: order.desired), try await differsOnlyIn(interfaces) else {
            throw await failure(
                .refused,
                "somebody's changes wait in the candidate configuration, and a commit would make them, too: commit or"
                    + " discard them first (\(error))")
        }
        try await session.demand(NETCONF.discardChanges, mayChange: true)
        try await session.demand(NETCONF.lock(.candidate))
        await session.forgetEffect()
    }

    /// Whether candidate and running configuration are the same but for these interfaces' shaping.
    private func differsOnlyIn(_ interfaces: [String]) async throws(DriverError) -> Bool {
        func rest(_ datastore: NETCONF.Datastore) async throws(DriverError) -> [String] {
            var data = try await session.demand(NETCONF.getConfig(datastore)).data ?? NETCONF.element("data")
            for interface in interfaces { data = try rendering.place(of: interface).subtree.removed(from: data) }
            return data.canonicalLines(keys: model.keys)
        }
        let running = try await rest(.running)
        return try await rest(.candidate) == running
    }

    /// The session that holds a lock, as ietf-netconf-monitoring tells.
    private func holder(of datastore: NETCONF.Datastore) async throws(DriverError) -> UInt32? {
        let locks = Markup("netconf-state", in: NETCONF.monitoring, [Markup("datastores", in: NETCONF.monitoring)])
        let data = try await session.demand(NETCONF.get(filter: [locks])).data
        let entries = data?.child("netconf-state", in: NETCONF.monitoring)?.child("datastores")?.children ?? []
        let entry = entries.first { $0.child("name").map { isSame($0.value, datastore.rawValue) } ?? false }
        return entry?.child("locks")?.child("global-lock")?.child("locked-by-session").flatMap { UInt32($0.value) }
    }

    /// `session 12 (ops from 10.0.0.9)`, and whether that is perhaps one of ours.
    private func words(for number: UInt32?) async throws(DriverError) -> String {
        guard let number, number > 0 else { return "somebody who did not come over NETCONF" }
        guard capabilities.tellsOfLocks else { return "session \(number)" }
        let sessions = Markup("netconf-state", in: NETCONF.monitoring, [Markup("sessions", in: NETCONF.monitoring)])
        let data = try await session.demand(NETCONF.get(filter: [sessions])).data
        let list = data?.child("netconf-state", in: NETCONF.monitoring)?.child("sessions")?.children ?? []
        let entry = list.first { $0.child("session-id").flatMap { UInt32($0.value) } == number }
        let user = entry?.child("username")?.value
        let notes = [user, entry?.child("source-host").map { "from \($0.value)" }].compactMap(\.self)
        let isPerhapsOurs = user.map { isSame($0, device.ssh.user) } ?? false
        return "session \(number)" + (notes.isEmpty ? "" : " (\(notes.joined(separator: " ").prefix(200)))")
            + (isPerhapsOurs ? ", perhaps one of ours that was cut off," : "")
    }

    // MARK: Changing

    /// Edits the candidate and commits it so that the device reverts by itself: to `target`, from what it holds now.
    ///
    /// Both locks must be held. Until the commit is sent, what was edited is discarded when anything is not as it should be.
    func change(to target: DeviceConfig, from current: DeviceConfig, _ order: PushOrder) async throws(DriverError) {
        let interfaces = order.scope.interfaces
        let edits = try rendering.edits(to: target) { section in
            !(current.sections.first { isSame($0.name, section.name) }?.lines.elementsEqual(section.lines, by: isSame)
                ?? false)
        }
        do throws(DriverError) {
            try await session.demand(
                NETCONF.editConfig(
                    edits, tests: capabilities.validates, undoes: capabilities.undoesFailedEdits), mayChange: true)
            let candidate = try await read(interfaces, from: .candidate)
            guard candidate.isEquivalent(to: target) else {
                throw DriverError(
                    .verifyMismatch,
                    "the candidate configuration is not what was sent: \(differences(from: target, to: candidate))",
                    effect: .possible)
            }
            if model.validates, capabilities.validates { try await session.demand(NETCONF.validate) }
        } catch {
            // Without the permit nothing more is sent. The end of the lock discards what the candidate holds (RFC 6241,
            // section 8.3.5.2).
            if error.code == .leaseOver { throw error }
            throw await discarding(error)
        }
        let seconds = max(1, order.revertAfter.milliseconds / 1000)
        do throws(DriverError) {
            try await session.demand(NETCONF.commit(revertingAfter: seconds, persist: order.mark), mayChange: true)
        } catch {
            // Refused, the running configuration should be as it was; whoever asks will read it.
            if error.code == .refused { _ = try? await session.ask(NETCONF.discardChanges) }
            throw error
        }
    }

    /// Takes an edit back that did not become a commit; when that is proved, the device is as it was.
    private func discarding(_ error: DriverError) async -> DriverError {
        guard let reply = try? await session.ask(NETCONF.discardChanges), reply.errors.isEmpty else { return error }
        await session.forgetEffect()
        return DriverError(
            error.code, error.message + "; the candidate was discarded, nothing was committed", effect: .none)
    }

    // MARK: Saving

    /// Whether the device would start with a configuration, as far as these interfaces go. Nil where what runs is what it starts
    /// with; false also where what it starts with cannot be read, as on SR OS.
    func isSaved(_ config: DeviceConfig, _ interfaces: [String]) async throws(DriverError) -> Bool? {
        guard capabilities.hasStartup else { return nil }
        return try await startup(interfaces)?.isEquivalent(to: config) ?? false
    }

    /// Makes what runs what the device starts with, where nothing shows that it does, and reads it back where that can be read.
    func saved(_ observed: Observation, _ interfaces: [String]) async throws(DriverError) -> Observation {
        guard observed.isSaved == false else { return observed }
        try await session.demand(NETCONF.saveRunning, mayChange: true)
        guard let startup = try await startup(interfaces) else { return observed }
        guard startup.isEquivalent(to: observed.config) else {
            throw DriverError(
                .verifyMismatch,
                "what it runs was copied to what it starts with, and is not there: "
                    + differences(from: observed.config, to: startup), effect: .possible)
        }
        var saved = observed
        saved.isSaved = true
        return saved
    }

    /// What the device starts with; nil where that cannot be read.
    private func startup(_ interfaces: [String]) async throws(DriverError) -> DeviceConfig? {
        do throws(DriverError) {
            return try await read(interfaces, from: .startup)
        } catch {
            guard error.code == .refused else { throw error }
            return nil
        }
    }

    /// Gives both locks back.
    func unlock() async throws(DriverError) {
        try await session.demand(NETCONF.unlock(.candidate))
        try await session.demand(NETCONF.unlock(.running))
    }

    /// The first lines that differ, for a person.
    func differences(from expected: DeviceConfig, to found: DeviceConfig) -> String {
        let lines = ConfigDiff(from: expected, to: found).text.split(separator: "\n")
        return lines.prefix(6).map { $0.prefix(120) }.joined(separator: " | ") + (lines.count > 6 ? " …" : "")
    }

    private func failure(_ code: DriverError.Code, _ message: String) async -> DriverError {
        DriverError(code, message, effect: await session.effect)
    }
}
