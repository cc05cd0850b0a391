import RolloutEngine

/// One entry of a journal as one line: for logs, pipes and `rollout events`.
struct EventLine {
    let style: Style

    /// The line, or nil for entries that only matter to the engine.
    func text(_ entry: JournalEntry) -> String? {
        guard let words = words(entry.fact) else { return nil }
        let clock = entry.at.description.dropFirst(11).prefix(8)
        return "\(style.paint(String(clock), .quiet))  \(words)"
    }

    private func words(_ fact: Fact) -> String? {
        switch fact {
        case .created(let digest, let by): "created by \(safe(by)) from plan \(digest.short)"
        case .driving(let holder, _): "driven by \(safe(holder))"
        case .waveStarted(let wave): style.paint("wave \(wave) starts", .strong)
        case .intent(let step): intent(step)
        case .outcome(let step, let result): outcome(step, result)
        case .soakStarted(let wave): "wave \(wave) soaks"
        case .judged(let wave, let verdict):
            "wave \(wave) gate \(safe(verdict.gate.rawValue)) \(style.word(verdict.outcome)): \(safe(verdict.reason))"
        case .alarm(let alarm):
            alarm.action == .observe
                ? "noticed in wave \(alarm.wave), gate \(safe(alarm.gate.rawValue)): \(safe(alarm.reason))"
                : style.paint(
                    "alarm in wave \(alarm.wave), gate \(safe(alarm.gate.rawValue)): \(safe(alarm.reason))", .bad)
        case .wavePassed(let wave): style.paint("wave \(wave) passed", .good)
        case .paused(let reason): style.paint("|| paused (\(kind(reason.kind))): \(safe(reason.detail))", .warning)
        case .rollingBack(let scope, let devices, let because):
            style.paint("putting back \(text(scope)), \(devices.count) devices: \(safe(because))", .warning)
        case .cohortHeld(let cohort, let failed):
            style.paint(
                "cohort \(safe(cohort.description)) is held: \(safe(failed.map(\.rawValue).joined(separator: ", "))) failed",
                .warning)
        case .peakCarried(let datacentre, _, let devices):
            "\(devices.count) devices of \(safe(datacentre.rawValue)) carried a whole peak"
        case .evidence(let device, let evidence):
            "\(safe(device.rawValue)) evidence kept (\(evidence.items.count) items)"
        case .requested(let request): requested(request)
        case .finished(let ending): finished(ending)
        }
    }

    private func intent(_ step: DeviceStep) -> String {
        let again = step.attempt > 1 ? " (attempt \(step.attempt))" : ""
        switch step.kind {
        case .push: return "\(safe(step.device.rawValue)) push begins\(again)"
        case .confirm: return "\(safe(step.device.rawValue)) verify over a fresh session\(again)"
        case .rollBack: return "\(safe(step.device.rawValue)) is being put back\(again)"
        case .observe: return "\(safe(step.device.rawValue)) is asked where it stands\(again)"
        }
    }

    private func outcome(_ step: DeviceStep, _ result: StepResult) -> String {
        let device = safe(step.device.rawValue)
        switch result {
        case .done:
            return step.kind == .confirm
                ? "\(device) \(style.paint("confirmed", .good))"
                : "\(device) applied and read back, revert timer running"
        case .found(let standing):
            return "\(device) \(text(standing))"
        case .failed(let error):
            return style.paint(
                "\(device) \(step.kind.rawValue.replacing("_", with: " ")) failed: \(safe(error.description))", .bad)
        }
    }

    private func text(_ standing: Standing) -> String {
        switch standing {
        case .base: "is on its old configuration, verified"
        case .target: "is on its new configuration, verified"
        case .pendingTarget: "holds the new configuration, not confirmed yet"
        case .pendingBase: "is on its old configuration with our revert timer armed"
        case .pendingPart: "holds a part of the change, which was cut off, with our revert timer armed"
        case .pendingOther(let what, _): style.paint("holds something else, revert timer armed: \(safe(what))", .bad)
        case .other(let what): style.paint("holds something else: \(safe(what))", .bad)
        }
    }

    private func requested(_ request: OperatorRequest) -> String {
        let reason = request.reason.map { ": \(safe($0))" } ?? ""
        let what: String
        switch request.verb {
        case .pause: what = "pause"
        case .resume(let kind): what = "resume" + (kind.map { " (\(self.kind($0)))" } ?? "")
        case .promote(let wave, let gates):
            what = "promote wave \(wave), overriding \(gates.map(\.rawValue).joined(separator: ", "))"
        case .abort: what = "abort"
        case .rollBack(let scope): what = "rollback of \(text(scope))"
        case .release(let cohort): what = "release of cohort \(cohort)"
        case .retryFailed: what = "retry of failed devices"
        }
        return style.paint("\(safe(request.by)) asks for \(safe(what))\(reason)", .strong)
    }

    private func text(_ scope: RollbackScope) -> String {
        switch scope {
        case .devices(let names): safe(names.map(\.rawValue).joined(separator: ", "))
        case .wave(let wave): "wave \(wave)"
        case .all: "everything"
        }
    }

    private func finished(_ ending: Ending) -> String {
        switch ending {
        case .done: style.paint("done", .good)
        case .rolledBack: style.paint("everything is back on its old configuration, verified", .warning)
        case .aborted: style.paint("aborted: what was done stays", .warning)
        }
    }

    private func kind(_ kind: PauseReason.Kind) -> String { kind.rawValue.replacing("_", with: " ") }
    private func safe(_ text: String) -> String { SafeText.line(text) }
}
