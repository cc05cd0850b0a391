import ArgumentParser
import RolloutEngine

/// What every command that asks something of a rollout shares.
struct OperatorOptions: ParsableArguments {
    @OptionGroup var rollout: RolloutArgument
    @Option(help: "Why; it is recorded with your name.") var reason: String?
    @Flag(help: "Only record the request; do not drive the rollout if nobody else does.") var noDrive = false
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    /// Records a request, and drives the rollout if it needs driving and nobody does.
    func ask(
        _ verb: (RolloutReading, any JournalStore) async throws -> OperatorRequest.Verb, drives: Bool
    ) async throws {
        try await Command.run(output) {
            let store = try store.open()
            let reading = try await RolloutReading(rollout, in: store)
            let request = OperatorRequest(try await verb(reading, store), by: Wiring.user, reason: reason)
            if case .resume(let kind) = request.verb, reading.status.driver == nil,
                let vain = VainResume(reading.status, reading.file.plan, reading.state, resuming: kind)
            {
                return try vain.say(output)
            }
            _ = try await store.record(request, for: reading.record.id, at: SystemClock().now())
            let id = reading.record.id.number
            if let driver = reading.status.driver {
                say("asked; \(SafeText.line(driver)) will act on it. Follow it: rollout watch \(id)")
                return .done
            }
            guard drives, !noDrive else {
                say("recorded. Nobody drives rollout \(id) now: rollout apply --resume \(id)")
                return .done
            }
            return try await DriveSession(
                store: store, record: reading.record, plan: reading.file, known: reading.state, mode: output.viewMode,
                style: output.style,
                verbosity: output.verbose
            ).run()
        }
    }
}

/// Makes a rollout start nothing new.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Start nothing new; what is in flight is finished.")
    @OptionGroup var options: OperatorOptions

    func run() async throws { try await options.ask({ _, _ in .pause }, drives: false) }
}

/// Takes reasons to stand still away, and goes on.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on: what was unclear is judged again, devices in doubt are asked again.")
    @OptionGroup var options: OperatorOptions
    @Option(help: "Take only this kind of pause away: operator, gate_failed, gate_unclear, budget and so on") var only:
        String?

    @Option(help: "Push again to this cohort, which was held: \"MODEL / FIRMWARE\", as status writes it.") var cohort:
        String?

    func run() async throws {
        if let cohort {
            guard only == nil else { throw ValidationError("give --only or --cohort, not both") }
            return try await options.ask(
                { reading, _ in
                    let held = reading.state.cohortHolds.map(\.cohort)
                    if let found = held.first(where: { $0.description == cohort }) { return .release(cohort: found) }
                    let list = held.map { SafeText.line("\"\($0)\"") }.joined(separator: ", ")
                    throw CommandFailure(
                        .badInput,
                        "no cohort '\(SafeText.line(cohort))' is held" + (held.isEmpty ? "" : "; held are: \(list)"))
                }, drives: true)
        }
        let kind = only.map { PauseReason.Kind(rawValue: $0) }
        if let kind, kind == nil {
            let kinds = PauseReason.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(only ?? "")' is no kind of pause; there are: \(kinds)")
        }
        try await options.ask({ _, _ in .resume(kind ?? nil) }, drives: true)
    }
}

