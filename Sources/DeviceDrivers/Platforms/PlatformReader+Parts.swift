import RolloutEngine

// The parts of a definition.
extension PlatformReader {
    func mode(_ source: YAMLMap) -> PlatformDefinition.Mode? {
        var map = source
        let name = map.required("name", .line)
        let prompt = required("prompt", in: &map, Self.expanded(prompt:))
        let sample = map.required("sample", .text)
        let above = pattern("above", in: &map)
        let from = map.value("from", .line)
        let enter = map.value("enter", .line)
        let leave = map.value("leave", .line)
        map.refuseUnknownKeys()
        guard let name, let prompt, let sample else { return nil }
        return PlatformDefinition.Mode(
            name: name, place: source.location, prompt: prompt, above: above, sample: sample, from: from, enter: enter,
            leave: leave)
    }

    func question(_ source: YAMLMap) -> PlatformDefinition.Question? {
        var map = source
        let ask = required("ask", in: &map)
        let answer = map.required("answer", .text)
        let failure = map.value("failure", .line)
        map.refuseUnknownKeys()
        guard let ask, let answer else { return nil }
        return PlatformDefinition.Question(ask: ask, answer: answer, failure: failure)
    }

    func finding(_ key: String, in identity: inout YAMLMap) -> PlatformDefinition.Finding? {
        submap(key, in: &identity).flatMap { finding($0, of: key) }
    }

    func finding(_ source: YAMLMap) -> PlatformDefinition.Finding? { finding(source, of: "a proof") }

    func finding(_ source: YAMLMap, of what: String) -> PlatformDefinition.Finding? {
        var map = source
        let command = map.required("command", .line)
        let find = required("find", in: &map, Self.expanded(finding:))
        if let find, !find.groupNames.contains("value") {
            complaints.error(
                at: map.place(of: "find"), "find of \(what) does not say what the value is",
                remedy: "put {value} or (?<value>...) around it")
        }
        map.refuseUnknownKeys()
        guard let command, let find else { return nil }
        return PlatformDefinition.Finding(command: command, find: find)
    }

    func changeRecord(_ source: YAMLMap) -> PlatformDefinition.ChangeRecord? {
        var map = source
        let command = map.required("command", .line)
        let ours = required("ours", in: &map)
        let read = pattern("read", in: &map)
        let by = required("by", in: &map)
        let isNewestFirst = map.value("newest_first", .flag) ?? false
        for (key, pattern) in [("ours", ours), ("read", read), ("by", by)] {
            guard let pattern, !pattern.groupNames.contains("value") else { continue }
            complaints.error(
                at: map.place(of: key), "\(key) of change_record does not say what the value is",
                remedy: "put (?<value>...) around it")
        }
        map.refuseUnknownKeys()
        guard let command, let ours, let by else { return nil }
        return PlatformDefinition.ChangeRecord(
            command: command, ours: ours, read: read, by: by, isNewestFirst: isNewestFirst)
    }

    func normalisation(_ source: YAMLMap) -> PlatformDefinition.Normalisation? {
        var map = source
        let drop = pattern("drop", in: &map)
        let replace = pattern("replace", in: &map)
        let with = map.value("with", .text)
        map.refuseUnknownKeys()
        switch (drop, replace) {
        case (let drop?, nil) where with == nil: return .drop(drop)
        case (nil, let replace?): return .replace(replace, with: with ?? "")
        default:
            complaints.error(
                at: source.location, "a rule of normalise is neither 'drop: pattern' nor 'replace: pattern, with: text'"
            )
            return nil
        }
    }

    func change(_ source: YAMLMap) -> PlatformDefinition.Change {
        var map = source
        var change = PlatformDefinition.Change()
        change.kind = map.required("kind", .word) ?? .none
        change.mode = map.required("mode", .line) ?? ""
        change.open = procedure("open", in: &map)
        change.difference = procedure("difference", in: &map)
        change.candidate = procedure("candidate", in: &map)
        change.commit = procedure("commit", in: &map)
        change.abort = procedure("abort", in: &map)
        change.only = patterns("only", in: &map)
        map.refuseUnknownKeys()
        if change.kind != .none, change.candidate == nil {
            complaints.error(
                at: source.location, "nothing prints the candidate as a whole: it could not be compared with the plan",
                remedy: "say candidate, or kind: none if the device has no command for it")
        }
        return change
    }

