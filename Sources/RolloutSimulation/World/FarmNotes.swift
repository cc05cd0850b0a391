internal import RolloutEngine

/// What the referee notes about cohorts and peaks: who was watched when, and which device has truly carried which peak. Pure.
struct FarmNotes: Sendable {
    private let plan: Plan
    private let planned: [DeviceName: PlannedDevice]
    /// When nobody drove, so that nobody watched.
    private var gaps: [Verdict.Window] = []
    private var undrivenSince: Instant?
    /// When the agents of devices were silent.
    private var silences: [DeviceName: [Verdict.Window]] = [:]
    private var confirmedAt: [DeviceName: Instant] = [:]
    private var carried: [DeviceName: Int] = [:]

    init(_ plan: Plan, startedAt: Instant) {
        self.plan = plan
        planned = Dictionary(plan.devices.map { ($0.device.name, $0) }, uniquingKeysWith: { first, _ in first })
        undrivenSince = startedAt
    }

    mutating func nobodyDrives(at now: Instant) { undrivenSince = undrivenSince ?? now }

    mutating func wasSilent(_ device: DeviceName, from start: Instant, to end: Instant) {
        silences[device, default: []].append(Verdict.Window(from: start, to: end))
    }

    /// Takes in a fact; what is wrong with it, if something is.
    mutating func take(
        _ entry: JournalEntry, before journal: JournalNotes, silentSince: (DeviceName) -> Instant?, at now: Instant
    ) -> (promise: String, detail: String)? {
        switch entry.fact {
        case .driving:
            if let start = undrivenSince { gaps.append(Verdict.Window(from: start, to: now)) }
            undrivenSince = nil
        case .intent(let step) where step.kind == .push || step.kind == .rollBack:
            carried[step.device] = 0
            confirmedAt[step.device] = nil
        case .outcome(let step, .done(_)) where step.kind == .confirm: confirmedAt[step.device] = entry.at
        case .outcome(let step, .found(.target)): confirmedAt[step.device] = confirmedAt[step.device] ?? entry.at
        case .alarm(let alarm) where alarm.action != .observe && alarm.gate != "beside":
            for finding in alarm.findings where finding.failed && !finding.isControl {
                let name = DeviceName(rawValue: String(finding.subject.prefix { $0 != " " }))
                carried[name] = 0
                if confirmedAt[name] != nil { confirmedAt[name] = entry.at }
            }
        case .cohortHeld(let cohort, let failed): return complaint(about: cohort, failed, journal)
        case .peakCarried(let datacentre, let peak, let devices):
            for name in devices {
                if let detail = complaint(about: name, in: datacentre, peak, journal, silentSince(name), now - entry.at)
                {
                    return ("peak", detail)
                }
                carried[name, default: 0] += 1
            }
        case .finished(.done):
            let owing = debtors(in: journal).filter { journal[$0].standing == .confirmed }
            if let name = owing.first { return ("debt", "it is done although \(name) is in debt of its peak") }
        default: break
        }
        return nil
    }

    /// More devices in debt than there may be.
    func overCap(_ journal: JournalNotes, others: Int) -> String? {
        guard let cap = plan.policy.peak?.cap(of: plan.waves.reduce(0) { $0 + $1.devices.count }) else { return nil }
        let count = debtors(in: journal).count + others
        return count > cap ? "\(count) devices are in debt of their peak, the cap is \(cap)" : nil
    }

    private func debtors(in journal: JournalNotes) -> [DeviceName] {
        guard let rule = plan.policy.peak, !plan.policy.gates.isEmpty else { return [] }
        return plan.waves.flatMap(\.devices).filter { journal[$0].mayHoldChange && carried[$0, default: 0] < rule.days }
    }

    private func complaint(about cohort: Cohort, _ failed: [DeviceName], _ journal: JournalNotes) -> (String, String)? {
        if let known = journal.holds[cohort], Set(failed).isSubset(of: known) {
            return ("cohort", "\(cohort) is held, and held again for nothing new")
        }
        if let name = failed.first(where: journal.excused.contains) {
            return ("cohort", "\(cohort) is held for \(name), at which a person has looked")
        }
        let strange = failed.filter { name in
            guard let target = planned[name]?.target, let firmware = target.firmware, !firmware.isEmpty else {
                return true
            }
            return Cohort(model: target.model ?? "", firmware: firmware) != cohort
        }
        if let name = strange.first { return ("cohort", "\(cohort) is held for \(name), which is not known to be one") }
        guard failed.count >= plan.policy.cohorts?.failures ?? .max else {
            return ("cohort", "\(cohort) is held for \(failed.count) devices")
        }
        return nil
    }

    private func complaint(
        about name: DeviceName, in datacentre: DatacentreName, _ peak: Verdict.Window, _ journal: JournalNotes,
        _ silentSince: Instant?, _ lag: Timespan
    ) -> String? {
        guard planned[name]?.device.datacentre == datacentre, journal[name].standing == .confirmed else {
            return "\(name) carried a peak of \(datacentre) while \(journal[name].standing)"
        }
        guard let since = confirmedAt[name], since <= peak.from else {
            return "\(name) carried a peak that began before it was changed"
        }
        var unseen = gaps + (silences[name] ?? [])
        // The clock that the peak is dated by may have been set; gaps are in true time.
        let (start, end) = (peak.from + lag, peak.to + lag)
        if let silentSince { unseen.append(Verdict.Window(from: silentSince, to: max(silentSince, end))) }
        let patience = plan.policy.watch.poll * 18 + .seconds(100)
        for gap in unseen {
            let overlap = min(gap.to, end) - max(gap.from, start)
            if overlap > patience { return "\(name) was not watched for \(overlap) of its peak" }
        }
        return nil
    }
}
