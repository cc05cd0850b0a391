import RolloutEngine

/// How the traffic out of one interface is shaped: what `tc` shows, as a value with canonical lines.
enum Shaping: Hashable, Sendable {
    /// Not at all: the queueing discipline is the one that the kernel gives by itself (handle 0).
    case none
    /// As a whole, by `tbf`.
    case whole(TokenBucketFilter)
    /// By classes, by `htb`.
    case classes(ClassTree)
    /// By something that could not be put back; a line for each thing that is in the way.
    case foreign([String])

    /// The canonical lines; none when nothing is shaped.
    var lines: [String] {
        switch self {
        case .none: []
        case .whole(let filter): [filter.words.joined(separator: " ")]
        case .classes(let tree): tree.lines
        case .foreign(let found): ForeignLines.said(of: found)
        }
    }

    /// Reads canonical lines; nil when they are not.
    init?(lines: [String]) {
        if lines.isEmpty {
            self = .none
        } else if let found = ForeignLines.found(in: lines) {
            self = .foreign(found)
        } else if lines.count == 1, let filter = TokenBucketFilter(line: lines[0]) {
            self = .whole(filter)
        } else if let tree = ClassTree(lines: lines) {
            self = .classes(tree)
        } else {
            return nil
        }
    }

    /// What an intent makes of this.
    ///
    /// A class is changed where it exists. It is never invented: without filters that lead traffic into it, it would shape
    /// nothing, and filters are not ours to write.
    ///
    /// - Throws: `DriverError` with `.unsupported`, which names what was found and what is supported.
    func shaped(to rate: BitsPerSecond, burst: ByteCount, trafficClass: String?, on interface: String)
        throws(DriverError) -> Shaping
    {
        func refusal(_ why: String) -> DriverError { DriverError(.unsupported, "\(interface): \(why)", effect: .none) }
        // 8 kbit/s keeps every computation of the kernel away from its limits; 2^32 ticks of 64 ns are 274 s of traffic.
        guard (8000...4_000_000_000_000).contains(rate.value) else {
            throw refusal("a rate of \(rate) is outside 8kbit to 4Tbit")
        }
        guard burst.value > 0, Double(burst.value) * 8 / Double(rate.value) < 100, burst.value < 1 << 31 else {
            throw refusal("a burst of \(burst) at \(rate) is more than the kernel can count")
        }
        switch (self, trafficClass) {
        case (.foreign(let found), _):
            throw refusal(
                "found \(found.joined(separator: "; ")), which could not be put back; supported are no shaping, tbf, and"
                    + " classes of an htb tree")
        case (.none, nil), (.whole, nil):
            return .whole(TokenBucketFilter(rate: rate, burst: burst))
        case (.classes(let tree), nil):
            throw refusal(
                "it is shaped by an htb tree with the classes \(tree.classes.map(\.id).joined(separator: ", "));"
                    + " say which class is meant")
        case (.none, .some(let wanted)), (.whole, .some(let wanted)):
            throw refusal(
                "class \(wanted) is to be shaped, but there is no htb tree; build the tree and its filters first")
        case (.classes(var tree), .some(let wanted)):
            guard let index = tree.classes.firstIndex(where: { $0.id == wanted }) else {
                throw refusal(
                    "there is no class \(wanted), only \(tree.classes.map(\.id).joined(separator: ", "))")
            }
            tree.classes[index].shape(to: rate, burst: burst, rateToQuantum: tree.root.rateToQuantum)
            return .classes(tree)
        }
    }

    /// The argument lists that lead from `other` here, `tc` first. They do no harm when this is already so.
    ///
    /// An empty result means that there is nothing to do; nil that there is no way.
    func commands(from other: Shaping, on interface: String) -> [[String]]? {
        if self == other { return [] }
        switch (self, other) {
        case (.none, .whole): return [["unshape", interface]]
        case (.whole(let filter), .none), (.whole(let filter), .whole):
            return [["tc", "qdisc", "replace", "dev", interface, "root"] + filter.words]
        case (.classes(let tree), .classes(let current)) where tree.hasShape(of: current):
            return zip(tree.classes, current.classes).filter { $0 != $1 }.map { wanted, _ in
                ["tc", "class", "change", "dev", interface, "parent", wanted.parent, "classid", wanted.id, "htb"]
                    + wanted.words
            }
        default: return nil
        }
    }
}
