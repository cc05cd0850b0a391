/// Whether objects of the wave's devices are as they may be, by what they were before. Pure.
struct ObjectGate {
    let rates: WatchedRates
    let name: GateName
    let condition: ObjectCondition
    /// From how many changes between good and bad on a state is flapping; 0 for never.
    let flaps: Int
    /// How often they are read.
    let rhythm: Timespan
    /// What of the devices is read.
    let reads: Reads

    enum Reads {
        case agents
        case queues
    }

    init(_ rates: WatchedRates, _ rule: GateRule, _ condition: ObjectCondition) {
        self.rates = rates
        name = rule.name
        self.condition = condition
        flaps = rule.flapLimit
        rhythm = rates.input.watch.poll
        reads = .agents
    }

    /// What `tc` drops, as the devices that change say over their own sessions.
    init(dropsIn rates: WatchedRates, _ rule: GateRule, maximumPerSecond: Double, every: Timespan) {
        self.rates = rates
        name = GateName(rawValue: WatchedObject.queueDrops)
        condition = ObjectCondition(
            [ObjectCondition.Source([], isColumn: true, kind: .counter, unit: "packets")],
            maximumPerSecond: maximumPerSecond)
        flaps = 0
        rhythm = every
        reads = .queues
    }

    /// A finding, and what is said of it beside its subject.
    struct Found {
        var finding: Verdict.Finding
        var words: String
    }

    var conclusion: GateConclusion {
        let found = found
        let words = Dictionary(found.map { ($0.finding.subject, $0.words) }, uniquingKeysWith: { first, _ in first })
        let findings = found.map(\.finding)
        guard !findings.isEmpty else {
            let reason = UnknownReason(.absent, "no device of this wave has any")
            return GateConclusion(.inconclusive, "nothing is known of \(name) (\(reason))", [])
        }
        return GateConclusion(
            findings, failed: "\(name) is not as it may be:", describe: { words[$0.subject] ?? "" },
            passed: passed(found))
    }

    /// What was found: all that fails or is not known, and of each device the value that is nearest to failing.
    var found: [Found] {
        let control = reads == .agents ? rates.input.control : []
        return rates.input.treated.flatMap { found(on: $0, isControl: false) }
            + control.flatMap { found(on: $0, isControl: true) }
    }

    private func found(on device: Device, isControl: Bool) -> [Found] {
        let subject: WatchedAgent.Subject = reads == .agents ? .device(device.name) : .queues(device.name)
        let samples = rates.samples(of: subject)
        let window = rates.window(of: device, isControl: isControl)
        let candidates = condition.sources.enumerated().map { index, source in
            (source, ObjectReadings(of: ObjectCondition.name(of: name, source: index), in: samples))
        }
        let chosen =
            candidates.first { $0.1.hasValues(in: rates.input.before) }
            ?? candidates.first { $0.1.hasValues(in: window) }
        guard let (source, readings) = chosen else { return none(device, isControl, candidates.map(\.1), window) }
        let all =
            switch source.kind {
            case .counter: counters(source, readings, window)
            case .gauge: levels(source, readings, window)
            case .state: states(readings, window)
            }
        return summary(
            all.map { found in
                var found = found
                let instance = found.finding.subject
                found.finding.subject = "\(device.name) \(name)" + (instance.isEmpty ? "" : " \(instance)")
                found.finding.isControl = isControl
                return found
            })
    }

    /// A device of which nothing was read, or that has nothing of the kind.
    private func none(
        _ device: Device, _ isControl: Bool, _ readings: [ObjectReadings], _ window: Verdict.Window
    ) -> [Found] {
        let reasons = readings.map { $0.reasonForNone(in: window) }
        let why =
            reasons.first { $0.code != .absent } ?? reasons.first ?? UnknownReason(.absent, "nothing is asked for")
        if condition.isOptional && why.code == .absent { return [] }
        let finding = Verdict.Finding(
            subject: "\(device.name) \(name)", isControl: isControl, unit: unit, unknown: why)
        return [Found(finding: finding, words: "")]
    }

    /// A journal is no place for forty thousand queues that are well.
    private func summary(_ all: [Found]) -> [Found] {
        let failed = all.filter(\.finding.failed)
        let unknown = all.filter { !$0.finding.failed && $0.finding.unknown != nil }
        let well = all.filter { !$0.finding.failed && $0.finding.unknown == nil }
        func room(_ found: Found) -> Double {
            guard let limit = found.finding.limit, let after = found.finding.after else { return .infinity }
            return abs(limit - after)
        }
        let nearest = well.min { room($0) < room($1) }
        return failed.prefix(Self.most) + unknown.prefix(Self.most) + (nearest.map { [$0] } ?? [])
    }

    // MARK: Kinds

    private func counters(_ source: ObjectCondition.Source, _ readings: ObjectReadings, _ window: Verdict.Window)
        -> [Found]
    {
        let allowed = condition.maximumPerSecond ?? 0
        return readings.instances.map { instance in
            let series = readings.rates(of: instance)
            let earlier = rates.knownBefore(series)
            let later = rates.known(series, in: window, poll: rhythm)
            let before = earlier.rate?.discards
            let after = later.rate?.discards
            // Less than the limit alone is less than before plus the limit, whatever was before; more needs a before.
            let isOver = after.map { $0 > (before ?? 0) + allowed } ?? false
            var unknown: UnknownReason?
            if after == nil {
                unknown = later.reason ?? UnknownReason(.absent, "the agent does not count it")
            } else if isOver && before == nil {
                unknown = earlier.reason ?? UnknownReason(.absent, "the agent did not count it")
            }
            let finding = Verdict.Finding(
                subject: instance, failed: isOver && before != nil, before: before, after: after,
                limit: (before ?? 0) + allowed, unit: unit(source, perSecond: true),
                series: rates.picture(series, \.discards), unknown: unknown)
            return Found(finding: finding, words: Self.movement(finding))
        }
    }

