/// Reads what matters out of one rollout's facts. Pure: the same facts give the same notices.
public struct NoticeReader: Sendable {
    private let record: RolloutRecord
    private let plan: Plan
    /// What the facts came to so far.
    public private(set) var state: RolloutState

    /// Reads on behind what is known.
    public init(_ record: RolloutRecord, plan: Plan, from state: RolloutState = RolloutState()) {
        self.record = record
        self.plan = plan
        self.state = state
    }

    /// Takes in the next fact. At most one notice comes of it.
    public mutating func take(_ entry: JournalEntry) -> Notice? {
        guard entry.sequence > state.sequence else { return nil }
        let before = Before(state, entry.fact)
        state.apply(entry)
        guard let found = words(entry.fact, before) else { return nil }
        return Notice(
            place: NoticePlace(rollout: record.id, sequence: entry.sequence), at: entry.at, kind: found.kind,
            severity: found.severity, text: SafeText.line(found.text), device: found.device,
            command: found.asks ? command(at: entry.at) : nil)
    }

    private struct Found {
        var kind: Notice.Kind
        var severity: Notice.Severity
        var text: String
        var device: DeviceName?
        /// Whether the next command is worth saying.
        var asks = false
    }

    /// What is asked of the state before a fact: to keep all of it would copy it for each.
    private struct Before {
        let driver: String?
        let hasStarted: Bool
        let isOver: Bool
        let isPaused: Bool
        /// The device that the fact is an outcome of.
        let device: DeviceState?

        init(_ state: RolloutState, _ fact: Fact) {
            driver = state.driver
            hasStarted = state.startedAt != nil
            isOver = state.ending != nil
            isPaused = state.isPaused
            device = if case .outcome(let step, _) = fact { state[step.device] } else { nil }
        }
    }

    private func words(_ fact: Fact, _ before: Before) -> Found? {
        switch fact {
        case .created, .intent, .soakStarted, .peakCarried, .evidence: return nil
        case .driving(let holder, _):
            guard let last = before.driver, last != holder, before.hasStarted, !before.isOver else {
                return nil
            }
            return Found(
                kind: .driverChanged, severity: before.isPaused ? .info : .warning,
                text: "driven by \(holder) from now on; \(last) lost the lease or gave it back")
        case .waveStarted(let wave):
            let size = plan.waves.first { $0.index == wave }?.devices.count ?? 0
            return before.hasStarted
                ? Found(kind: .waveStarted, severity: .detail, text: "wave \(wave) begins, \(size.counted("device"))")
                : Found(
                    kind: .started, severity: .info, text: "started: wave \(wave) begins, \(size.counted("device"))")
        case .wavePassed(let wave): return Found(kind: .wavePassed, severity: .detail, text: "wave \(wave) passed")
        case .outcome(let step, _): return device(step.device, before.device)
        case .judged(let wave, let verdict):
            guard verdict.outcome != .pass else { return nil }
            return Found(
                kind: .gate, severity: .warning,
                text: "gate \(verdict.gate) of wave \(wave): \(verdict.outcome.rawValue): \(verdict.reason)")
        case .alarm(let alarm):
            return Found(
                kind: .gate, severity: alarm.action == .observe ? .info : .warning,
                text: "alarm in wave \(alarm.wave), gate \(alarm.gate): \(alarm.reason)")
        case .paused(let reason): return paused(reason)
        case .cohortHeld(let cohort, let failed):
            return Found(
                kind: .cohortHeld, severity: .warning,
                text: "cohort \(cohort) is held: \(Self.first(failed)) failed", asks: true)
        case .rollingBack(_, let devices, let because):
            return Found(
                kind: .rollingBack, severity: .critical,
                text: "\(devices.count.counted("device")) \(devices.count == 1 ? "is" : "are") put back: \(because)",
                asks: true)
        case .requested(let request):
            let text = EventWords(JournalEntry(sequence: 0, at: Instant(milliseconds: 0), fence: 0, fact: fact)) {
                EventWords.Part(text: $0.rawValue, tone: .plain)
            }
            let said = text?.parts.map(\.text).joined() ?? "\(request.by) asks for something"
            return Found(kind: .asked, severity: .info, text: said)
        case .finished(let ending):
            let failed = plan.waves.flatMap(\.devices).filter { state[$0].phase == .failed }
            return switch ending {
            case .done where failed.isEmpty: Found(kind: .finished, severity: .info, text: "done")
            case .done:
                Found(
                    kind: .finished, severity: .warning,
                    text: "done, but \(failed.count.counted("device")) failed: \(Self.first(failed))", asks: true)
            case .rolledBack:
                Found(
                    kind: .finished, severity: .warning,
                    text: "ended: everything is back on its old configuration, verified")
            case .aborted: Found(kind: .finished, severity: .warning, text: "aborted: what was done stays")
            }
        }
    }

