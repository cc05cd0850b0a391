import Foundation
import RolloutEngine

/// Understands what `tc -j qdisc show` and `tc -r -d filter show dev NAME ingress|egress` print of one interface. Pure.
///
/// The filters are read as text: `tc` leaves rate and burst of a policer out of its JSON (iproute2 6.1).
enum PolicingOutput {
    /// What the two outputs describe together.
    ///
    /// - Throws: `Garbled` when an output is not what `tc` prints. What is well said but not restorable is `.foreign`.
    static func policing(disciplines: [UInt8], filters: String, direction: TrafficDirection)
        throws(TrafficControlOutput.Garbled) -> Policing
    {
        let all: [Discipline]
        do {
            all = try JSONDecoder().decode([Discipline].self, from: Data(disciplines))
        } catch {
            throw TrafficControlOutput.Garbled(what: "tc's list of queueing disciplines is not JSON as tc writes it")
        }
        let lines = filters.split(separator: "\n").map { words($0) }.filter { !$0.isEmpty }
        guard let hook = all.compactMap({ Policing.Hook(rawValue: $0.kind) }).first else {
            return lines.isEmpty ? .none : .foreign(summary(of: lines))
        }
        // Asked for what goes out, tc shows what comes in where there is no hook for the other.
        if hook == .ingress, direction == .egress {
            return .foreign(["the qdisc ingress, beside which there is no place for what goes out"])
        }
        if lines.isEmpty { return .idle(hook) }
        guard let policer = policer(lines) else { return .foreign(summary(of: lines)) }
        return .policed(hook, policer)
    }

    /// The one filter that polices everything, as `police` of `PolicingShell` adds it; nil for any other.
    private static func policer(_ lines: [[Substring]]) -> TrafficPolicer? {
        let start = "protocol all pref 49152 matchall chain 0".split(separator: " ")
        var rest = lines[...]
        guard let first = rest.popFirst(), first.first == "filter", first.dropFirst().suffix(start.count) == start[...],
            let second = rest.popFirst(), second == first + ["handle", "0x1"]
        else { return nil }
        if rest.first?.first == "not_in_hw" || rest.first?.first == "in_hw" { rest = rest.dropFirst() }
        guard let action = rest.popFirst(), rest.count == 1, rest.first == ["ref", "1", "bind", "1"],
            action.count == 18, action[0..<2] == ["action", "order"], action[2] == "1:", action[3] == "police",
            action[5] == "rate", action[7] == "burst", action[9] == "mtu", action[10] == "64Kb",
            action[12...] == ["action", "drop", "overhead", "0b", "linklayer", "ethernet"],
            let rate = TrafficControlOutput.rate(String(action[6])), rate > 0,
            action[11].first == "[", action[11].last == "]",
            let ticks = UInt32(action[11].dropFirst().dropLast(), radix: 16)
        else { return nil }
        return TrafficPolicer(read: BitsPerSecond(rate), ticks: UInt64(ticks))
    }

    /// A line for each filter: what it is, and what it does.
    private static func summary(of lines: [[Substring]]) -> [String] {
        var filters: [String] = []
        for line in lines {
            let text = line.joined(separator: " ")
            if line.first == "filter" {
                // tc says each filter twice, the second time with its handle.
                if let last = filters.last, text.hasPrefix(last) { filters.removeLast() }
                filters.append(text)
            } else if line.first == "action", let last = filters.popLast() {
                filters.append("\(last) \(text)")
            }
        }
        return filters.isEmpty ? ["filters that tc shows in words that are not known"] : filters
    }

    private static func words(_ line: Substring) -> [Substring] {
        line.split { $0 == " " || $0 == "\t" }
    }
}

extension TrafficPolicer {
    /// What the kernel says it holds: its rate as `tc` shows it, the bucket in ticks of 64 ns.
    init(read rate: BitsPerSecond, ticks: UInt64) {
        self.rate = rate
        burst = BucketSize.canonical(ticks: ticks, at: rate)
    }
}
