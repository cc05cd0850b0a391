import RolloutEngine

/// How `tc` polices the traffic through one interface in one direction: a value with canonical lines.
enum Policing: Hashable, Sendable {
    /// Not at all, and there is no hook to do it at.
    case none
    /// Not at all, at a hook that somebody made.
    case idle(Hook)
    /// By one policer for all packets.
    case policed(Hook, TrafficPolicer)
    /// By something that could not be put back; a line for each thing that is in the way.
    case foreign([String])

    /// Where packets pass by before they are taken in, and after they are let out.
    enum Hook: String, Hashable, Sendable {
        /// For what comes in alone.
        case ingress
        /// For both directions.
        case clsact
    }

    /// The canonical lines; none when there is nothing.
    var lines: [String] {
        switch self {
        case .none: []
        case .idle(let hook): ["hook \(hook.rawValue)"]
        case .policed(let hook, let policer): ["hook \(hook.rawValue)", policer.line]
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
        guard lines.count <= 2, lines[0].hasPrefix("hook "), let hook = Hook(rawValue: String(lines[0].dropFirst(5)))
        else { return nil }
        if lines.count == 1 {
            self = .idle(hook)
            return
        }
        guard let policer = TrafficPolicer(line: lines[1]) else { return nil }
        self = .policed(hook, policer)
    }

    /// The rate, where there is one.
    var rate: BitsPerSecond? { if case .policed(_, let policer) = self { policer.rate } else { nil } }

    /// What an intent makes of this.
    ///
    /// - Throws: `DriverError` with `.unsupported`, which names what was found and what is supported.
    func policed(to rate: BitsPerSecond, burst: ByteCount, _ direction: TrafficDirection, on interface: String)
        throws(DriverError) -> Policing
    {
        func refusal(_ why: String) -> DriverError { DriverError(.unsupported, "\(interface): \(why)", effect: .none) }
        // As for shapers: away from the limits of the kernel's computations.
        guard (8000...4_000_000_000_000).contains(rate.value) else {
            throw refusal("a rate of \(rate) is outside 8kbit to 4Tbit")
        }
        guard burst.value >= TrafficPolicer.leastBurst else {
            throw refusal(TrafficPolicer.complaint(about: burst))
        }
        guard Double(burst.value) * 8 / Double(rate.value) < 100, burst.value < 1 << 31 else {
            throw refusal("a burst of \(burst) at \(rate) is more than the kernel can count")
        }
        let policer = TrafficPolicer(rate: rate, burst: burst)
        switch self {
        case .foreign(let found):
            throw refusal(
                "found \(found.joined(separator: "; ")) at its \(direction.rawValue), which could not be put back; supported are"
                    + " no filters, and one of the kind matchall that polices everything")
        case .none: return .policed(.clsact, policer)
        case .idle(let hook), .policed(let hook, _): return .policed(hook, policer)
        }
    }

    /// The words that lead from `other` here, with the functions of `ShellPrelude`. They do no harm when this is already so.
    ///
    /// An empty result means that there is nothing to do; nil that there is no way.
    func commands(from other: Policing, _ direction: TrafficDirection, on interface: String) -> [[String]]? {
        if self == other { return [] }
        switch (self, other) {
        case (.policed(.clsact, let policer), .none):
            return [["police", interface, direction.rawValue] + policer.words]
        case (.policed(let hook, let policer), .idle(let old)) where hook == old,
            (.policed(let hook, let policer), .policed(let old, _)) where hook == old:
            return [["police", interface, direction.rawValue] + policer.words]
        case (.none, .policed(.clsact, _)): return [["unpolice", interface, direction.rawValue]]
        case (.idle(let hook), .policed(let old, _)) where hook == old:
            return [["unpolice", interface, direction.rawValue, "keep"]]
        default: return nil
        }
    }
}

/// A policer as the kernel has it: a rate and a bucket.
struct TrafficPolicer: Hashable, Sendable {
    /// The rate, with as many digits as `tc` shows.
    let rate: BitsPerSecond
    /// The bucket in bytes, canonical.
    let burst: UInt64

    /// Senders and cards gather packets: this much comes as one, and never passes a smaller bucket.
    static let leastBurst = BurstRule.segment

    /// What is wrong with a bucket smaller than that.
    static func complaint(about burst: ByteCount) -> String {
        "a policer with a burst of \(burst) would drop what the kernel hands it in one piece, up to \(ByteCount(leastBurst)); ask"
            + " for that, or for 'auto'"
    }

    /// What a rate and a bucket mean on a device: both cut to what can be read back.
    init(rate: BitsPerSecond, burst: ByteCount) {
        self.rate = ClassTree.printable(rate)
        self.burst = BucketSize.canonical(bytes: burst.value, at: self.rate)
    }

    /// What `tc` understands.
    var words: [String] { ["rate", "\(rate.value)bit", "burst", "\(burst)b"] }

    /// The canonical line.
    var line: String { (["police"] + words).joined(separator: " ") }

    /// Reads the canonical line; nil for anything else.
    init?(line: String) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 5, words[0] == "police", words[1] == "rate", words[3] == "burst",
            let rate = number(words[2], "bit"), let burst = number(words[4], "b"), rate > 0
        else { return nil }
        (self.rate, self.burst) = (BitsPerSecond(rate), burst)
    }
}
