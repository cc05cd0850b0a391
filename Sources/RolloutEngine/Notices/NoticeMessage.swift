/// A message as it is told, before it is written for its receiver. Everything in it is one line and safe to print. Pure.
public struct NoticeMessage: Hashable, Sendable {
    /// The same however often it is sent.
    public var id: String
    /// When what it tells last happened.
    public var at: Instant
    /// The severest of what it tells.
    public var severity: Notice.Severity
    /// What it is about.
    public var title: String
    /// What happened, line by line.
    public var lines: [String]
    /// What to do next.
    public var command: String?
    /// Where to look.
    public var link: String?
    /// What it tells, in order.
    public var notices: [Notice]

    /// How many lines a message has at most, and how long they are.
    static let mostLines = 12
    static let longestLine = 300

    /// Puts notices into words; nil when there are none.
    ///
    /// - Parameter titles: The titles of the rollouts that they are about.
    public init?(
        id: String, _ notices: [Notice], titles: [RolloutID: String], missed: Int, publicURL: String?
    ) {
        let notices = notices.sorted { $0.place < $1.place }
        guard let last = notices.last else { return nil }
        let rollouts = Set(notices.compactMap(\.place.rollout)).sorted()
        self.id = id
        self.notices = notices
        at = notices.map(\.at).max() ?? last.at
        severity = notices.map(\.severity).max() ?? .info
        let isOne = rollouts.count == 1 && notices.allSatisfy { $0.place.rollout != nil }
        title = SafeText.line(
            isOne
                ? "rollout \(rollouts[0].number) \(titles[rollouts[0]] ?? "")"
                : rollouts.isEmpty ? "rollout" : "\(notices.count) notices of \(rollouts.count) rollouts, folded")
        let base = publicURL.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        link = base.map { isOne ? "\($0)/rollouts/\(rollouts[0].number)" : "\($0)/" }
        // The last that matters most says what to do now.
        command = notices.filter { $0.command != nil }.max { ($0.severity, $0.at) < ($1.severity, $1.at) }?.command
        lines = Self.lines(notices, naming: !isOne, rollouts)
        if missed > 0 {
            lines.append("\(missed) notices before this one could not be delivered: rollout notify list")
        }
    }

    private struct Line {
        var text: String
        var severity: Notice.Severity
        var count: Int
    }

    private static func lines(_ notices: [Notice], naming: Bool, _ rollouts: [RolloutID]) -> [String] {
        var lines: [Line] = []
        for journal in Dictionary(grouping: notices, by: \.place.rollout).sorted(by: {
            ($0.key?.number ?? 0) < ($1.key?.number ?? 0)
        }) {
            let name = naming ? journal.key.map { "rollout \($0.number): " } ?? "" : ""
            let kinds = Dictionary(grouping: journal.value, by: \.kind)
            var said: Set<Notice.Kind> = []
            for notice in journal.value {
                let alike = kinds[notice.kind] ?? []
                guard alike.count > 2, notice.kind.words(for: alike.count) != nil else {
                    lines.append(Line(text: name + notice.text, severity: notice.severity, count: 1))
                    continue
                }
                guard said.insert(notice.kind).inserted else { continue }
                var seen: Set<DeviceName> = []
                let names = alike.compactMap(\.device).filter { seen.insert($0).inserted }
                let words = notice.kind.words(for: names.count) ?? ""
                lines.append(
                    Line(
                        text: "\(name)\(words): \(NoticeReader.first(names)). The first: \(notice.text)",
                        severity: notice.severity, count: alike.count))
            }
        }
        var shown = lines
        if lines.count > mostLines {
            // Of many the severest are shown, in their order.
            let kept = lines.indices.sorted {
                lines[$0].severity == lines[$1].severity ? $0 > $1 : lines[$0].severity > lines[$1].severity
            }.prefix(mostLines - 1).sorted()
            shown = kept.map { lines[$0] }
            let left = lines.reduce(0) { $0 + $1.count } - shown.reduce(0) { $0 + $1.count }
            let look = rollouts.count == 1 ? "rollout events \(rollouts[0].number)" : "rollout list"
            shown.append(Line(text: "\(left) more are folded here: \(look)", severity: .info, count: left))
        }
        return shown.map { line in
            let text = SafeText.line(line.text)
            return text.count > longestLine ? String(text.prefix(longestLine)) + " …" : text
        }
    }
}
