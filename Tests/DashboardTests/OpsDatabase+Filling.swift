import Foundation
import OpsBench
import RolloutEngine
import RolloutSimulation

@testable import RolloutStore

extension OpsDatabase {
    /// A script that creates a rollout of a plan.
    static func creating(_ number: Int64, _ title: String, _ plan: Data, at now: Instant) -> String {
        """
        INSERT INTO rollout.plans (digest, bytes) VALUES ('\(number)', decode('\(plan.base64EncodedString())', 'base64'));
        INSERT INTO rollout.rollouts (id, plan, plan_digest, title, created_at, created_by)
        SELECT \(number), max(id), '\(number)', \(title.quoted), \(now.milliseconds), 'ada' FROM rollout.plans;

        """
    }

    /// A script that appends facts, all of them in one statement.
    static func appending(_ entries: some Sequence<JournalEntry>, to number: Int64) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let rows = try entries.map { entry in
            let fact = String(decoding: try encoder.encode(entry.fact), as: UTF8.self)
            let device = entry.fact.device.map(\.rawValue.field) ?? ""
            return "\(number),\(entry.sequence),\(entry.at.milliseconds),\(entry.fence),\(entry.fact.kind),\(device),"
                + "\(fact.field)\n"
        }
        return """
            COPY rollout.entries (rollout, sequence, at, fence, kind, device, fact) FROM STDIN WITH (FORMAT csv);
            \(rows.joined())\\.

            """
    }

    /// A script that takes the lease for ever, or gives it back.
    static func driving(_ number: Int64, by holder: String?) -> String {
        let taking = holder.map {
            "INSERT INTO rollout.leases VALUES (\(number), \($0.quoted), 1, \(Self.forEver.milliseconds));\n"
        }
        return "DELETE FROM rollout.leases WHERE rollout = \(number);\n" + (taking ?? "")
    }

    /// Far from any night.
    static let forEver = Instant(milliseconds: 4_102_444_800_000)

    /// A script that adds what was read of interfaces.
    static func adding(_ samples: [CounterSample], of number: Int64) -> String {
        var rows = ""
        for (place, sample) in samples.enumerated() {
            let kind: Int
            switch sample.subject {
            case .device: kind = 0
            case .link: kind = 1
            case .probe: kind = 2
            case .queues: kind = 3
            }
            for (index, reading) in sample.interfaces.enumerated() {
                let counters = [
                    reading.inOctets, reading.outOctets, reading.inErrors, reading.outErrors, reading.inDiscards,
                    reading.outDiscards,
                ]
                var wide = 0
                for (bit, counter) in counters.enumerated() {
                    if case .bits64 = counter { wide |= 1 << bit }
                }
                let values = counters.map { $0.map { "\(Int64(bitPattern: $0.value))" } ?? "" }.joined(separator: ",")
                rows += "\(place),\(index),\(number),\(sample.at),\(kind),\(sample.subject.name.field),"
                rows += "\(reading.name.field),\(values),\(wide),\(reading.highSpeed.map(String.init) ?? ""),"
                rows += "\(reading.discontinuity.map(String.init) ?? ""),\(reading.unknown?.code.rawValue ?? "")\n"
            }
        }
        let days = Set(samples.map { $0.at.description.prefix(10) }).sorted()
        return days.map { "SELECT FROM rollout.ensure_day('\($0)');\n" }.joined() + """
            COPY rollout.readings (sample, place, rollout, at, subject_kind, subject, name, in_octets, out_octets, in_errors,
                out_errors, in_discards, out_discards, wide, high_speed, discontinuity, unknown) FROM STDIN WITH (FORMAT csv);
            \(rows)\\.

            """
    }
}