    func revertTimer(_ source: YAMLMap) -> PlatformDefinition.RevertTimer? {
        var map = source
        let span = TextFormat<Timespan>.timespan(example: "1m")
        let unit = map.required("unit", span)
        let least = map.required("least", span)
        let most = map.required("most", span)
        let commit = procedure("commit", in: &map)
        let query = requiredProcedure("query", in: &map)
        let pending = required("pending", in: &map)
        let none = pattern("none", in: &map)
        let entry = pattern("entry", in: &map)
        let who = pattern("who", in: &map)
        let remaining = pattern("remaining", in: &map)
        let remainingUnit = map.value("remaining_unit", span)
        let showsMark = map.required("shows_mark", .flag)
        let isHeld = map.value("held", .flag) ?? false
        let undoesOthers = map.value("undoes_others", .flag) ?? false
        let confirm = requiredProcedure("confirm", in: &map)
        let wayBack: PlatformDefinition.RevertTimer.WayBack? =
            if let restart = map.value("restarts_within", span) {
                .restart(restart)
            } else {
                requiredProcedure("undo", in: &map).map { .procedure($0) }
            }
        let job = submap("job", in: &map).flatMap(scheduledJob)
        map.refuseUnknownKeys()
        guard let unit, let least, let most, let query, let pending, let showsMark, let confirm, let wayBack
        else { return nil }
        return PlatformDefinition.RevertTimer(
            place: source.location, unit: unit, least: least, most: most, commit: commit, query: query,
            pending: pending, none: none, entry: entry, who: who, remaining: remaining,
            remainingUnit: remainingUnit ?? unit,
            showsMark: showsMark, isHeld: isHeld, undoesOthers: undoesOthers, confirm: confirm, wayBack: wayBack,
            job: job)
    }

    func scheduledJob(_ source: YAMLMap) -> PlatformDefinition.ScheduledJob? {
        var map = source
        let clock = map.value("clock", .line)
        let reading = patterns("reading", in: &map)
        let due = pattern("due", in: &map)
        let spent = pattern("spent", in: &map)
        let proofs = items("proofs", in: &map, "a proof").compactMap(self.finding)
        map.refuseUnknownKeys()
        return PlatformDefinition.ScheduledJob(clock: clock, reading: reading, due: due, spent: spent, proofs: proofs)
    }

    func requirement(_ source: YAMLMap) -> PlatformDefinition.Requirement? {
        var map = source
        let command = map.required("command", .line)
        let find = pattern("find", in: &map)
        let refuse = pattern("refuse", in: &map)
        let remedy = map.required("remedy", .line)
        map.refuseUnknownKeys()
        guard let command, let remedy else { return nil }
        guard find != nil || refuse != nil else {
            complaints.error(at: source.location, "a requirement has neither 'find' nor 'refuse'")
            return nil
        }
        return PlatformDefinition.Requirement(command: command, find: find, refuse: refuse, remedy: remedy)
    }

    /// Rules of shaping or policing: one way, or a list of them.
    func ways(_ what: String, in map: inout YAMLMap) -> [ShapingRules] {
        guard let entry = map.entry(what) else { return [] }
        let items = if case .list(let items) = entry.value.content { items } else { [entry.value] }
        return items.compactMap { map.submap($0, what) }.compactMap { rules($0, of: what) }
    }

    /// Rules of shaping or policing.
    func rules(_ source: YAMLMap, of what: String) -> ShapingRules? {
        var map = source
        let within = map.value("within", .line)
        let lines = paths("lines", in: &map)
        let kept = paths("kept", in: &map)
        let users = paths("users", in: &map)
        let alone = paths("alone", in: &map)
        let needs = paths("needs", in: &map)
        let classPath = what == "shaping" ? list("class", in: &map, as: .line) : []
        let directions = what == "policing" ? self.directions(in: &map) : [:]
        let policy = map.value("policy", .line)
        let rate = map.value("rate_unit", TextFormat<BitsPerSecond>.rate)
        let burst = map.value("burst_unit", TextFormat<BitsPerSecond>.rate)
        let least = map.value("least", TextFormat<BitsPerSecond>.rate)
        let most = map.value("most", TextFormat<BitsPerSecond>.rate)
        map.refuseUnknownKeys()
        guard !lines.isEmpty else {
            complaints.error(
                at: source.location, "\(what) has no lines",
                remedy:
                    "list the lines, each as the path to it: [\"interface {interface}\", \"shape rate {rate} kbps\"]")
            return nil
        }
        return ShapingRules(
            place: source.location, within: within, lines: lines, classPath: classPath, users: users, alone: alone,
            needs: needs, directions: directions, kept: kept, policy: policy, rateUnit: rate?.value ?? 1,
            burstUnit: burst?.value ?? 8, least: least, most: most)
    }

    /// What stands for each direction: `{ingress: input, egress: output}`.
    func directions(in map: inout YAMLMap) -> [TrafficDirection: String] {
        guard var words = submap("directions", in: &map) else {
            complaints.error(
                at: map.location, "policing does not say which directions there are",
                remedy: "such as directions: {ingress: input, egress: output}")
            return [:]
        }
        var found: [TrafficDirection: String] = [:]
        for direction in TrafficDirection.allCases { found[direction] = words.value(direction.rawValue, .line) }
        words.refuseUnknownKeys()
        if found.isEmpty, complaints.isClean {
            complaints.error(at: words.location, "policing has no direction", remedy: "one of ingress, egress")
        }
        return found
    }
}
