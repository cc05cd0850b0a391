import RolloutEngine

/// What became of another tool's inventory, as lines of text.
struct ImportScreen {
    let lines: [String]

    /// How many places of a key are named unless all are asked for.
    private static let placesShown = 3

    init(_ report: ImportReport, file: String, everyPlace: Bool) {
        func places(_ places: [SourceLocation]) -> String {
            let shown = everyPlace ? places : Array(places.prefix(Self.placesShown))
            let rest = places.count - shown.count
            return shown.map(\.description).joined(separator: ", ") + (rest > 0 ? ", and \(rest) more (-v)" : "")
        }
        func counts(_ counts: [String: Int]) -> String {
            counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        }
        var lines = [
            SafeText.line(
                "\(file): \(report.devices) devices; datacentres \(counts(report.datacentres)); ranges \(counts(report.ranges))"
            )
        ]
        if !report.dropped.isEmpty {
            lines += ["", "not taken over:"]
            var table = TextTable(["KEY", "TIMES", "WHY", "AT"])
            for key in report.dropped {
                table.add([key.key, String(key.places.count), key.reason, places(key.places)])
            }
            lines += table.lines
        }
        if !report.secrets.isEmpty {
            lines += ["", "secrets are not taken over; put them where the inventory looks for them:"]
            var table = TextTable(["LOOKED FOR AT", "IT WAS", "AT"])
            for secret in report.secrets { table.add([secret.reference, secret.kept, places(secret.places)]) }
            lines += table.lines
        }
        if !report.leftOut.isEmpty {
            lines += ["", "left out:"]
            var table = TextTable(["NAME", "WHY", "AT"])
            for one in report.leftOut { table.add([one.name, one.reason, one.place.description]) }
            lines += table.lines
        }
        if !report.warnings.isEmpty {
            lines.append("")
            lines += report.warnings.flatMap { ComplaintText.lines($0, severity: "warning") }
        }
        self.lines = lines
    }
}
