import RolloutEngine

/// All that is measured of the rollouts that go on or ended lately. Pure.
struct MetricsPage {
    /// A rollout and what was counted of it.
    struct Row: Sendable {
        var reading: RolloutReading
        var counts: JournalCounts
        var links: [LinkLoad]
    }

    let rows: [Row]
    let version: String
    /// How many look at pages that are kept up to date.
    let readers: Int

    /// The text.
    var text: String {
        var out = MetricsText()
        out.begin("rollout_build_info", "gauge", "The version of the program.")
        out.add("rollout_build_info", [("version", version)], 1)
        out.begin("rollout_web_live_readers", "gauge", "Pages that are kept up to date.")
        out.add("rollout_web_live_readers", [], Double(readers))
        devices(&out)
        waits(&out)
        counters(&out)
        links(&out)
        return out.text
    }

    private func label(_ row: Row) -> [(String, String)] { [("rollout", "\(row.reading.id.number)")] }

    private func devices(_ out: inout MetricsText) {
        out.begin("rollout_devices", "gauge", "Devices by datacentre and state.")
        for row in rows {
            var counts: [DatacentreName: [RolloutStatus.DevicePhase: Int]] = [:]
            for device in row.reading.status.waves.lazy.flatMap(\.devices) {
                guard let place = row.reading.fixed.planned[device.name]?.device.datacentre else { continue }
                counts[place, default: [:]][device.state, default: 0] += 1
            }
            for (place, states) in counts.sorted(by: { $0.key < $1.key }) {
                // All states, so that one that is left goes to zero and not out of sight.
                for state in RolloutStatus.DevicePhase.allCases {
                    out.add(
                        "rollout_devices", label(row) + [("dc", place.rawValue), ("state", state.rawValue)],
                        Double(states[state] ?? 0))
                }
            }
        }
        out.begin("rollout_phase", "gauge", "1 for the phase in which a rollout is.")
        for row in rows {
            out.add(
                "rollout_phase",
                label(row) + [("phase", row.reading.status.phase.rawValue), ("title", row.reading.status.title)], 1)
        }
        out.begin("rollout_paused", "gauge", "1 for each kind of reason for which a rollout stands still.")
        for row in rows {
            for pause in row.reading.status.pauses {
                out.add("rollout_paused", label(row) + [("kind", pause.kind.rawValue)], 1)
            }
        }
    }

    private func waits(_ out: inout MetricsText) {
        let unproven: Set<RolloutStatus.DevicePhase> = [.unknown, .verifying, .pushing, .rollingBack]
        out.begin("rollout_unconfirmed_devices", "gauge", "Devices of which it is not proved what they hold.")
        for row in rows {
            let count = unproven.reduce(0) { $0 + (row.reading.status.counts[$1] ?? 0) }
            out.add("rollout_unconfirmed_devices", label(row), Double(count))
        }
        out.begin(
            "rollout_confirm_deadline_timestamp_seconds", "gauge",
            "When the first unconfirmed device reverts by itself, in seconds since 1970.")
        for row in rows {
            let waiting = row.reading.status.waves.lazy.flatMap(\.devices).filter { unproven.contains($0.state) }
            if let first = waiting.compactMap({ $0.revertsAt ?? $0.revertsBy }).min() {
                out.add(
                    "rollout_confirm_deadline_timestamp_seconds", label(row), Double(first.milliseconds) / 1000)
            }
        }
    }

    private func counters(_ out: inout MetricsText) {
        out.begin("rollout_device_pushes_total", "counter", "Pushes that came to an end.")
        for row in rows {
            for (push, count) in row.counts.pushes.sorted(by: { "\($0.key)" < "\($1.key)" }) {
                out.add(
                    "rollout_device_pushes_total",
                    label(row) + [("dc", push.datacentre), ("range", push.range), ("outcome", push.outcome)],
                    Double(count))
            }
        }
        out.begin("rollout_push_duration_seconds", "histogram", "From the intent to push to its outcome.")
        for row in rows { out.add("rollout_push_duration_seconds", label(row), row.counts.durations) }
        out.begin("rollout_gate_evaluations_total", "counter", "Verdicts of gates at the end of soaks.")
        for row in rows {
            for (judgement, count) in row.counts.verdicts.sorted(by: { "\($0.key)" < "\($1.key)" }) {
                out.add(
                    "rollout_gate_evaluations_total",
                    label(row) + [("gate", judgement.gate), ("verdict", judgement.outcome)], Double(count))
            }
        }
        out.begin("rollout_lease_fence", "gauge", "The fence of the last lease: it grows when somebody takes over.")
        for row in rows { out.add("rollout_lease_fence", label(row), Double(row.counts.fence)) }
        out.begin("rollout_journal_entries_total", "counter", "Facts in the journal.")
        for row in rows { out.add("rollout_journal_entries_total", label(row), Double(row.counts.sequence)) }
    }

    private func links(_ out: inout MetricsText) {
        let rates: [(String, String, (LinkLoad) -> BitsPerSecond?)] = [
            ("rollout_link_load_bits_per_second", "Load of a shared link by its newest readings.", { $0.load }),
            ("rollout_link_cap_bits_per_second", "What a shared link has to stay under.", { $0.cap }),
            (
                "rollout_link_predicted_bits_per_second",
                "Predicted load of a shared link when the waves that were started are done.",
                { $0.predictedNow ?? $0.measured }
            ),
        ]
        for (name, help, rate) in rates {
            out.begin(name, "gauge", help)
            for row in rows {
                for link in row.links {
                    guard let value = rate(link) else { continue }
                    out.add(name, label(row) + [("link", link.link.rawValue)], Double(value.value))
                }
            }
        }
    }
}