    private func levels(_ source: ObjectCondition.Source, _ readings: ObjectReadings, _ window: Verdict.Window)
        -> [Found]
    {
        let instances: [String?] = source.combination == .each ? readings.instances : [nil]
        return instances.map { instance in
            let series = readings.levels(of: instance, source.combination)
            let before = series.mean(in: rates.input.before, upToEnd: nil)
            let after = series.mean(in: window, upToEnd: rhythm)
            let judged = condition.limits.judge(before: before, after: after)
            let whole = Verdict.Window(from: rates.input.before.from, to: rates.input.after.to)
            let finding = Verdict.Finding(
                subject: instance ?? "", failed: judged.failed, before: try? before.get(), after: try? after.get(),
                limit: judged.limit, unit: unit(source, perSecond: false),
                series: rates.demand == .forVerdict ? series.picture(in: whole) : [], unknown: judged.unknown)
            return Found(finding: finding, words: Self.movement(finding))
        }
    }

    private func states(_ readings: ObjectReadings, _ window: Verdict.Window) -> [Found] {
        let recent = window.to - WatchedRates.patience(rhythm)
        guard let newest = readings.newestAnswer(in: window, notBefore: recent) else {
            let finding = Verdict.Finding(subject: "", unit: "", unknown: readings.reasonForNone(in: window))
            return [Found(finding: finding, words: "")]
        }
        let earlier = readings.newestAnswer(in: rates.input.before)
        var well: (before: Int, after: Int) = (0, 0)
        var found: [Found] = []
        for instance in readings.instances {
            let course = StateCourse(of: instance, in: readings, isGood: isGood)
            let before = earlier.flatMap { course.state(at: $0) }
            let after = course.state(at: newest)
            let wasGood = before.map(isGood) ?? false
            let isNowGood = after.map(isGood) ?? false || PlantedBug.isPlanted(.lostPeersPass)
            if wasGood { well.before += 1 }
            let changes = course.changes(in: window)
            let isFlapping = wasGood && flaps > 0 && changes >= flaps
            let isForbidden = !condition.mayBe.isEmpty && (after.map { !condition.mayBe.contains($0) } ?? false)
            var finding = Verdict.Finding(
                subject: instance, failed: wasGood && !isNowGood || isForbidden || isFlapping,
                before: before.map(Double.init), after: after.map(Double.init), unit: "")
            if after == nil, let reason = newest.values[instance]?.unknown, reason.code != .absent {
                finding.failed = isFlapping
                finding.unknown = isFlapping ? nil : reason
            } else if earlier == nil && !isNowGood && !finding.failed {
                finding.unknown = UnknownReason(
                    .tooFewSamples, "it is not good, and whether it was before is not known")
            }
            guard finding.failed || finding.unknown != nil else {
                if isNowGood { well.after += 1 }
                continue
            }
            let now = after.map { "\($0) now" } ?? "gone now"
            let movement = "\(before.map { "\($0) before" } ?? "not there before"), \(now)"
            found.append(
                Found(finding: finding, words: isFlapping ? "flapping: \(changes) changes, \(movement)" : movement))
        }
        if well != (0, 0) || found.isEmpty {
            let finding = Verdict.Finding(
                subject: "", before: Double(well.before), after: Double(well.after), unit: "")
            found.append(Found(finding: finding, words: ""))
        }
        return found
    }

    private func isGood(_ state: Int64) -> Bool {
        (condition.stays.isEmpty ? condition.mayBe : condition.stays).contains(state)
    }

    // MARK: Words

    private var unit: String { condition.sources.first.map { unit($0, perSecond: $0.kind == .counter) } ?? "" }

    private func unit(_ source: ObjectCondition.Source, perSecond: Bool) -> String {
        guard perSecond else { return source.unit.isEmpty || source.unit == "%" ? source.unit : " \(source.unit)" }
        // Packets a second are what everything else counts, too.
        return source.unit.isEmpty || source.unit == "packets" ? "/s" : " \(source.unit)/s"
    }

    private static func movement(_ finding: Verdict.Finding) -> String {
        let unit = finding.unit.hasPrefix("/") || finding.unit.hasPrefix(" ") ? finding.unit : " \(finding.unit)"
        func text(_ value: Double?) -> String { value.map { GateText.number($0) + unit } ?? "unknown" }
        return "\(text(finding.before)) before, \(text(finding.after)) now, limit \(text(finding.limit))"
    }

    private func passed(_ found: [Found]) -> String {
        let treated = found.map(\.finding).filter { !$0.isControl }
        guard condition.sources.first?.kind != .state else {
            let count = treated.compactMap(\.after).reduce(0, +)
            return "\(name): \(GateText.number(count)) are as they were before"
        }
        guard let highest = treated.compactMap(\.after).max() else { return "\(name) is within its limits" }
        let unit = treated.first?.unit ?? ""
        let blank = unit.hasPrefix("/") || unit.hasPrefix(" ") ? "" : " "
        return "\(name) is within its limits: at most \(GateText.number(highest))\(blank)\(unit)"
    }

    /// Failing and unknown instances of one device that are kept: enough for a person to see.
    private static let most = 20
}

extension GateRule {
    /// From how many changes between good and bad on something is flapping: once away and back unless the policy says otherwise.
    var flapLimit: Int { flaps ?? 2 }
}
