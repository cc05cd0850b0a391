import Foundation
package import RolloutEngine

/// Reads the definition of one platform, strictly: what is not known, or not as expected, is said with its place.
package struct PlatformReader {
    private let file: String
    private let complaints: ComplaintList
    /// The files that are being read, each based on the next.
    private let derived: [String]

    /// Reads a file.
    ///
    /// - Throws: `InputError` with every complaint that one reading finds.
    package static func read(file: String) throws(InputError) -> PlatformDefinition {
        try read(try InputFile.read(file), file: file)
    }

    /// Reads the bytes of a file.
    ///
    /// - Throws: `InputError` with every complaint that one reading finds.
    package static func read(_ bytes: [UInt8], file: String) throws(InputError) -> PlatformDefinition {
        try read(bytes, file: file, for: [])
    }

    private static func read(_ bytes: [UInt8], file: String, for derived: [String]) throws(InputError)
        -> PlatformDefinition
    {
        let complaints = ComplaintList()
        let reader = PlatformReader(file: file, complaints: complaints, derived: derived + [file])
        var definition = PlatformDefinition()
        if let root = YAMLDocument.read(bytes, file: file, complaints: complaints),
            let map = YAMLMap(
                root, "the platform", in: file, complaints, example: "platform: arista_eos, modes: [...]")
        {
            definition = reader.definition(in: map)
        }
        try complaints.throwIfAny()
        return definition
    }

    private func definition(in root: YAMLMap) -> PlatformDefinition {
        var map = root
        let base = base(in: &map)
        var definition = base ?? PlatformDefinition()
        definition.place = SourceLocation(file: file)
        definition.basis = base.map { $0.names + $0.basis } ?? []
        definition.names = list("platform", in: &map, as: .named)
        if definition.names.isEmpty { _ = map.required("platform", TextFormat<PlatformName>.named) }

        /// What a key says, or what the base says where it is not there.
        func take<Value>(
            _ key: String, _ path: WritableKeyPath<PlatformDefinition, Value>,
            _ value: (inout YAMLMap, String) -> Value
        ) {
            map.know([key])
            guard base == nil || map.has(key) else { return }
            definition[keyPath: path] = value(&map, key)
        }
        take("summary", \.summary) { $0.value($1, .line) ?? "" }
        take("dialect", \.dialect) { $0.required($1, .line) ?? "" }
        take("enter", \.enter) { $0.value($1, TextFormat<EnterKey>.word)?.text ?? "\n" }
        take("width", \.width) { $0.value($1, .number(80...32_767, "a number of columns", example: 511)) ?? 511 }
        take("modes", \.modes) { items($1, in: &$0, "a mode").compactMap(mode) }
        take("home", \.home) { $0.required($1, .line) ?? "" }
        take("setup", \.setup) { list($1, in: &$0, as: .line) }
        take("errors", \.errors) { patterns($1, in: &$0) }
        take("locked", \.locked) { patterns($1, in: &$0) }
        take("lock_holder", \.lockHolder, lockHolder)
        take("chatter", \.chatter) { patterns($1, in: &$0) }
        take("pager", \.pager) { pattern($1, in: &$0) }
        take("questions", \.questions) { items($1, in: &$0, "a question").compactMap(question) }
        take("identify", \.identity, identity)
        take("running", \.running) { list($1, in: &$0, as: .line) }
        take("changed_by", \.changedBy) { finding($1, in: &$0) }
        take("change_record", \.changeRecord) { submap($1, in: &$0).flatMap(changeRecord) }
        take("normalise", \.normalisation) { items($1, in: &$0, "a rule").compactMap(normalisation) }
        take("change", \.change) { submap($1, in: &$0).map(change) ?? PlatformDefinition.Change() }
        take("revert_timer", \.revertTimer, revertTimer)
        take("save", \.save) { procedure($1, in: &$0) }
        take("requires", \.requirements) { items($1, in: &$0, "a requirement").compactMap(requirement) }
        take("evidence", \.evidence) { list($1, in: &$0, as: .line) }
        take("shaping", \.shaping) { ways($1, in: &$0) }
        take("policing", \.policing) { ways($1, in: &$0) }
        map.refuseUnknownKeys()
        return definition
    }

    /// The definition that this one says what is different from: beside it, or one that ships.
    private func base(in map: inout YAMLMap) -> PlatformDefinition? {
        guard let name = map.value("based_on", TextFormat<PlatformName>.named) else { return nil }
        let place = map.place(of: "based_on")
        let own = (file as NSString).deletingLastPathComponent
        let folders = [own.isEmpty ? "." : own] + [try? PlatformLibrary.builtIn()].compactMap { $0 }
        let files = folders.map { "\($0)/\(name).yaml" }
        guard let found = files.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            complaints.error(
                at: place, "the definition is based on '\(name)', which is not there",
                remedy: "expected one of the files \(files.joined(separator: ", "))")
            return nil
        }
        guard !derived.contains(found) else {
            complaints.error(at: place, "the definition is based on itself")
            return nil
        }
        do throws(InputError) {
            return try Self.read(try InputFile.read(found), file: found, for: derived)
        } catch {
            complaints.error(error)
            return nil
        }
    }

    private func lockHolder(_ map: inout YAMLMap, _ key: String) -> LineExpression? {
        let holder = pattern(key, in: &map)
        if let holder, !holder.groupNames.contains("who") {
            complaints.error(
                at: map.place(of: key), "lock_holder does not say who it is", remedy: "put (?<who>...) around it")
        }
        return holder
    }

    private func identity(_ map: inout YAMLMap, _ key: String) -> PlatformDefinition.Identity {
        var identity = PlatformDefinition.Identity()
        guard var parts = submap(key, in: &map) else { return identity }
        identity.hostname = finding("hostname", in: &parts)
        identity.firmware = finding("firmware", in: &parts)
        identity.model = finding("model", in: &parts)
        identity.serial = finding("serial", in: &parts)
        parts.refuseUnknownKeys()
        return identity
    }

    private func revertTimer(_ map: inout YAMLMap, _ key: String) -> PlatformDefinition.RevertTimer? {
        guard let entry = map.entry(key), !isNone(entry.value) else { return nil }
        return map.submap(entry.value, key, example: "none, or unit: minutes").flatMap(revertTimer)
    }

    // MARK: The parts

    private func mode(_ source: YAMLMap) -> PlatformDefinition.Mode? {
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

    private func question(_ source: YAMLMap) -> PlatformDefinition.Question? {
        var map = source
        let ask = required("ask", in: &map)
        let answer = map.required("answer", .text)
        let failure = map.value("failure", .line)
        map.refuseUnknownKeys()
        guard let ask, let answer else { return nil }
        return PlatformDefinition.Question(ask: ask, answer: answer, failure: failure)
    }

    private func finding(_ key: String, in identity: inout YAMLMap) -> PlatformDefinition.Finding? {
        submap(key, in: &identity).flatMap { finding($0, of: key) }
    }

    private func finding(_ source: YAMLMap) -> PlatformDefinition.Finding? { finding(source, of: "a proof") }

    private func finding(_ source: YAMLMap, of what: String) -> PlatformDefinition.Finding? {
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

    private func changeRecord(_ source: YAMLMap) -> PlatformDefinition.ChangeRecord? {
        var map = source
        let command = map.required("command", .line)
        let ours = required("ours", in: &map)
        let by = required("by", in: &map)
        let isNewestFirst = map.value("newest_first", .flag) ?? false
        for (key, pattern) in [("ours", ours), ("by", by)] {
            guard let pattern, !pattern.groupNames.contains("value") else { continue }
            complaints.error(
                at: map.place(of: key), "\(key) of change_record does not say what the value is",
                remedy: "put (?<value>...) around it")
        }
        map.refuseUnknownKeys()
        guard let command, let ours, let by else { return nil }
        return PlatformDefinition.ChangeRecord(command: command, ours: ours, by: by, isNewestFirst: isNewestFirst)
    }

    private func normalisation(_ source: YAMLMap) -> PlatformDefinition.Normalisation? {
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

    private func change(_ source: YAMLMap) -> PlatformDefinition.Change {
        var map = source
        var change = PlatformDefinition.Change()
        change.kind = map.required("kind", .word) ?? .none
        change.mode = map.required("mode", .line) ?? ""
        change.open = procedure("open", in: &map)
        change.difference = procedure("difference", in: &map)
        change.candidate = procedure("candidate", in: &map)
        change.commit = procedure("commit", in: &map)
        change.abort = procedure("abort", in: &map)
        map.refuseUnknownKeys()
        if change.kind != .none, change.candidate == nil {
            complaints.error(
                at: source.location, "nothing prints the candidate as a whole: it could not be compared with the plan",
                remedy: "say candidate, or kind: none if the device has no command for it")
        }
        return change
    }

    private func revertTimer(_ source: YAMLMap) -> PlatformDefinition.RevertTimer? {
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
        let restarts = map.value("restarts", .flag) ?? false
        let undo = restarts ? nil : requiredProcedure("undo", in: &map)
        let job = submap("job", in: &map).flatMap(scheduledJob)
        map.refuseUnknownKeys()
        guard let unit, let least, let most, let query, let pending, let showsMark, let confirm,
            restarts || undo != nil
        else { return nil }
        return PlatformDefinition.RevertTimer(
            place: source.location, unit: unit, least: least, most: most, commit: commit, query: query,
            pending: pending, none: none, entry: entry, who: who, remaining: remaining,
            remainingUnit: remainingUnit ?? unit,
            showsMark: showsMark, isHeld: isHeld, undoesOthers: undoesOthers, confirm: confirm, undo: undo, job: job)
    }

    private func scheduledJob(_ source: YAMLMap) -> PlatformDefinition.ScheduledJob? {
        var map = source
        let clock = map.value("clock", .line)
        let reading = patterns("reading", in: &map)
        let due = pattern("due", in: &map)
        let spent = pattern("spent", in: &map)
        let proofs = items("proofs", in: &map, "a proof").compactMap(self.finding)
        map.refuseUnknownKeys()
        return PlatformDefinition.ScheduledJob(clock: clock, reading: reading, due: due, spent: spent, proofs: proofs)
    }

    private func requirement(_ source: YAMLMap) -> PlatformDefinition.Requirement? {
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
    private func ways(_ what: String, in map: inout YAMLMap) -> [ShapingRules] {
        guard let entry = map.entry(what) else { return [] }
        let items = if case .list(let items) = entry.value.content { items } else { [entry.value] }
        return items.compactMap { map.submap($0, what) }.compactMap { rules($0, of: what) }
    }

    /// Rules of shaping or policing.
    private func rules(_ source: YAMLMap, of what: String) -> ShapingRules? {
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
    private func directions(in map: inout YAMLMap) -> [TrafficDirection: String] {
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

// How things are written.
extension PlatformReader {
    /// Lines, each as the path to it.
    private func paths(_ key: String, in map: inout YAMLMap) -> [[String]] {
        guard let entry = map.entry(key) else { return [] }
        guard case .list(let items) = entry.value.content else {
            complaints.error(at: map.place(of: entry.value), "\(key) is \(entry.value.kind), expected a list of paths")
            return []
        }
        return items.map { map.readList($0, as: .line, what: "a path of \(key)") }
    }

    /// `{hostname}` is the name that the device shows; prompts match the whole line.
    private static func expanded(prompt text: String) -> String {
        "^" + text.replacing("{hostname}", with: "(?<hostname>[A-Za-z0-9_][A-Za-z0-9_.-]*)", maxReplacements: 1) + " *$"
    }

    /// `{value}` is text up to the end of the line; alone, the first line that says anything.
    private static func expanded(finding text: String) -> String {
        text.replacing("{value}", with: "(?<value>\\S(?:.*\\S)?)", maxReplacements: 1)
    }

    private func isNone(_ node: YAMLNode) -> Bool {
        if case .scalar("none", plain: true) = node.content { true } else { false }
    }

    private func submap(_ key: String, in map: inout YAMLMap) -> YAMLMap? {
        map.entry(key).flatMap { map.submap($0.value, key) }
    }

    /// The maps of a list.
    private func items(_ key: String, in map: inout YAMLMap, _ what: String) -> [YAMLMap] {
        guard let entry = map.entry(key) else { return [] }
        guard case .list(let items) = entry.value.content else {
            complaints.error(at: map.place(of: entry.value), "\(key) is \(entry.value.kind), expected a list")
            return []
        }
        return items.compactMap { map.submap($0, "\(what) of \(key)") }
    }

    private func list<Value>(_ key: String, in map: inout YAMLMap, as format: TextFormat<Value>) -> [Value] {
        map.entry(key).map { map.readList($0.value, as: format, what: key) } ?? []
    }

    private func pattern(
        _ key: String, in map: inout YAMLMap, _ expand: (String) -> String = { $0 }
    ) -> LineExpression? {
        guard let text = map.value(key, .text) else { return nil }
        return pattern(expand(text), at: map.place(of: key), key)
    }

    private func required(
        _ key: String, in map: inout YAMLMap, _ expand: (String) -> String = { $0 }
    ) -> LineExpression? {
        guard let text = map.required(key, .text) else { return nil }
        return pattern(expand(text), at: map.place(of: key), key)
    }

    private func patterns(_ key: String, in map: inout YAMLMap) -> [LineExpression] {
        guard let entry = map.entry(key) else { return [] }
        guard case .list(let items) = entry.value.content else {
            return map.readList(entry.value, as: .text, what: key).compactMap {
                pattern($0, at: map.place(of: entry.value), key)
            }
        }
        return items.compactMap { item in
            map.read(item, as: .text, what: "an item of \(key)").flatMap { pattern($0, at: map.place(of: item), key) }
        }
    }

    private func pattern(_ text: String, at place: SourceLocation, _ key: String) -> LineExpression? {
        do throws(LineExpression.Mistake) {
            return try LineExpression(text)
        } catch {
            complaints.error(at: place, "the pattern of \(key) \(error)")
            return nil
        }
    }

    /// A procedure: a command, a list of them, or a map with `in`, `send` and `expect`.
    private func procedure(_ key: String, in map: inout YAMLMap) -> PlatformDefinition.Procedure? {
        guard let entry = map.entry(key) else { return nil }
        let place = map.place(of: entry.value)
        guard case .map = entry.value.content, var inner = map.submap(entry.value, key) else {
            return PlatformDefinition.Procedure(
                place: place, commands: map.readList(entry.value, as: .line, what: key))
        }
        let mode = inner.value("in", .line)
        let commands = list("send", in: &inner, as: .line)
        let expect = pattern("expect", in: &inner)
        inner.refuseUnknownKeys()
        guard !commands.isEmpty else {
            complaints.error(at: place, "\(key) sends nothing", remedy: "such as send: [commit]")
            return nil
        }
        return PlatformDefinition.Procedure(place: place, mode: mode, commands: commands, expect: expect)
    }

    private func requiredProcedure(_ key: String, in map: inout YAMLMap) -> PlatformDefinition.Procedure? {
        if map.entry(key) == nil { _ = map.required(key, .line) }
        return procedure(key, in: &map)
    }
}

/// What ends a line, as it is written.
private enum EnterKey: String, CaseIterable, Sendable {
    case lf, cr, crlf

    var text: String {
        switch self {
        case .lf: "\n"
        case .cr: "\r"
        case .crlf: "\r\n"
        }
    }
}
