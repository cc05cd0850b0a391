/// Something that an operator can do about a rollout as it stands: the exact command, and what it asks of the engine. Pure.
package struct Choice: Hashable, Sendable {
    /// The command, as it is typed. Names in it are as the inventory has them: what shows it makes them safe.
    package var command: String
    /// What it does, in words.
    package var words: String
    /// What it asks of the engine; nil for what only a command can do.
    package var verb: OperatorRequest.Verb?

    private init(_ command: String, _ words: String, _ verb: OperatorRequest.Verb?) {
        self.command = command
        self.words = words
        self.verb = verb
    }

    /// Whether a reason has to be given.
    package var needsReason: Bool {
        switch verb {
        case .promote, .approve: true
        default: false
        }
    }

    /// Every choice, the likeliest first; none where nothing is left to decide.
    package static func all(for status: RolloutStatus) -> [Choice] {
        let id = status.id.number
        var choices: [Choice] = []
        let holdsChange = status.waves.contains { $0.devices.contains { $0.state == .confirmed } }
        let everythingBack = Choice("rollout rollback \(id)", "put everything back", .rollBack(.all))
        switch status.phase {
        case .done, .rolledBack, .aborted:
            if status.waves.contains(where: { $0.devices.contains { $0.state == .failed } }) {
                choices.append(Choice("rollout retry \(id) --failed", "try the failed devices again", .retryFailed))
            }
            if holdsChange { choices.append(everythingBack) }
        case .unattended, .waiting, .running, .watching, .rollingBack:
            choices += approvals(status)
            if status.driver == nil {
                choices.append(Choice("rollout apply --resume \(id)", "ask every device in doubt, then go on", nil))
            }
            choices.append(everythingBack)
        case .paused:
            choices += whilePaused(status) + approvals(status)
            if holdsChange { choices.append(everythingBack) }
            choices.append(Choice("rollout abort \(id)", "stop for good; what is done stays", .abort))
        }
        var seen: Set<String> = []
        return choices.filter { seen.insert($0.command).inserted }
    }

    private static func approvals(_ status: RolloutStatus) -> [Choice] {
        status.awaiting.map { awaited in
            Choice(
                awaited.command(status.id),
                "let \(awaited.wave.map { "wave \($0)" } ?? "it") begin; who and why is recorded",
                .approve(wave: awaited.wave))
        }
    }

    private static func whilePaused(_ status: RolloutStatus) -> [Choice] {
        let id = status.id.number
        func resume(_ words: String) -> Choice { Choice("rollout resume \(id)", words, .resume(nil)) }
        var choices: [Choice] = []
        let kinds = Set(status.pauses.map(\.kind))
        if kinds.contains(.deviceUnknown) {
            let doubt = status.counts[.unknown] != nil
            choices.append(resume(doubt ? "ask the unknown devices again, then go on" : "go on"))
        }
        if !kinds.isDisjoint(with: [.gateFailed, .gateUnclear]),
            let open = status.waves.last(where: {
                $0.phase == .held || $0.alarms.contains { $0.action != .observe }
            })
        {
            choices += atGate(of: open, id, resume)
        }
        for hold in status.cohorts {
            choices.append(
                Choice(
                    "rollout resume \(id) --cohort \"\(hold.name)\"",
                    "push to its other devices too, which were held", nil))
        }
        if kinds.contains(.beside) {
            choices.append(resume("go on; what fails beside the waves was seen"))
            let open = status.waves.last { $0.phase != .waiting && $0.phase != .passed }
            choices.append(
                Choice(
                    "rollout promote \(id) --override beside --reason \"WHY\"",
                    "go on and do not look beside this wave any more",
                    open.map { .promote(wave: $0.index, overriding: [BesideWatch.gate]) }))
        }
        if kinds.contains(.storeFull) { choices.append(resume("once there is room again, go on")) }
        if kinds.contains(.domainHeld) {
            choices.append(resume("once that device is proven, put back or mended, go on"))
        }
        if kinds.contains(.clockSet) { choices.append(resume("once the machine's clock is right, go on")) }
        if kinds.contains(.lineStopped) {
            choices.append(Choice("rollout release-the-line --reason \"WHY\"", "let every rollout go on", nil))
        }
        if !kinds.isDisjoint(with: [.operator, .window, .deadline]) { choices.append(resume("go on")) }
        let mayBeRetried = status.waves.contains {
            $0.devices.contains { $0.state == .failed || $0.state == .rolledBack }
        }
        if mayBeRetried, !kinds.isDisjoint(with: [.cohort, .budget, .domainHeld, .gateFailed, .gateUnclear]) {
            choices.append(
                Choice("rollout retry \(id) --failed", "try failed and put-back devices again", .retryFailed))
        }
        return choices
    }

    private static func atGate(
        of open: RolloutStatus.WaveStatus, _ id: Int64, _ resume: (String) -> Choice
    ) -> [Choice] {
        guard !open.devices.contains(where: { $0.state == .rolledBack }) else { return [] }
        let alarms = open.alarms.filter { $0.action != .observe }
        let gates = Set(open.verdicts.filter { $0.outcome != .pass }.map(\.gate) + alarms.map(\.gate)).sorted()
        let isUntouched = open.devices.allSatisfy { $0.state == .waiting }
        var choices = [
            resume(
                open.phase == .passed
                    ? "go on although wave \(open.index) looks unwell"
                    : isUntouched
                        ? "once they answer again, go on with wave \(open.index)"
                        : "soak and judge wave \(open.index) again")
        ]
        if !gates.isEmpty && open.phase != .passed {
            choices.append(
                Choice(
                    "rollout promote \(id) --override \(gates.map(\.rawValue).joined(separator: ",")) --reason \"WHY\"",
                    "go on anyway; who and why is recorded", .promote(wave: open.index, overriding: gates)))
        }
        if !isUntouched {
            choices.append(
                Choice(
                    "rollout rollback \(id) --wave \(open.index)", "put this wave back, then stay paused",
                    .rollBack(.wave(open.index))))
        }
        return choices
    }

    /// What becomes of a paused rollout when nothing is done.
    package static func withoutAny(for status: RolloutStatus) -> String {
        let timed = status.waves.flatMap(\.devices).filter { device in
            device.state != .confirmed && (device.revertsAt ?? device.revertsBy).map { $0 > status.at } == true
        }
        guard !timed.isEmpty else {
            return "If you do nothing: it stays as it is. No device reverts or changes by itself."
        }
        let names = timed.prefix(5).map { SafeText.line($0.name.rawValue) }.joined(separator: ", ")
        let more = timed.count > 5 ? " and \(timed.count - 5) more" : ""
        return "If you do nothing: \(names)\(more) reverts by itself when its timer runs out; nothing else changes."
    }
}
