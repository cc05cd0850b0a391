import Foundation
import RolloutEngine

/// How Open vSwitch shapes the traffic out of one port: a value with canonical lines.
enum PortQoS: Hashable, Sendable {
    /// Not at all.
    case none
    /// By a row of the table QoS that only this port uses, and its queues.
    case row(Row)
    /// By something that could not be put back, or that the switch does not carry out; a line for each.
    case foreign([String])

    /// A row of the table QoS with its queues.
    struct Row: Hashable, Sendable {
        /// The kind of shaper: `linux-htb`.
        var type: String
        /// The column `other_config`; rates in bit/s.
        var settings: [String: String]
        /// The column `other_config` of each queue; rates in bit/s, bursts in bits.
        var queues: [UInt32: [String: String]]
    }

    /// The kinds of shapers whose `max-rate` caps a port and whose queues have one each.
    static let types = ["linux-htb", "linux-hfsc"]

    /// The canonical lines; none when nothing is shaped.
    var lines: [String] {
        switch self {
        case .none: []
        case .row(let row):
            [Self.line("shaper \(row.type)", row.settings)]
                + row.queues.sorted { $0.key < $1.key }.map { Self.line("queue \($0)", $1) }
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
        var row: Row?
        for line in lines {
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard words.count >= 2, words.dropFirst().allSatisfy(Self.isWord),
                let settings = Self.settings(words.dropFirst(2))
            else { return nil }
            switch (words[0], row) {
            case ("shaper", nil): row = Row(type: words[1], settings: settings, queues: [:])
            case ("queue", .some):
                guard let id = number(words[1], "").flatMap(UInt32.init(exactly:)), row?.queues[id] == nil else {
                    return nil
                }
                row?.queues[id] = settings
            default: return nil
            }
        }
        guard let row else { return nil }
        self = .row(row)
        guard self.lines == lines else { return nil }
    }

    /// The rate of the whole port, if it says.
    var rate: BitsPerSecond? {
        guard case .row(let row) = self else { return nil }
        return row.settings[Self.most].flatMap { number($0, "") }.map { BitsPerSecond($0) }
    }

    /// The rates of the queues that say one, by number.
    var queueRates: [String: BitsPerSecond]? {
        guard case .row(let row) = self else { return nil }
        var rates: [String: BitsPerSecond] = [:]
        for (id, queue) in row.queues {
            rates["\(id)"] = queue[Self.most].flatMap { number($0, "") }.map { BitsPerSecond($0) }
        }
        return rates.isEmpty ? nil : rates
    }

    /// What an intent makes of this. A class is the number of a queue.
    ///
    /// A queue is changed where it exists and never invented: without flows that lead traffic into it, it would shape nothing.
    ///
    /// - Throws: `DriverError` with `.unsupported`, which names what was found and what is supported.
    func shaped(to wanted: BitsPerSecond, burst: ByteCount, trafficClass: String?, on port: String)
        throws(DriverError) -> PortQoS
    {
        func refusal(_ why: String) -> DriverError { DriverError(.unsupported, "\(port): \(why)", effect: .none) }
        guard (8000...4_000_000_000_000).contains(wanted.value), (1..<1 << 31).contains(burst.value) else {
            throw refusal("a rate of \(wanted) with a burst of \(burst) is outside 8kbit to 4Tbit and 2 GiB")
        }
        // The switch counts in bytes a second.
        let rate = "\(wanted.value / 8 * 8)"
        let bucket = "\(burst.value * 8)"
        switch self {
        case .foreign(let found):
            throw refusal(
                "found \(found.joined(separator: "; ")), which could not be put back; supported are no QoS, and rows of the"
                    + " types \(Self.types.joined(separator: " and ")) that no other port uses")
        case .none:
            if let trafficClass {
                throw refusal("queue \(trafficClass) is to be shaped, but the port has no QoS; make its queues first")
            }
            return .row(
                Row(
                    type: Self.types[0], settings: [Self.most: rate],
                    queues: [0: [Self.most: rate, Self.bucket: bucket]]))
        case .row(var row):
            guard let trafficClass else {
                let old = row.settings[Self.most]
                row.settings[Self.most] = rate
                // A queue that may use all of the port still may.
                for (id, queue) in row.queues where old != nil && queue[Self.most] == old {
                    row.queues[id]?[Self.most] = rate
                    if queue[Self.bucket] != nil { row.queues[id]?[Self.bucket] = bucket }
                }
                return .row(row)
            }
            guard let id = UInt32(trafficClass), var queue = row.queues[id] else {
                let known = row.queues.keys.sorted().map(String.init).joined(separator: ", ")
                throw refusal("there is no queue \(trafficClass), only \(known.isEmpty ? "none" : known)")
            }
            // What is guaranteed is never more than what may be reached.
            if let least = queue[Self.least].flatMap({ UInt64($0) }), least > wanted.value { queue[Self.least] = rate }
            queue[Self.most] = rate
            queue[Self.bucket] = bucket
            row.queues[id] = queue
            return .row(row)
        }
    }

    /// The commands that lead from `other` here, as words; with the functions of `SwitchShell`.
    ///
    /// Each is one transaction of the database. An empty result means that there is nothing to do; nil that there is no way.
    func commands(from other: PortQoS, on port: String) -> [[String]]? {
        if self == other { return [] }
        switch (self, other) {
        case (.none, .row): return [["ovs_unshape", port]]
        case (.row(let row), .none): return [["ovs_shape", port, row.type] + Self.words(row)]
        case (.row(let row), .row(let current))
        where row.type == current.type && row.queues.keys.sorted() == current.queues.keys.sorted():
            return [["ovs_reshape", port] + Self.words(row)]
        default: return nil
        }
    }

    private static let most = "max-rate"
    private static let least = "min-rate"
    private static let bucket = "burst"

    private static func words(_ row: Row) -> [String] {
        [map(row.settings)] + row.queues.sorted { $0.key < $1.key }.flatMap { ["\($0)", map($1)] }
    }

    /// A map as `ovs-vsctl` takes it.
    private static func map(_ settings: [String: String]) -> String {
        "{" + settings.sorted { $0.key < $1.key }.map { "\"\($0)\"=\"\($1)\"" }.joined(separator: ",") + "}"
    }

    private static func line(_ start: String, _ settings: [String: String]) -> String {
        ([start] + settings.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }).joined(separator: " ")
    }

    private static func settings(_ words: ArraySlice<String>) -> [String: String]? {
        var found: [String: String] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, found.updateValue(parts[1], forKey: parts[0]) == nil else { return nil }
        }
        return found
    }

    /// Whether a text can stand in a line and in a map as it is.
    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }
}
