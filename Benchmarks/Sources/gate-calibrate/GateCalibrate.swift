import Foundation
import RolloutEngine

/// Judges the judge: real link loads become counters, counters become readings, and the product's own gates are played on them.
/// What it learns of an interface comes from the first half of a trace, waves from the second.
@main
enum GateCalibrate {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 2 else {
            print(
                "usage: gate-calibrate TRACE.csv [WAVES [WAVE-SIZE [BASELINE-MINUTES [SOAK-MINUTES [SEED [ALARMS-OF [MAXIMUM-DROP]]]]]]]"
            )
            exit(64)
        }
        func number(_ place: Int, _ usual: Int) -> Int {
            arguments.count > place ? Int(arguments[place]) ?? usual : usual
        }
        let waves = number(2, 300)
        let trace = try Trace(arguments[1])
        let size = min(number(3, 8), trace.columns.count / 3)
        let baseline = Timespan.minutes(Int64(number(4, 30)))
        let soak = Timespan.minutes(Int64(number(5, 30)))
        let agents = trace.columns.indices.map { Agent(trace, column: $0) }
        var samples: [WatchedAgent.Subject: [CounterSample]] = [:]
        for agent in agents { samples[.device(agent.device.name)] = agent.samples }
        let rehearsal = GateRehearsal(
            devices: agents.map(\.device), samples: samples, rules: rules(maximumDrop: Double(number(8, 30))),
            watch: WatchRule(poll: .seconds(10), baseline: baseline), soak: soak, waveSize: size, trials: waves,
            seed: UInt64(number(6, 1)),
            learnsUntil: Trace.start + .seconds(Int64(trace.length / 2)))
        print(
            "\(arguments[1]): \(agents.count) interfaces, \(Int(trace.length / 3600)) h, waves of \(size), baseline \(baseline), soak \(soak), seed \(rehearsal.seed), version \(GateEvaluator.version) of the rules"
        )
        let known = rehearsal.history
        for (name, history) in [("history of the first half", known), ("no history", nil)] {
            print(
                "\n\(name)\nmade up          fails                  cannot tell            let through            alarms, half and most by, for silence, only reported"
            )
            var report = GateRehearsalReport()
            let drops = [10.0, 20, 30, 40, 50, 60, 70, 80, 90, 100].map { GateRehearsal.Injection.drop(.percent($0)) }
            let looked = min(waves, number(7, 10))
            for injection in [.none] + drops + [.lone(.percent(100)), .discards(10), .discards(50)] {
                let isGross = GateRehearsal.Injection.gross.contains(injection)
                let alarmsOf = isGross ? looked : 0
                let outcomes = try rehearsal.play(injection, history: history, alarmsOf: alarmsOf)
                report.add(
                    injection, outcomes, rules: rehearsal.rules, block: baseline + soak, alarmsOf: alarmsOf)
                guard let row = report.rows.last else { continue }
                let alarms = [row.alarmHalf, row.alarmMost].map { $0.map { "\(Int($0)) s" } ?? "-" }.joined(
                    separator: ", ")
                print(
                    padded("\(injection)", 16), text(row.failed), text(row.unclear), text(row.passed),
                    "\(row.alarmed) of \(row.alarmsOf)", alarms, isGross ? "\(row.silent), \(row.noticed)" : "-")
                if injection == .none {
                    for gate in row.gates { print("    \(gate.name): failed \(gate.failed), unclear \(gate.unclear)") }
                }
            }
        }
    }

    /// The usual gates, with this drop allowed, in percent.
    private static func rules(maximumDrop: Double) -> [GateRule] {
        GateRule.cautious.filter { $0.condition != .links }.map { rule in
            guard case .traffic(_, let minimum) = rule.condition else { return rule }
            var rule = rule
            rule.condition = .traffic(maximumDrop: .percent(maximumDrop), minimumRate: minimum)
            return rule
        }
    }

    private static func text(_ rate: GateRehearsalReport.Rate) -> String {
        func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10)" }
        return padded("\(percent(rate.share)) % (\(percent(rate.low)) - \(percent(rate.high)))", 22)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

/// Rates by time, a column an interface.
struct Trace {
    var seconds: Double
    var columns: [[Double]]
    static let start = Instant(milliseconds: 1_770_000_000_000)

    var length: Double { seconds * Double(columns.first?.count ?? 0) }

    init(_ path: String) throws {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        seconds = Double(lines[0].dropFirst("seconds=".count)) ?? 300
        columns = [[Double]](repeating: [], count: lines[1].split(separator: ",").count)
        for line in lines.dropFirst(2) {
            for (column, value) in line.split(separator: ",").enumerated() {
                columns[column].append(Double(value) ?? 0)
            }
        }
    }
}

/// An agent behind a 3 s cache that carries a column of a trace, with bursts inside its bins, and loses 1 % of its answers. Every
/// third has counters of 32 bits only.
struct Agent {
    var device: Device
    var samples: [CounterSample] = []

    init(_ trace: Trace, column: Int) {
        let name = DeviceName(rawValue: "link-\(column + 1)")
        device = Device(
            name: name, address: "192.0.2.1", platform: "trace", range: "trace", datacentre: "trace", interfaces: ["up"]
        )
        var dice = Dice(state: UInt64(column + 1) &* 7919)
        // Traffic inside a bin: bursts of a few seconds to a minute (autoregressive in logarithms), whose mean is the bin's.
        var totals: [Double] = [0]
        let steps = Int(trace.seconds)
        var burst = 0.0
        for value in trace.columns[column] {
            var shape: [Double] = []
            for _ in 0..<steps {
                burst = 0.95 * burst + 0.125 * dice.normal()
                shape.append(exp(burst))
            }
            let mean = shape.reduce(0, +) / Double(steps)
            for part in shape { totals.append(totals[totals.count - 1] + value / 8 * part / mean) }
        }
        let cachePhase = dice.unit() * 3
        let phase = dice.unit() * 10
        let is32 = column % 3 == 0
        let begin = dice.unit() * 4e9
        var second = phase
        while second < Double(totals.count - 1) {
            let at = Trace.start + .milliseconds(Int64(second * 1000))
            defer { second += 10 }
            if dice.unit() < 0.01 {
                samples.append(
                    CounterSample(
                        subject: .device(name), at: at,
                        unknown: UnknownReason(.timeout, "no answer within 1s, asked twice")))
                continue
            }
            let seen = max(0, ((second - cachePhase) / 3).rounded(.down) * 3 + cachePhase)
            let octets = UInt64(begin + totals[min(totals.count - 1, Int(seen))])
            func counter(_ value: UInt64) -> Counter {
                is32 ? .bits32(UInt32(truncatingIfNeeded: value)) : .bits64(value)
            }
            samples.append(
                CounterSample(
                    subject: .device(name), at: at,
                    uptime: UInt32(truncatingIfNeeded: 4_290_000_000 + Int(second * 100)),
                    engineBoots: 5, engineTime: UInt32(second),
                    interfaces: [
                        InterfaceReading(
                            name: "up", index: 2, inOctets: counter(octets / 5), outOctets: counter(octets),
                            inErrors: .bits32(0), outErrors: .bits32(0), inDiscards: .bits32(0),
                            outDiscards: .bits32(0),
                            operStatus: 1, highSpeed: 1000)
                    ]))
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Dice {
    var state: UInt64

    mutating func unit() -> Double {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return Double((value ^ (value >> 31)) >> 11) / Double(1 << 53)
    }

    mutating func normal() -> Double { (-2 * log(max(unit(), 1e-12))).squareRoot() * cos(2 * .pi * unit()) }
}
