import Foundation
import RolloutEngine

/// How Open vSwitch polices what comes in through an interface: two columns of its database, with canonical lines.
enum SwitchPolicer: Hashable, Sendable {
    /// Not at all.
    case none
    /// To a rate in 1000 bit/s with a bucket in 1000 bit; a bucket of 0 is the switch's own (8000).
    case columns(rate: UInt64, burst: UInt64)
    /// By something that could not be put back, or that the switch does not carry out; a line for each.
    case foreign([String])

    /// Lists what is needed in one transaction, one JSON document a line.
    static let question =
        "ovs-vsctl --timeout=10 --format=json --columns=name,_uuid,ingress_policing_rate,ingress_policing_burst list"
        + " Interface -- --columns=_uuid,interfaces list Port -- --columns=datapath_type,ports list Bridge"

    /// The canonical lines; none when nothing is policed.
    var lines: [String] {
        switch self {
        case .none: []
        case .columns(let rate, let burst): ["ingress_policing_rate=\(rate) ingress_policing_burst=\(burst)"]
        case .foreign(let found): ForeignLines.said(of: found)
        }
    }

    /// Reads canonical lines; nil when they are not.
    init?(lines: [String]) {
        if lines.isEmpty {
            self = .none
            return
        }
        if let found = ForeignLines.found(in: lines) {
            self = .foreign(found)
            return
        }
        let words = lines[0].split(separator: " ")
        guard lines.count == 1, words.count == 2, words[0].hasPrefix("ingress_policing_rate="),
            words[1].hasPrefix("ingress_policing_burst="), let rate = number(words[0].dropFirst(22), ""),
            let burst = number(words[1].dropFirst(23), "")
        else { return nil }
        self = .columns(rate: rate, burst: burst)
    }

    /// The rate, where one is in force.
    var rate: BitsPerSecond? {
        if case .columns(let rate, _) = self, rate > 0 { BitsPerSecond(rate * 1000) } else { nil }
    }

    /// Reads the answer to `question`.
    ///
    /// - Parameter shown: What `tc` shows at the interface's ingress: what the kernel really does.
    /// - Returns: nil when the switch has no such interface.
    init?(of interface: String, _ answer: String, shown: String) throws(SwitchTables.Garbled) {
        let garbled = SwitchTables.Garbled(
            what: "ovs-vsctl's list of interfaces and bridges is not JSON as it writes it")
        let tables = answer.split(separator: "\n").map {
            try? JSONDecoder().decode(SwitchTables.Table.self, from: Data($0.utf8))
        }
        guard tables.count == 3, let interfaces = tables[0], let ports = tables[1], let bridges = tables[2],
            [interfaces.headings.count, ports.headings.count, bridges.headings.count] == [4, 2, 2]
        else { throw garbled }
        var own: (id: String, rate: UInt64, burst: UInt64)?
        for row in interfaces.data {
            guard row.count == 4, case .text(let name) = row[0], case .reference(let id) = row[1],
                case .number(let rate) = row[2], case .number(let burst) = row[3], rate >= 0, burst >= 0
            else { throw garbled }
            if name == interface { own = (id, UInt64(rate), UInt64(burst)) }
        }
        guard let own else { return nil }
        func holder(of id: String, in table: SwitchTables.Table, _ key: Int, _ value: Int)
            throws(SwitchTables.Garbled) -> SwitchTables.Value?
        {
            for row in table.data {
                guard row.count == 2, let held = row[key].references else { throw garbled }
                if held.contains(id) { return row[value] }
            }
            return nil
        }
        guard case .reference(let port)? = try holder(of: own.id, in: ports, 1, 0),
            case .text(let datapath)? = try holder(of: port, in: bridges, 1, 0)
        else { return nil }
        guard datapath.isEmpty || datapath == "system" else {
            // It reads packets before the kernel's policer sees them.
            self = .foreign(["a bridge with the datapath '\(datapath)', where the kernel's policer holds nothing back"])
            return
        }
        let police = shown.split(separator: "\n").map { $0.split { $0 == " " || $0 == "\t" } }
            .filter { $0.contains("police") }
        guard own.rate > 0 else {
            if !police.isEmpty {
                self = .foreign(["tc's own \(police[0].joined(separator: " "))"])
            } else {
                self = own.burst == 0 ? .none : .columns(rate: 0, burst: own.burst)
            }
            return
        }
        self = .columns(rate: own.rate, burst: own.burst)
        let wanted = ClassTree.printable(BitsPerSecond(own.rate * 1000))
        let isInForce =
            police.count == 1
            && police[0].firstIndex(of: "rate").map { index in
                index + 1 < police[0].count
                    && TrafficControlOutput.rate(String(police[0][index + 1])).map {
                        ClassTree.printable(BitsPerSecond($0)) == wanted
                    } ?? false
            } ?? false
        if !isInForce {
            let said = police.first?.joined(separator: " ") ?? "nothing"
            self = .foreign([lines[0] + ", which the kernel does not carry out: tc shows \(said)"])
        }
    }

    /// What an intent makes of this.
    ///
    /// - Throws: `DriverError` with `.unsupported`, which names what was found and what is supported.
    func policed(to rate: BitsPerSecond, burst: ByteCount, _ direction: TrafficDirection, on interface: String)
        throws(DriverError) -> SwitchPolicer
    {
        func refusal(_ why: String) -> DriverError { DriverError(.unsupported, "\(interface): \(why)", effect: .none) }
        guard direction == .ingress else {
            throw refusal("Open vSwitch polices what comes in alone; what goes out is shaped")
        }
        if case .foreign(let found) = self {
            throw refusal(
                "found \(found.joined(separator: "; ")); supported are interfaces that the kernel switches, and that nothing but"
                    + " the switch polices")
        }
        guard rate.value % 1000 == 0, rate > .zero, rate.value <= 4_000_000_000_000 else {
            throw refusal("\(rate) is no whole number of kbit up to 4Tbit, which is what the switch counts in")
        }
        guard burst.value >= TrafficPolicer.leastBurst, burst.value < 1 << 31 else {
            throw refusal(TrafficPolicer.complaint(about: burst))
        }
        return .columns(rate: rate.value / 1000, burst: (burst.value * 8 + 999) / 1000)
    }

    /// The command that leads from `other` here, as words: one transaction. An empty result means that there is nothing to do;
    /// nil that there is no way.
    func commands(from other: SwitchPolicer, on interface: String) -> [[String]]? {
        if self == other { return [] }
        let values: (rate: UInt64, burst: UInt64)
        switch (self, other) {
        case (_, .foreign), (.foreign, _): return nil
        case (.none, _): values = (0, 0)
        case (.columns(let rate, let burst), _): values = (rate, burst)
        }
        return [
            [
                "ovs-vsctl", "--timeout=10", "set", "Interface", interface, "ingress_policing_rate=\(values.rate)",
                "ingress_policing_burst=\(values.burst)",
            ]
        ]
    }
}
