import RolloutEngine

/// What is expected of a rollout, for people.
struct ForecastScreen {
    let report: ForecastCommand.Report
    let plan: Plan

    var lines: [String] {
        let forecast = report.forecast
        var table = TextTable(["wave", "range", "datacentre", "begins (UTC)", "proved by"])
        for wave in forecast.waves {
            let planned = plan.waves.first { $0.index == wave.index }
            table.add([
                "\(wave.index)", planned?.range?.rawValue ?? "-", planned?.datacentre?.rawValue ?? "-",
                clock(wave.begins), clock(wave.ends),
            ])
        }
        var lines = ["rollout \(report.rollout), if nothing goes wrong:", ""] + table.lines + [""]
        guard let endsAt = forecast.endsAt else {
            let stuck = plan.waves.first { wave in
                !forecast.waves.contains { $0.index == wave.index } && wave.index > (forecast.waves.last?.index ?? -1)
            }
            return lines + [
                "wave \(stuck?.index ?? 0) fits into no window of its datacentres: make the window longer or the waves smaller, "
                    + "and plan again (rollout plan)"
            ]
        }
        if let tonight = forecast.tonightUntil {
            lines.append(
                forecast.endsTonight
                    ? "it ends tonight, \(brief(tonight - endsAt)) before the window closes at \(clock(tonight))"
                    : "\(forecast.wavesTonight) of \(forecast.waves.count) waves tonight, until \(clock(tonight)); it ends at about \(clock(endsAt))"
            )
        } else {
            lines.append("it ends at about \(clock(endsAt))")
        }
        if report.quietNights > 0 {
            lines.append(
                "played: \(report.quietInWindow) of \(report.quietNights) nights without trouble end in their window, "
                    + "and \(report.troubledInWindow) of \(report.troubledNights) in which one thing goes wrong")
        }
        return lines
    }

    private func clock(_ instant: Instant) -> String {
        String(instant.description.prefix(16)).replacing("T", with: " ")
    }
}