    /// Every kind of pause is told, also one that is not known here: most stand still until a person acts.
    private func paused(_ reason: PauseReason) -> Found {
        let severity: Notice.Severity =
            switch reason.kind {
            case .operator, .window, .lineStopped: .info
            default: .critical
            }
        let kind = reason.kind.rawValue.replacing("_", with: " ")
        return Found(kind: .paused, severity: severity, text: "paused (\(kind)): \(reason.detail)", asks: true)
    }

    private func device(_ name: DeviceName, _ old: DeviceState?) -> Found? {
        let new = state[name]
        let because = (new.failure ?? new.lastError).map { ": \($0)" } ?? ""
        switch new.phase {
        case .failed where old?.phase != .failed:
            return Found(kind: .deviceFailed, severity: .warning, text: "\(name) failed\(because)", device: name)
        case .stranded(let what):
            return Found(
                kind: .deviceStranded, severity: .critical, text: "\(name) is stranded, a person has to look: \(what)",
                device: name, asks: true)
        case .inDoubt where new.lastError != nil && new.failuresInARow <= 1:
            return Found(
                kind: .deviceUnconfirmed, severity: .warning,
                text: "\(name): what it holds is not known, it is asked\(because)", device: name)
        default: return nil
        }
    }

    /// The likeliest command as it stands, as every screen says it.
    private func command(at now: Instant) -> String? {
        let lease = Lease(
            rollout: record.id, holder: state.driver ?? "", fence: 0, expiresAt: now + .milliseconds(1))
        let status = RolloutStatus(record, plan: plan, state: state, lease: lease, at: now)
        return Choice.all(for: status).first.map { SafeText.line($0.command) }
    }

    static func first(_ names: [DeviceName]) -> String {
        names.prefix(5).map(\.rawValue).joined(separator: ", ")
            + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }
}

extension Notice {
    /// What matters of an entry of the service journal; nil for what does not.
    public init?(_ entry: ServiceEntry) {
        let why = entry.reason.map { ": \($0)" } ?? ""
        let (kind, severity, text, command): (Kind, Severity, String, String?)
        switch entry.fact {
        case .lineStopped:
            (kind, severity, text, command) = (
                .lineStopped, .critical, "\(entry.by) stopped the line for every rollout\(why)",
                "rollout release-the-line --reason \"WHY\""
            )
        case .lineReleased:
            (kind, severity, text, command) = (.lineReleased, .info, "\(entry.by) released the line\(why)", nil)
        case .scheduleSkipped(let name, let occurrence, let because):
            (kind, severity, text, command) = (
                .schedulePassedOver, .warning, "schedule \(name), due \(occurrence), was passed over: \(because)",
                "rollout schedule"
            )
        default: return nil
        }
        self.init(
            place: NoticePlace(rollout: nil, sequence: entry.sequence), at: entry.at, kind: kind, severity: severity,
            text: SafeText.line(text), device: nil, command: command)
    }
}
