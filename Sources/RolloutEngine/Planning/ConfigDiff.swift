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
                !base.sections.contains { areSame($0.name, name) }
            }
        for name in names {
            let before = base.sections.first { areSame($0.name, name) }?.lines ?? []
            let after = desired.sections.first { areSame($0.name, name) }?.lines ?? []
            guard !before.elementsEqual(after, by: areSame) else { continue }
            sections.append(Section(name: name, lines: Self.lines(from: before, to: after)))
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
        let (removed, inserted) = changes(from: before, to: after)
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
        var isShown = Array(repeating: false, count: lines.count)
        for index in lines.indices where lines[index].kind != .kept {
            for near in max(0, index - 3)...min(lines.count - 1, index + 3) { isShown[near] = true }
        }
        return lines.indices.filter { isShown[$0] }.map { lines[$0] }
    }

    /// Which lines go and which come. The search for the fewest takes time and memory by the square of what differs, and a
    /// device can hold a file of a million lines: beyond `searched`, all that is not the same at both ends goes and comes.
    private static func changes(
        from before: [String], to after: [String]
    ) -> (removed: Set<Int>, inserted: Set<Int>) {
        let start = zip(before, after).prefix { areSame($0, $1) }.count
        let end = zip(before[start...].reversed(), after[start...].reversed()).prefix { areSame($0, $1) }.count
        let old = start..<before.count - end
        let new = start..<after.count - end
        guard old.count + new.count <= searched else { return (Set(old), Set(new)) }
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in after[new].difference(from: before[old], by: areSame) {
            switch change {
            case .remove(let offset, _, _): removed.insert(start + offset)
            case .insert(let offset, _, _): inserted.insert(start + offset)
            }
        }
        return (removed, inserted)
    }

    private static let searched = 4000
}

extension DeviceConfig {
    /// The rate that an interface is shaped to; nil when it is not shaped.
    ///
    /// What a driver says of a section counts; in the section `qdisc <interface>` the `rate <number>bit` of its lines is read,
    /// of several classes the largest.
    public func shapedRate(of interface: String) -> BitsPerSecond? {
        sections.filter {
            $0.policedDirection == nil && !$0.isOfLines
                && $0.name.split(separator: " ", maxSplits: 1).dropFirst().first == interface[...]
        }.compactMap { section in section.shapedRate ?? section.writtenRate }.max()
    }

    /// The rate that a class of an interface is shaped to; nil when it is not, or nothing says so.
    ///
    /// What a driver says of a section counts; in the section `qdisc <interface>` the `ceil` of the class is read.
    public func shapedRate(of interface: String, class name: String) -> BitsPerSecond? {
        for section in sections where section.policedDirection == nil && !section.isOfLines {
            guard section.name.split(separator: " ", maxSplits: 1).dropFirst().first == interface[...] else { continue }
            if let rate = section.classRates?[name] { return rate }
            guard section.name.hasPrefix("qdisc ") else { continue }
            for line in section.lines {
                let words = line.split(separator: " ")
                guard words.count > 2, words[0] == "class", words[1] == name, let index = words.firstIndex(of: "ceil"),
                    index + 1 < words.count
                else { continue }
                return BitsPerSecond(String(words[index + 1]))
            }
        }
        return nil
    }

    /// The rate that traffic through an interface is policed to; nil when it is not, and when nothing was read of that.
    public func policedRate(of interface: String, _ direction: TrafficDirection) -> BitsPerSecond? {
        let name = Self.policing(of: interface, direction)
        return sections.first { areSame($0.name, name) }?.shapedRate
    }
}

extension DeviceConfig.Section {
    /// Which traffic of its interface the section polices; nil for sections of another kind.
    public var policedDirection: TrafficDirection? {
        TrafficDirection.allCases.first { name.hasPrefix("police-\($0.rawValue) ") }
    }

    /// Whether it holds lines of a command line, as they are.
    public var isOfLines: Bool { name.hasPrefix("lines ") }

    /// The largest rate in lines of `tc`.
    fileprivate var writtenRate: BitsPerSecond? {
        guard name.hasPrefix("qdisc ") else { return nil }
        return lines.compactMap { line -> BitsPerSecond? in
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "rate"), index + 1 < words.count else { return nil }
            return BitsPerSecond(String(words[index + 1]))
        }.max()
    }
}
