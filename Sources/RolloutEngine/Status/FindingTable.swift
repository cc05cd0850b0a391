/// What a gate found, as few lines as tell it all: whoever fails alone, and together those on which nothing is wrong. Pure.
package struct FindingTable: Hashable, Sendable {
    /// The lines: failing subjects first, then the others and the untouched ones as lines of medians.
    package var rows: [Verdict.Finding]
    /// How many failing subjects have no line.
    package var left: Int
    /// What the failing ones share and the others do not.
    package var traits: [String]

    /// More lines than that help nobody.
    private static let most = 8

    /// Makes the lines.
    ///
    /// - Parameter wave: The devices that were changed together, of which the others are.
    package init(_ findings: [Verdict.Finding], of wave: RolloutStatus.WaveStatus, in plan: Plan) {
        let failing = findings.filter { $0.failed || $0.unknown != nil }
        let well = findings.filter { !$0.failed && $0.unknown == nil }
        rows =
            Array(failing.prefix(Self.most))
            + Self.together(well.filter { !$0.isControl }, as: failing.isEmpty ? "all" : "other")
            + Self.together(well.filter(\.isControl), as: "untouched")
        left = max(0, failing.count - Self.most)
        let names = Set(
            failing.filter { !$0.isControl }.map { DeviceName(rawValue: String($0.subject.prefix { $0 != " " })) })
        traits =
            rows.isEmpty
            ? [] : CommonTraits.shared(by: wave.devices.map(\.name).filter(names.contains), in: plan)
    }

    /// Findings on which nothing is wrong as one line of medians, as they differ in nothing that matters: `other 9`.
    private static func together(_ findings: [Verdict.Finding], as name: String) -> [Verdict.Finding] {
        guard var line = findings.first else { return [] }
        if findings.count == 1 {
            if line.isControl { line.subject += " (\(name))" }
            return [line]
        }
        line.subject = "\(name) \(findings.count)"
        line.before = Median.of(findings.compactMap(\.before))
        line.after = Median.of(findings.compactMap(\.after))
        line.limit = Median.of(findings.compactMap(\.limit))
        // They end at the same moment, whatever their lengths.
        let length = findings.map(\.series.count).min() ?? 0
        let tails = findings.map { Array($0.series.suffix(length)) }
        line.series = (0..<length).map { place in Median.of(tails.map { $0[place] }.filter(\.isFinite)) ?? .nan }
        return [line]
    }
}
