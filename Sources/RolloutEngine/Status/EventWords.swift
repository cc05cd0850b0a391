/// One entry of a journal in words, part by part, for screens and pages. Text from elsewhere in it is safe to print. Pure.
package struct EventWords: Hashable, Sendable {
    /// The parts in order.
    package var parts: [Part]

    /// A part and how it is meant.
    package struct Part: Hashable, Sendable {
        /// The words.
        package var text: String
        /// How they are meant.
        package var tone: Tone

        /// A part.
        package init(text: String, tone: Tone) {
            self.text = text
            self.tone = tone
        }
    }

    /// How words are meant.
    package enum Tone: String, Hashable, Sendable {
        /// As they stand.
        case plain
        /// They matter.
        case strong
        /// Something went well.
        case good
        /// Something went wrong.
        case bad
        /// Somebody should look.
        case warning
    }

    /// The words for an entry, or nil for entries that only matter to the engine.
    ///
    /// - Parameter verdict: How a verdict is named; screens put a mark before the word.
    package init?(_ entry: JournalEntry, naming verdict: (Verdict.Outcome) -> Part) {
        let words = Self.words(entry.fact, verdict)
        guard !words.isEmpty else { return nil }
        parts = words
    }

    private static func words(_ fact: Fact, _ name: (Verdict.Outcome) -> Part) -> [Part] {
        switch fact {
        case .created(let digest, let by): plain("created by \(safe(by)) from plan \(digest.short)")
        case .driving(let holder, _): plain("driven by \(safe(holder))")
        case .waveStarted(let wave): [Part(text: "wave \(wave) starts", tone: .strong)]
        case .intent(let step): intent(step)
        case .outcome(let step, let result): outcome(of: step, result)
        case .soakStarted(let wave): plain("wave \(wave) soaks")
        case .judged(let wave, let verdict):
            plain("wave \(wave) gate \(safe(verdict.gate.rawValue)) ") + [name(verdict.outcome)]
                + plain(": \(safe(verdict.reason))")
        case .alarm(let alarm):
            alarm.action == .observe
                ? plain("noticed in wave \(alarm.wave), gate \(safe(alarm.gate.rawValue)): \(safe(alarm.reason))")
                : [
                    Part(
                        text: "alarm in wave \(alarm.wave), gate \(safe(alarm.gate.rawValue)): \(safe(alarm.reason))",
                        tone: .bad)
                ]
        case .wavePassed(let wave): [Part(text: "wave \(wave) passed", tone: .good)]
        case .paused(let reason): warning("|| paused (\(kind(reason.kind))): \(safe(reason.detail))")
        case .rollingBack(let scope, let devices, let because):
            warning("putting back \(text(scope)), \(devices.count.counted("device")): \(safe(because))")
        case .cohortHeld(let cohort, let failed):
            warning(
                "cohort \(safe(cohort.description)) is held: \(safe(failed.map(\.rawValue).joined(separator: ", "))) failed"
            )
        case .peakCarried(let datacentre, _, let devices):
            plain("\(devices.count.counted("device")) of \(safe(datacentre.rawValue)) carried a whole peak")
        case .evidence(let device, let evidence):
            plain("\(safe(device.rawValue)) evidence kept (\(evidence.items.count) items)")
        case .requested(let request): [Part(text: requested(request), tone: .strong)]
        case .finished(let ending): finished(ending)
        }
    }

    private static func intent(_ step: DeviceStep) -> [Part] {
        let again = step.attempt > 1 ? " (attempt \(step.attempt))" : ""
        let device = safe(step.device.rawValue)
        return switch step.kind {
        case .push: plain("\(device) push begins\(again)")
        case .confirm: plain("\(device) verify over a fresh session\(again)")
        case .rollBack: plain("\(device) is being put back\(again)")
        case .observe: plain("\(device) is asked where it stands\(again)")
        }
    }

    private static func outcome(of step: DeviceStep, _ result: StepResult) -> [Part] {
        let device = safe(step.device.rawValue)
        switch result {
        case .done:
            return step.kind == .confirm
                ? plain("\(device) ") + [Part(text: "confirmed", tone: .good)]
                : plain("\(device) applied and read back, revert timer running")
        case .found(let standing):
            return plain("\(device) ") + text(standing)
        case .failed(let error):
            let kind = step.kind.rawValue.replacing("_", with: " ")
            return [Part(text: "\(device) \(kind) failed: \(safe(error.description))", tone: .bad)]
        }
    }

    private static func text(_ standing: Standing) -> [Part] {
        switch standing {
        case .base: plain("is on its old configuration, verified")
        case .target: plain("is on its new configuration, verified")
        case .pendingTarget: plain("holds the new configuration, not confirmed yet")
        case .pendingBase: plain("is on its old configuration with our revert timer armed")
        case .pendingPart: plain("holds a part of the change, which was cut off, with our revert timer armed")
        case .pendingOther(let what, _):
            [Part(text: "holds something else, revert timer armed: \(safe(what))", tone: .bad)]
        case .other(let what, isStranger: true): [Part(text: "is not what answered: \(safe(what))", tone: .bad)]
        case .other(let what, _): [Part(text: "holds something else: \(safe(what))", tone: .bad)]
        }
    }

    private static func requested(_ request: OperatorRequest) -> String {
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
        case .approve(let wave): return "\(safe(request.by)) approves \(Approval.subject(wave))\(reason)"
        case .withdraw(let wave):
            return "\(safe(request.by)) withdraws the approval of \(Approval.subject(wave))\(reason)"
        }
        return "\(safe(request.by)) asks for \(safe(what))\(reason)"
    }

    private static func text(_ scope: RollbackScope) -> String {
        switch scope {
        case .devices(let names): safe(names.map(\.rawValue).joined(separator: ", "))
        case .wave(let wave): "wave \(wave)"
        case .all: "everything"
        }
    }

    private static func finished(_ ending: Ending) -> [Part] {
        switch ending {
        case .done: [Part(text: "done", tone: .good)]
        case .rolledBack: warning("everything is back on its old configuration, verified")
        case .aborted: warning("aborted: what was done stays")
        }
    }

    private static func plain(_ text: String) -> [Part] { [Part(text: text, tone: .plain)] }
    private static func warning(_ text: String) -> [Part] { [Part(text: text, tone: .warning)] }
    private static func kind(_ kind: PauseReason.Kind) -> String { kind.rawValue.replacing("_", with: " ") }
    private static func safe(_ text: String) -> String { SafeText.line(text) }
}
