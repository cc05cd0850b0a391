import RolloutEngine

/// How devices differ from what rollouts confirmed, as people read it: identical differences grouped.
struct DriftScreen {
    let report: DriftReport
    let style: Style

    /// The lines of the screen.
    func lines(diffs shown: Int) -> [String] {
        var lines = [summary()]
        var groups = DiffGroups()
        for item in report.devices(standing: .drifted) {
            if let difference = item.difference { groups.add(difference, of: item.device, on: item.platform) }
        }
        let differences = groups.lines(limit: shown, style: style, theRest: "rollout drift --diff all")
        if !differences.isEmpty {
            lines += ["", "From what was confirmed (-) to what is there (+):"] + differences
            lines += details(of: report.devices(standing: .drifted)) { item in
                item.rollout.map { "confirmed by rollout \($0)\(item.confirmedAt.map { " at \($0)" } ?? "")" }
            }
        }
        lines += section("Not read", report.devices(standing: .unread), .warning, \.detail)
        lines += section(
            "Foreign revert timers", report.devices.filter { $0.foreignTimer != nil }, .warning, \.foreignTimer)
        lines += section("Under way", report.devices(standing: .underWay), .strong, \.detail)
        let never = report.devices(standing: .neverChanged)
        if !never.isEmpty {
            lines += ["", "Never changed by a rollout of this store  \(never.count)   \(names(never))"]
        }
        return lines
    }

    private func summary() -> String {
        let counts = DriftReport.Standing.allCases.compactMap { standing -> String? in
            let count = report.devices(standing: standing).count
            return count == 0 ? nil : "\(count) \(standing.rawValue.replacing("_", with: " "))"
        }
        let mark = report.hasDrift ? style.paint("drift", .bad) : style.paint("no drift", .good)
        return "\(mark) \(style.dot) \(report.devices.count) devices: \(counts.joined(separator: ", "))"
    }

    private func section(
        _ title: String, _ items: [DriftReport.Item], _ paint: Style.Paint, _ detail: (DriftReport.Item) -> String?
    ) -> [String] {
        guard !items.isEmpty else { return [] }
        return ["", "\(style.paint(title, paint))  \(items.count)   \(names(items))"] + details(of: items, detail)
    }

    private func details(of items: [DriftReport.Item], _ detail: (DriftReport.Item) -> String?) -> [String] {
        let lines = items.prefix(10).map {
            "  \(SafeText.line($0.device.rawValue)): \(SafeText.line(detail($0) ?? ""))"
        }
        return lines + (items.count > 10 ? ["  and \(items.count - 10) more (--json)"] : [])
    }

    private func names(_ items: [DriftReport.Item]) -> String { DiffGroups.names(items.map(\.device), style) }
}
