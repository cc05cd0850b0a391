import RolloutEngine

/// An `htb` tree. Classes of it can be changed and put back one by one; the tree itself is never built or taken down.
struct ClassTree: Hashable, Sendable {
    /// The root as a line: handle, default class, r2q.
    var root: Root
    /// The classes, by number.
    var classes: [Class]
    /// What hangs on the tree, one line each. It is never touched, only compared.
    var attached: [String]

    /// The root of a tree.
    struct Root: Hashable, Sendable {
        /// The handle, with its colon: `1:`.
        var handle: String
        /// The class that takes what no filter takes: `0x10`.
        var fallback: String
        /// By what a class's rate in bytes is divided for its quantum.
        var rateToQuantum: UInt64
    }

    /// One class: what it is guaranteed, what it may reach, and its buckets.
    struct Class: Hashable, Sendable {
        /// The number, `1:10`, in hexadecimal as `tc` writes it.
        var id: String
        /// The class or root above it.
        var parent: String
        /// The rate that it is guaranteed.
        var rate: BitsPerSecond
        /// The rate that it may reach by borrowing.
        var ceiling: BitsPerSecond
        /// The bucket of the rate, in bytes, canonical.
        var burst: UInt64
        /// The bucket of the ceiling, in bytes, canonical.
        var ceilingBurst: UInt64
        /// What only a class without classes below it has.
        var leaf: Leaf?

        /// How a class shares what is left.
        struct Leaf: Hashable, Sendable {
            /// The smaller the sooner.
            var priority: UInt64
            /// How many bytes it may send in its turn.
            var quantum: UInt64
        }

        /// The words of its parameters, as `tc` understands them.
        var words: [String] {
            [
                "rate", "\(rate.value)bit", "ceil", "\(ceiling.value)bit", "burst", "\(burst)b", "cburst",
                "\(ceilingBurst)b",
            ]
                + (leaf.map { ["prio", "\($0.priority)", "quantum", "\($0.quantum)"] } ?? [])
        }

        /// The canonical line.
        var line: String { (["class", id, "parent", parent] + words).joined(separator: " ") }

        /// Guarantees and caps the class at a rate. A quantum that came from the rate follows it.
        mutating func shape(to wanted: BitsPerSecond, burst bytes: ByteCount, rateToQuantum: UInt64) {
            let old = rate
            rate = ClassTree.printable(wanted)
            ceiling = rate
            burst = BucketSize.canonical(bytes: bytes.value, at: rate)
            ceilingBurst = burst
            if let share = leaf, share.quantum == ClassTree.quantum(of: old, rateToQuantum) {
                leaf?.quantum = ClassTree.quantum(of: rate, rateToQuantum)
            }
        }
    }

    /// The canonical lines.
    var lines: [String] {
        ["htb root handle \(root.handle) default \(root.fallback) r2q \(root.rateToQuantum)"] + classes.map(\.line)
            + attached
    }

    /// Reads the canonical lines; nil for anything else.
    init?(lines: [String]) {
        let words = (lines.first ?? "").split(separator: " ").map(String.init)
        guard words.count == 8, words[0] == "htb", words[1] == "root", words[2] == "handle", words[4] == "default",
            words[6] == "r2q", Self.isHandle(words[3]), let ratio = number(words[7], "")
        else { return nil }
        root = Root(handle: words[3], fallback: words[5], rateToQuantum: ratio)
        classes = []
        attached = []
        for line in lines.dropFirst() {
            if line.hasPrefix("class ") {
                guard attached.isEmpty, let found = Class(line: line) else { return nil }
                classes.append(found)
            } else if line.hasPrefix("leaf ") || line.hasPrefix("filters ") {
                attached.append(line)
            } else {
                return nil
            }
        }
    }

    /// A tree as it was read; classes are put into the order of their numbers.
    init(root: Root, classes: [Class], attached: [String]) {
        self.root = root
        self.classes = classes.sorted { Self.order($0.id) < Self.order($1.id) }
        self.attached = attached.sorted()
    }

    /// Whether two trees differ in nothing but the parameters of classes.
    func hasShape(of other: ClassTree) -> Bool {
        root == other.root && attached == other.attached && classes.map(\.id) == other.classes.map(\.id)
            && classes.map(\.parent) == other.classes.map(\.parent)
            && classes.map { $0.leaf == nil } == other.classes.map { $0.leaf == nil }
    }

    /// The largest rate up to this one that `tc` prints without loss: it shows htb's rates with four to six digits only.
    static func printable(_ rate: BitsPerSecond) -> BitsPerSecond {
        var value = rate.value / 8 * 8
        var size: UInt64 = 1
        while value >= 1000 && (value % 1000 == 0 || value >= 1_000_000) && size < 1_000_000_000_000 {
            value /= 1000
            size *= 1000
        }
        return BitsPerSecond(value * size)
    }

    /// The quantum that the kernel gives a class when nobody asks for one.
    static func quantum(of rate: BitsPerSecond, _ rateToQuantum: UInt64) -> UInt64 {
        min(max(rate.value / 8 / max(rateToQuantum, 1), 1000), 200_000)
    }

    /// Whether a word is a handle such as `1:`.
    static func isHandle(_ word: String) -> Bool {
        word.last == ":" && isHexadecimal(word.dropLast())
    }

    /// Whether a word is a class such as `1:10`.
    static func isClass(_ word: String) -> Bool {
        let parts = word.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy(isHexadecimal)
    }

    private static func isHexadecimal(_ text: Substring) -> Bool {
        (1...4).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && $0.isHexDigit }
    }

    private static func order(_ id: String) -> UInt64 {
        id.split(separator: ":").reduce(0) { $0 << 16 | (UInt64($1, radix: 16) ?? 0) }
    }
}

extension ClassTree.Class {
    /// Reads the canonical line; nil for anything else.
    init?(line: String) {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 12 || words.count == 16, words[0] == "class", words[2] == "parent", words[4] == "rate",
            words[6] == "ceil", words[8] == "burst", words[10] == "cburst", ClassTree.isClass(words[1]),
            ClassTree.isClass(words[3]) || ClassTree.isHandle(words[3]), let rate = number(words[5], "bit"),
            let ceiling = number(words[7], "bit"), let burst = number(words[9], "b"),
            let ceilingBurst = number(words[11], "b")
        else { return nil }
        var leaf: Leaf?
        if words.count == 16 {
            guard words[12] == "prio", words[14] == "quantum", let priority = number(words[13], ""),
                let quantum = number(words[15], "")
            else { return nil }
            leaf = Leaf(priority: priority, quantum: quantum)
        }
        self.init(
            id: words[1], parent: words[3], rate: BitsPerSecond(rate), ceiling: BitsPerSecond(ceiling), burst: burst,
            ceilingBurst: ceilingBurst, leaf: leaf)
    }
}
