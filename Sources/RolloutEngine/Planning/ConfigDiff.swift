/// What differs between two configurations, line by line, as people read it.
public struct ConfigDiff: Hashable, Codable, Sendable {
    /// The lines that differ, each with its section; sections without a difference are left out.
    public var sections: [Section]

    /// One section's differing lines.
    public struct Section: Hashable, Codable, Sendable {
        /// The section's name.
        public var name: String
        /// Its lines in order, those that stay included.
        public var lines: [Line]
    }

    /// One line of a difference.
    public struct Line: Hashable, Codable, Sendable {
        /// Whether it goes, comes or stays.
        public var kind: Kind
        /// The line.
        public var text: String

        /// What happens to a line.
        public enum Kind: String, Codable, Sendable {
            /// It goes.
            case removed = "-"
            /// It comes.
            case added = "+"
            /// It stays, and is shown to give the others a place.
            case kept = " "
        }
    }

    /// The difference from one configuration to another.
    public init(from base: DeviceConfig, to desired: DeviceConfig) {
        sections = []
        let names =
            base.sections.map(\.name)
            + desired.sections.map(\.name).filter { name in
                !base.sections.contains { $0.name == name }
            }
        for name in names {
            let before = base.sections.first { $0.name == name }?.lines ?? []
            let after = desired.sections.first { $0.name == name }?.lines ?? []
            if before != after { sections.append(Section(name: name, lines: Self.lines(from: before, to: after))) }
        }
    }

    /// Whether there is no difference.
    public var isEmpty: Bool { sections.isEmpty }
    /// How many lines come.
    public var added: Int { count(.added) }
    /// How many lines go.
    public var removed: Int { count(.removed) }

    private func count(_ kind: Line.Kind) -> Int {
        sections.reduce(0) { $0 + $1.lines.count { $0.kind == kind } }
    }

    /// Two devices have the same difference when this text is the same.
    public var text: String {
        sections.map { section in
            "\(section.name)\n" + section.lines.map { "\($0.kind.rawValue) \($0.text)\n" }.joined()
        }.joined()
    }

    /// Lines that stay are shown up to three around those that do not.
    private static func lines(from before: [String], to after: [String]) -> [Line] {
        let difference = after.difference(from: before)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var lines: [Line] = []
        var old = 0
        var new = 0
        while old < before.count || new < after.count {
            if removed.contains(old) {
                lines.append(Line(kind: .removed, text: before[old]))
                old += 1
            } else if inserted.contains(new) {
                lines.append(Line(kind: .added, text: after[new]))
                new += 1
            } else {
                lines.append(Line(kind: .kept, text: after[new]))
                old += 1
                new += 1
            }
        }
        let changed = lines.indices.filter { lines[$0].kind != .kept }
        return lines.indices.filter { index in changed.contains { abs($0 - index) <= 3 } }.map { lines[$0] }
    }
}

extension DeviceConfig {
    /// The rate that an interface is shaped to; nil when it is not shaped.
    ///
    /// Reads the `rate <number>bit` that every driver writes into the section `qdisc <interface>`; of several classes, the
    /// largest counts.
    public func shapedRate(of interface: String) -> BitsPerSecond? {
        sections.filter { $0.name == "qdisc \(interface)" }.flatMap(\.lines).compactMap { line -> BitsPerSecond? in
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "rate"), index + 1 < words.count else { return nil }
            return BitsPerSecond(String(words[index + 1]))
        }.max()
    }
}
