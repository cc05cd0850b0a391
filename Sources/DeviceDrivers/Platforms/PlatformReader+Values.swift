import RolloutEngine

// How things are written.
extension PlatformReader {
    /// Lines, each as the path to it.
    func paths(_ key: String, in map: inout YAMLMap) -> [[String]] {
        guard let entry = map.entry(key) else { return [] }
        guard case .list(let items) = entry.value.content else {
            complaints.error(at: map.place(of: entry.value), "\(key) is \(entry.value.kind), expected a list of paths")
            return []
        }
        return items.map { map.readList($0, as: .line, what: "a path of \(key)") }
    }

    /// `{hostname}` is the name that the device shows; prompts match the whole line.
    static func expanded(prompt text: String) -> String {
        "^" + text.replacing("{hostname}", with: "(?<hostname>[A-Za-z0-9_][A-Za-z0-9_.-]*)", maxReplacements: 1) + " *$"
    }

    /// `{value}` is text up to the end of the line; alone, the first line that says anything.
    static func expanded(finding text: String) -> String {
        text.replacing("{value}", with: "(?<value>\\S(?:.*\\S)?)", maxReplacements: 1)
    }

    func isNone(_ node: YAMLNode) -> Bool {
        if case .scalar("none", plain: true) = node.content { true } else { false }
    }

    func submap(_ key: String, in map: inout YAMLMap) -> YAMLMap? {
        map.entry(key).flatMap { map.submap($0.value, key) }
    }

    /// The maps of a list.
    func items(_ key: String, in map: inout YAMLMap, _ what: String) -> [YAMLMap] {
        guard let entry = map.entry(key) else { return [] }
        guard case .list(let items) = entry.value.content else {
            complaints.error(at: map.place(of: entry.value), "\(key) is \(entry.value.kind), expected a list")
            return []
        }
        return items.compactMap { map.submap($0, "\(what) of \(key)") }
    }

    func list<Value>(_ key: String, in map: inout YAMLMap, as format: TextFormat<Value>) -> [Value] {
        map.entry(key).map { map.readList($0.value, as: format, what: key) } ?? []
    }

    func pattern(
        _ key: String, in map: inout YAMLMap, _ expand: (String) -> String = { $0 }
    ) -> LineExpression? {
        guard let text = map.value(key, .text) else { return nil }
        return pattern(expand(text), at: map.place(of: key), key)
    }

    func required(
        _ key: String, in map: inout YAMLMap, _ expand: (String) -> String = { $0 }
    ) -> LineExpression? {
        guard let text = map.required(key, .text) else { return nil }
        return pattern(expand(text), at: map.place(of: key), key)
    }

    func patterns(_ key: String, in map: inout YAMLMap) -> [LineExpression] {
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

    func pattern(_ text: String, at place: SourceLocation, _ key: String) -> LineExpression? {
        do throws(LineExpression.Mistake) {
            return try LineExpression(text)
        } catch {
            complaints.error(at: place, "the pattern of \(key) \(error)")
            return nil
        }
    }

    /// A procedure: a command, a list of them, or a map with `in`, `send` and `expect`.
    func procedure(_ key: String, in map: inout YAMLMap) -> PlatformDefinition.Procedure? {
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

    func requiredProcedure(_ key: String, in map: inout YAMLMap) -> PlatformDefinition.Procedure? {
        if map.entry(key) == nil { _ = map.required(key, .line) }
        return procedure(key, in: &map)
    }
}
