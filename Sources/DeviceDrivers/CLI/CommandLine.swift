import RolloutEngine

/// One session with a device's command line, the mode it is in, and the time that is left.
///
/// Whoever uses it says what its commands can do to the device (`effect`); every error carries it. It runs where its session
/// runs: each piece of output would cost two switches of threads otherwise.
actor CommandLine {
    nonisolated private let host: any Actor
    nonisolated var unownedExecutor: UnownedSerialExecutor { host.unownedExecutor }

    /// What the commands sent so far can have done.
    private(set) var effect = DriverError.Effect.none
    /// The mode the device is in.
    private(set) var mode = ""

    private let session: any ConsoleSession
    private let kept: KeptDefinition
    private var definition: PlatformDefinition { _read { yield kept.value } }
    private var deadline: ContinuousClock.Instant
    private let commandLimit: Timespan
    private let settling: Timespan
    private var permit: Permit
    private let secret: Secret?
    private let user: String
    private let log: DeviceLog?
    private var conversation: Conversation
    /// What was so before the last right to change was asked for, until a command was obeyed after it.
    private var unused: DriverError.Effect?

    init(
        _ session: any ConsoleSession, _ definition: KeptDefinition, deadline: ContinuousClock.Instant,
        commandLimit: Timespan, settling: Timespan, permit: Permit, secret: Secret?, user: String, outputLimit: Int,
        log: DeviceLog?
    ) {
        self.session = session
        host = session.host
        kept = definition
        self.deadline = deadline
        self.commandLimit = commandLimit
        self.settling = settling
        self.permit = permit
        self.secret = secret
        self.user = user
        self.log = log
        conversation = Conversation(definition, outputLimit: outputLimit)
    }

    /// Waits for the first prompt, goes home, and turns paging off.
    func begin() async throws(DriverError) {
        mode = try await finish([.listen(forSilence: false)]).mode
        try await go(to: definition.home)
        for command in definition.setup { try await ask(command, weight: .unread) }
    }

    /// The name that its prompts show.
    var hostname: String? { conversation.hostname }

    /// Takes a session that was kept open up again, for another call with its own time and right.
    func resume(until deadline: ContinuousClock.Instant, _ permit: Permit) {
        self.deadline = deadline
        self.permit = permit
        effect = .none
    }

    /// Ends the session.
    func close() async { await session.close() }

    /// What follows may change the device: asks for the right to, and notes it.
    ///
    /// - Parameter isWholeOrNothing: Whether what follows did nothing when it was kept out by a lock. A commit may have armed its
    ///   timer by then.
    func mayChange(isWholeOrNothing: Bool = true) throws(DriverError) {
        try permit.demand(effect: effect)
        unused = isWholeOrNothing ? unused ?? effect : nil
        effect = .possible
    }

    /// Sends one command and waits for its prompt.
    ///
    /// - Throws: `DriverError` with `.refused` when the device complained, unless that is tolerated.
    @discardableResult
    func ask(
        _ command: String, tolerating: Bool = false, place: String? = nil, mayGiveSecret: Bool = false,
        weight: Conversation.Weight = .concluded, keepingChatter: Bool = false
    ) async throws(DriverError) -> Conversation.Answer {
        let effects: [Conversation.Effect]
        do throws(Conversation.Failure) {
            effects = try conversation.ask(
                command, hasSecret: mayGiveSecret && secret != nil, weight: weight, keepsChatter: keepingChatter)
        } catch {
            throw DriverError(error.code, error.message, effect: effect)
        }
        let start = ContinuousClock.now
        let answer: Conversation.Answer
        do throws(DriverError) {
            answer = try await finish(effects)
        } catch {
            log?.failed(command, error, since: start)
            throw error
        }
        log?.ran(
            command, answer.failure ?? answer.complaint.map { "it complained of \($0)" } ?? "done", since: start,
            answer.lines)
        mode = answer.mode
        if let failure = answer.failure {
            throw DriverError(.drifted, "after '\(command)': \(failure)", effect: effect)
        }
        if answer.complaint != nil, !tolerating, let lock = lock(in: answer) {
            // Whoever is kept out has changed nothing.
            if let unused { effect = unused }
            throw DriverError(.locked, "after '\(command)': \(lock)", effect: effect)
        }
        unused = nil
        if let complaint = answer.complaint, !tolerating {
            throw DriverError(
                .refused, (place.map { "\($0): " } ?? "") + "'\(command)': the device said \(complaint)", effect: effect
            )
        }
        return answer
    }

    /// That another session has the configuration for itself, in words; nil when the answer says nothing of the kind.
    private func lock(in answer: Conversation.Answer) -> String? {
        guard answer.lines.contains(where: { line in definition.locked.contains { $0.isFound(in: line) } }) else {
            return nil
        }
        let holders = answer.lines.compactMap { line in definition.lockHolder?.firstMatch(in: line)?["who"] }
        guard let holder = holders.first?.split(separator: " ").joined(separator: " ") else {
            return
                "another session holds the configuration, and the device does not say whose; it said \(answer.text.prefix(300))"
        }
        let isPerhapsOurs = holder.split(whereSeparator: { !$0.isLetter && !$0.isNumber && !"-_.".contains($0) })
            .contains { $0 == user }
        return "\(holder.prefix(200)) holds the configuration"
            + (isPerhapsOurs ? " (perhaps a session of ours that was cut off)" : "")
    }

    /// Goes to a mode by the commands of the definition.
    func go(to goal: String) async throws(DriverError) {
        if mode == goal { return }
        guard let way = definition.way(from: mode, to: goal) else {
            throw DriverError(
                .garbledOutput, "its prompt is that of mode '\(mode)', from which no command leads to '\(goal)'",
                effect: effect)
        }
        for step in way {
            try await ask(step.command, mayGiveSecret: true, weight: .proved)
            guard mode == step.mode else {
                throw DriverError(
                    .refused, "'\(step.command)' should lead to mode '\(step.mode)', but led to '\(mode)'",
                    effect: effect)
            }
        }
    }

    /// Sends the lines of a change. A line that the device complains of is named by its place.
    func send(_ lines: [String]) async throws(DriverError) {
        for (index, line) in lines.enumerated() {
            try await ask(
                String(line.drop { $0 == " " }), place: "line \(index + 1) of \(lines.count)", weight: .proved)
        }
    }

    /// Sends the commands of a procedure in its mode; gives what they said, all together.
    ///
    /// - Parameter values: What stands for the names in braces.
    @discardableResult
    func run(
        _ procedure: PlatformDefinition.Procedure, _ values: [String: String] = [:], tolerating: Bool = false
    ) async throws(DriverError) -> Conversation.Answer {
        try await go(to: procedure.mode ?? definition.home)
        var answer = Conversation.Answer()
        var whole = Conversation.Answer()
        for command in procedure.commands {
            answer = try await ask(Placeholders.filled(command) { values[$0] }, tolerating: tolerating)
            whole.lines += answer.lines
            whole.mode = answer.mode
            whole.complaint = whole.complaint ?? answer.complaint
        }
        if let expect = procedure.expect, !answer.lines.contains(where: { expect.isFound(in: $0) }) {
            let said = answer.lines.isEmpty ? "nothing" : "'\(answer.text.prefix(300))'"
            throw DriverError(
                .refused, "to '\(procedure.commands.last ?? "")' it should say '\(expect)', but said \(said)",
                effect: effect)
        }
        return whole
    }

    /// Does what the conversation wants until the command is over.
    private func finish(_ first: [Conversation.Effect]) async throws(DriverError) -> Conversation.Answer {
        var effects = first
        let end = min(deadline, ContinuousClock.now + commandLimit.duration)
        while true {
            var awaitsSilence = false
            for effect in effects {
                switch effect {
                case .done(let answer): return answer
                case .fail(let failure): throw DriverError(failure.code, failure.message, effect: self.effect)
                case .listen(let forSilence): awaitsSilence = forSilence
                case .send(let bytes): try await send(bytes, before: end)
                case .sendSecret:
                    let text = (secret?.reveal { $0 } ?? "") + definition.enter
                    try await send(Array(text.utf8), before: end)
                }
            }
            effects = conversation.handle(try await next(awaitsSilence, before: end))
        }
    }

    private func send(_ bytes: [UInt8], before end: ContinuousClock.Instant) async throws(DriverError) {
        do throws(DriverError) {
            try await session.send(bytes, within: max(.milliseconds(1), Self.span(to: end)))
        } catch {
            throw broken(error)
        }
    }

    /// The session cannot be talked to any more, and the conversation knows it: a next command is not begun.
    private func broken(_ error: DriverError) -> DriverError {
        _ = conversation.handle(.ended)
        return DriverError(error.code, error.message, effect: effect)
    }

    private func next(_ awaitsSilence: Bool, before end: ContinuousClock.Instant) async throws(DriverError)
        -> Conversation.Event
    {
        let left = Self.span(to: end)
        guard left > .zero else { return .deadline }
        let patience = awaitsSilence ? min(settling, left) : left
        do throws(DriverError) {
            let bytes = try await session.receive(within: patience)
            if !bytes.isEmpty { return .bytes(bytes) }
            return awaitsSilence ? .silence : .deadline
        } catch {
            if error.code == .connectionLost { return .ended }
            throw broken(error)
        }
    }

    private static func span(to end: ContinuousClock.Instant) -> Timespan {
        let left = ContinuousClock.now.duration(to: end)
        return Timespan(
            milliseconds: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000)
    }
}
