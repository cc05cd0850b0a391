import ArgumentParser
import Foundation
import RolloutEngine

/// Carries out a plan, or goes on with a rollout.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Carry out a plan: exactly that plan, wave by wave, watched.",
        discussion: """
            Exit codes: 0 done · 3 paused, needs a person · 4 failed, all put back and verified · 5 some device unknown or \
            unconfirmed · 6 somebody else drives it · 7 some devices had changed since the plan · 8 refused
            """)

    @Argument(
        help: "The plan file; with --resume the rollout's number, or 'latest', which is meant when it is left out.",
        completion: .file())
    var plan: String?

    @Flag(help: "Go on with a rollout instead of starting one.")
    var resume = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Flag(help: "Take the rollout over from whoever drives it.")
    var steal = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard plan != nil || resume else {
            throw ValidationError("give a plan file, or --resume and a rollout's number")
        }
    }

    func run() async throws {
        try await Command.run(output) {
            let store = try store.open()
            let record: RolloutRecord
            let file: PlanFile
            var known = RolloutState()
            if resume {
                record = try await RolloutArgument.parse([plan ?? "latest"]).find(in: store)
                file = try PlanFile(try await store.plan(of: record.id), from: "rollout \(record.id)")
                known = try await store.state(of: record.id)
                if let over = try end(of: record, file, known) { return over }
                let now = SystemClock().now()
                let isDriven = try await store.lease(of: record.id)?.living(at: now) != nil
                let status = RolloutStatus(record, plan: file.plan, state: known, lease: nil, at: now)
                if !isDriven, let vain = VainResume(status, file.plan, known) { return try vain.say(output) }
            } else {
                file = try PlanIO.read(plan ?? "")
                guard !file.plan.waves.isEmpty else {
                    say("nothing to change")
                    return .done
                }
                try refuseWithoutTimer(file)
                try await store.serviceState().demandRunningLine()
                try await refuseTwice(file, in: store)
                try Approval(plan: file.plan, style: output.style).ask(yes: yes)
                let id = try await store.create(
                    plan: file.bytes, digest: file.digest, title: file.plan.change.name, by: Wiring.user,
                    at: SystemClock().now())
                record = try await store.rollout(id)
                if !output.json { show("rollout \(id)   from a second terminal: rollout status \(id.number)") }
            }
            return try await DriveSession(
                store: store, record: record, plan: file, known: known, mode: output.viewMode, style: output.style,
                steal: steal,
                verbosity: output.verbose
            ).run()
        }
    }
}

extension ApplyCommand {
    /// How a rollout ended, said again; nil when there is something to go on with.
    private func end(of record: RolloutRecord, _ file: PlanFile, _ state: RolloutState) throws -> ExitStatus? {
        guard state.ending != nil else { return nil }
        let status = RolloutStatus(record, plan: file.plan, state: state, lease: nil, at: SystemClock().now())
        let code = ExitStatus(restingAt: status)
        if output.json {
            show(try JSONOutput.pretty(status))
        } else {
            show("rollout \(record.id) is over: there is nothing to go on with")
            show(Closing(status: status, code: code).text(output.style))
        }
        return code
    }

    /// What nothing would put back is only changed when the policy says so.
    private func refuseWithoutTimer(_ file: PlanFile) throws {
        if let refusal = file.plan.refusal { throw CommandFailure(.refused, refusal) }
    }

    /// A plan that is half carried out is gone on with; a second rollout of it would only get in the way of the first.
    private func refuseTwice(_ file: PlanFile, in store: any JournalStore) async throws {
        for record in try await store.rollouts() where record.planDigest == file.digest {
            let state = try await store.state(of: record.id)
            guard state.ending == nil else { continue }
            let number = record.id.number
            throw CommandFailure(
                .refused,
                "rollout \(number) of this very plan is not over: go on with it (rollout apply --resume \(number)), "
                    + "or give it up first (rollout abort \(number))")
        }
    }
}

/// Shows what is at stake and asks for the number of devices, so that nobody says yes to something else.
private struct Approval {
    let plan: Plan
    let style: Style

    func ask(yes: Bool) throws {
        let count = plan.devices.count { $0.target != nil }
        let places = plan.datacentres.map(\.name.rawValue).joined(separator: ", ")
        say(
            "\(SafeText.line(plan.change.name)): \(count) devices in \(SafeText.line(places)), \(plan.waves.count) waves, about \(brief(PlanDuration.estimate(plan)))"
        )
        for line in RevertTimerText.lines(of: plan, style) { say(line) }
        for warning in plan.warnings { say(style.paint("warning: \(SafeText.line(warning))", .warning)) }
        if yes { return }
        guard Terminal.canAsk else {
            throw CommandFailure(.refused, "nobody can be asked here: give --yes to apply without asking")
        }
        FileHandle.standardError.write(Data("Type the number of devices to go on: ".utf8))
        guard readLine()?.trimmingCharacters(in: .whitespaces) == "\(count)" else {
            throw CommandFailure(.refused, "not applied: the answer was not \(count)")
        }
    }
}
