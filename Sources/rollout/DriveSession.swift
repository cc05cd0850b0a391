import Foundation
import RolloutEngine

/// Drives a rollout in this process and shows it, until it ends, rests, or the person detaches.
struct DriveSession {
    let store: any JournalStore
    let record: RolloutRecord
    let plan: PlanFile
    /// What was read of it already: a long journal is read once.
    var known = RolloutState()
    let mode: RolloutView.Mode
    let style: Style
    var steal = false
    var verbosity = 0

    /// Drives to the end, prints how it went, and says with which exit code to leave.
    func run() async throws -> ExitStatus {
        let view = RolloutView(record, plan: plan.plan, from: known, mode: mode, style: style)
        for entry in try await store.entries(of: record.id, after: known.sequence) { view.take(entry, quietly: true) }
        let fleet = try Wiring.fleet(
            plan.plan.policy.management, devices: plan.plan.devices.map(\.device), notBefore: view.state.lastEntryAt,
            verbosity: verbosity)

        let drive = try await RolloutDrive(
            of: record, plan, from: view.state, in: store, fleet, holder: LeaseHolder.current.description, steal: steal,
            onEntry: { view.take($0) }, onWait: { view.note($0?.message) })
        let (runner, lease) = (drive.runner, drive.lease)

        let baseline = plan.plan.policy.watch.baseline
        if mode == .lines, let pause = view.state.pause(.operator) {
            say(
                "paused: \(SafeText.line(pause.reason.detail)). It goes on with: rollout resume \(record.id.number)"
            )
        } else if mode == .lines, view.state.startedAt == nil, !plan.plan.policy.gates.isEmpty {
            say(
                "the first wave starts when the fleet was watched for \(brief(baseline)) (watch.baseline of the policy)"
            )
        }
        let interrupts = Interrupts { count in await interrupted(count, runner, fleet.clock) }
        defer { interrupts.stop() }
        let drawing = Task {
            while !Task.isCancelled {
                view.redraw(
                    lease: Lease(
                        rollout: record.id, holder: lease.holder, fence: lease.fence,
                        expiresAt: fleet.clock.now() + .seconds(30)), at: fleet.clock.now())
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
        defer { drawing.cancel() }
        let state: RolloutState
        do {
            state = try await runner.run()
        } catch {
            drawing.cancel()
            try? await store.release(lease)
            if error.code != .leaseLost {
                say(
                    "rollout \(record.id) stands still; what is not confirmed puts itself back. Once that is mended: "
                        + "rollout apply --resume \(record.id.number)")
            }
            throw error
        }
        drawing.cancel()
        // Without it the next seal covers what was written here.
        try? await JournalSealer(store).seal(record.id, by: Wiring.user, at: fleet.clock.now())
        view.redraw(lease: nil, at: fleet.clock.now())
        return closing(state, at: fleet.clock.now())
    }

    private func interrupted(_ count: Int, _ runner: RolloutRunner, _ clock: any EngineClock) async {
        let id = record.id.number
        if count == 1 {
            say(
                "\npausing after what is in flight; press Ctrl-C again to detach (devices revert by themselves unless confirmed)"
            )
            let request = OperatorRequest(.pause, by: Wiring.user, reason: "Ctrl-C")
            _ = try? await store.record(request, for: record.id, at: clock.now())
            await runner.stopWhenQuiet()
        } else {
            say("detached. See how it stands: rollout status \(id)    go on: rollout resume \(id)")
            Foundation.exit(ExitStatus.detached.rawValue)
        }
    }

    private func closing(_ state: RolloutState, at now: Instant) -> ExitStatus {
        let status = RolloutStatus(record, plan: plan.plan, state: state, lease: nil, at: now)
        let code = ExitStatus(restingAt: status)
        if mode != .json {
            if mode != .live { show(StatusScreen(status: status, style: style).lines().joined(separator: "\n")) }
            show("")
            if code == .paused, let vain = VainResume(status, plan.plan, state) {
                show(style.paint(vain.text, .warning))
            } else {
                show(Closing(status: status, code: code).text(style))
            }
        }
        return code
    }
}