/// Goes on although gates did not pass.
struct PromoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Go on although gates did not pass. Who and why is recorded.")
    @OptionGroup var options: OperatorOptions
    @Option(help: "The gates to override, separated by commas; `peak` lets a wave go without its peak.") var override:
        String
    @Option(help: "The wave; the one that is held unless given.") var wave: Int?

    func run() async throws {
        guard options.reason != nil else { throw ValidationError("an override needs --reason \"…\"") }
        try await options.ask(
            { reading, _ in
                let names = override.split(separator: ",").map { GateName(rawValue: String($0)) }
                let known =
                    reading.file.plan.policy.gates.map(\.name) + (reading.file.plan.beside == nil ? [] : ["beside"])
                    + (reading.file.plan.policy.peak == nil ? [] : ["peak"])
                if let wrong = names.first(where: { !known.contains($0) }) {
                    let list = known.map(\.rawValue).joined(separator: ", ")
                    throw CommandFailure(
                        .badInput, "the policy has no gate '\(SafeText.line(wrong.rawValue))'; there are: \(list)")
                }
                if let wave {
                    guard reading.file.plan.waves.contains(where: { $0.index == wave }) else {
                        throw CommandFailure(.badInput, "there is no wave \(wave)")
                    }
                    return .promote(wave: wave, overriding: names)
                }
                let open = reading.status.waves.last { $0.phase != .waiting && $0.phase != .passed }
                guard let open else { throw CommandFailure(.refused, "no wave is held by a gate") }
                return .promote(wave: open.index, overriding: names)
            }, drives: true)
    }
}

/// Lets something begin that waits for somebody's word.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Let a rollout, or a wave of it, begin that waits for approval. Who and why is recorded.",
        discussion:
            "Who created a rollout cannot approve it. What the policy asks for: see `approvals` in docs/policy.md.")
    @OptionGroup var options: OperatorOptions
    @Option(help: "This wave; the rollout itself unless given.") var wave: Int?
    @Flag(help: "Take your own approval back; what has begun goes on.") var withdraw = false

    func run() async throws {
        guard withdraw || options.reason != nil else { throw ValidationError("an approval needs --reason \"…\"") }
        try await options.ask(
            { reading, store in
                let scheduler = try await store.serviceState().scheduler(of: reading.record.id)
                if let refusal = ApprovalRefusal(
                    of: wave, by: Wiring.user, withdrawing: withdraw, reading.file.plan, reading.state,
                    scheduler: scheduler,
                    at: reading.status.at)
                {
                    throw CommandFailure(refusal.isBadInput ? .badInput : .refused, SafeText.line(refusal.words))
                }
                return withdraw ? .withdraw(wave: wave) : .approve(wave: wave)
            }, drives: false)
    }
}

/// Stops a rollout for good.
struct AbortCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "Stop for good. What is done stays; see also `rollback`.")
    @OptionGroup var options: OperatorOptions

    func run() async throws { try await options.ask({ _, _ in .abort }, drives: true) }
}

/// Takes failed devices up again.
struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try failed and put-back devices again, and go on.")
    @OptionGroup var options: OperatorOptions
    @Flag(help: "Retry the devices that failed. Required, so that nothing is retried by a slip.") var failed = false

    func run() async throws {
        guard failed else { throw ValidationError("say what to retry: --failed") }
        try await options.ask({ _, _ in .retryFailed }, drives: true)
    }
}

/// Puts devices back.
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Put devices back on the configuration they had, and prove it.",
        aliases: ["undo"])
    @OptionGroup var options: OperatorOptions
    @Option(help: "Only this wave.") var wave: Int?
    @Option(help: "Only these devices, separated by commas.") var devices: String?

    func run() async throws {
        guard wave == nil || devices == nil else { throw ValidationError("give --wave or --devices, not both") }
        try await options.ask(
            { reading, _ in
                let plan = reading.file.plan
                if let wave {
                    guard plan.waves.contains(where: { $0.index == wave }) else {
                        throw CommandFailure(
                            .badInput, "there is no wave \(wave); there are 0 to \(plan.waves.count - 1)")
                    }
                    return .rollBack(.wave(wave))
                }
                if let devices {
                    let names = devices.split(separator: ",").map { DeviceName(rawValue: String($0)) }
                    let known = Set(plan.waves.flatMap(\.devices))
                    if let wrong = names.first(where: { !known.contains($0) }) {
                        throw CommandFailure(
                            .badInput, "this rollout does not change a device '\(SafeText.line(wrong.rawValue))'")
                    }
                    return .rollBack(.devices(names))
                }
                return .rollBack(.all)
            }, drives: true)
    }
}
