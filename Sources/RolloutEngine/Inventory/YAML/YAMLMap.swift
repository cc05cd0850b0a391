/// Reads the keys of one map, and complains about those that nobody asked for.
package struct YAMLMap {
    package let file: String
    /// What the map is, for complaints: `link gra-core-1`.
    package private(set) var what: String
    package private(set) var location: SourceLocation
    package let entries: [YAMLEntry]
    private let complaints: ComplaintList
    private var known: [String] = []

    /// Opens a map; a complaint and nil when the value is not a map. Nothing at all is an empty map.
    package init?(
        _ node: YAMLNode, _ what: String, in file: String, _ complaints: ComplaintList, example: String? = nil
    ) {
        location = SourceLocation(file: file, line: node.line, column: node.column)
        switch node.content {
        case .map(let entries): self.entries = entries
        case .null: entries = []
        default:
            complaints.error(
                at: location, "\(what) is \(node.kind), expected a map of settings",
                remedy: example.map { "such as \($0)" })
            return nil
        }
        self.file = file
        self.what = what
        self.complaints = complaints
    }

    /// The entry of a key, if it is there and holds something.
    package mutating func entry(_ key: String) -> YAMLEntry? {
        known.append(key)
        guard let entry = entries.first(where: { $0.key == key }), !entry.value.isNull else { return nil }
        return entry
    }

    /// Whether a key is there, also where it holds nothing.
    package func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

    /// The value of a key, read in a format.
    package mutating func value<Value>(_ key: String, _ format: TextFormat<Value>) -> Value? {
        entry(key).flatMap { read($0.value, as: format, what: "\(key) of \(what)") }
    }

    /// The value of a key that must be there.
    package mutating func required<Value>(_ key: String, _ format: TextFormat<Value>) -> Value? {
        guard let entry = entry(key) else {
            complaints.error(at: location, "\(what) has no \(key)", remedy: "expected \(format.expected)")
            return nil
        }
        return read(entry.value, as: format, what: "\(key) of \(what)")
    }

    /// The place of a key's value; the map's own when the key is not there.
    package func place(of key: String) -> SourceLocation {
        entries.first { $0.key == key }.map { place(of: $0.value) } ?? location
    }

    /// The place of a value.
    package func place(of node: YAMLNode) -> SourceLocation {
        SourceLocation(file: file, line: node.line, column: node.column)
    }

    /// Reads one scalar in a format, or complains.
    package func read<Value>(_ node: YAMLNode, as format: TextFormat<Value>, what: String) -> Value? {
        guard case .scalar(let text, _) = node.content else {
            complaints.error(at: place(of: node), "\(what) is \(node.kind), expected \(format.expected)")
            return nil
        }
        guard let value = format.parse(text) else {
            complaints.error(at: place(of: node), format.complaint(about: text, what: what))
            return nil
        }
        return value
    }

    /// A list of scalars in a format; one scalar alone is a list of one.
    package func readList<Value>(_ node: YAMLNode, as format: TextFormat<Value>, what: String) -> [Value] {
        guard case .list(let items) = node.content else {
            if case .scalar = node.content { return read(node, as: format, what: what).map { [$0] } ?? [] }
            complaints.error(at: place(of: node), "\(what) is \(node.kind), expected a list such as [a, b]")
            return []
        }
        return items.compactMap { read($0, as: format, what: "an item of \(what)") }
    }

    /// The same map, its place being that of its name.
    package func standing(at place: SourceLocation) -> YAMLMap {
        var copy = self
        copy.location = place
        return copy
    }

    /// The same map under a name that says more.
    package func called(_ what: String) -> YAMLMap {
        var copy = self
        copy.what = what
        return copy
    }

    /// Opens a map below this one.
    package func submap(_ node: YAMLNode, _ what: String, example: String? = nil) -> YAMLMap? {
        YAMLMap(node, what, in: file, complaints, example: example)
    }

    /// Says that these keys are known, though they are read elsewhere.
    package mutating func know(_ keys: some Sequence<String>) { known.append(contentsOf: keys) }

    /// Complains about each key that was not asked for.
    package func refuseUnknownKeys() {
        for entry in entries where !known.contains(entry.key) {
            complaints.error(
                at: SourceLocation(file: file, line: entry.line, column: entry.column),
                "unknown key \(excerpt(entry.key)) in \(what)",
                remedy: suggestion(for: entry.key, among: known.sorted(), noun: "known keys"))
        }
    }
}
