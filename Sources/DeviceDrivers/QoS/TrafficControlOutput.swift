import Foundation
import RolloutEngine

/// Understands what `tc -j -r -d qdisc show`, `tc -r -d class show` and `tc filter show` print of one interface. Pure.
enum TrafficControlOutput {
    /// What could not be understood.
    struct Garbled: Error {
        /// In words.
        let what: String
    }

    /// The shaping that the three outputs describe together.
    ///
    /// - Throws: `Garbled` when an output is not what `tc` prints. What is well said but not restorable is `.foreign`.
    static func shaping(disciplines: [UInt8], classes: String, filters: String) throws(Garbled) -> Shaping {
        let all: [Discipline]
        do {
            all = try JSONDecoder().decode([Discipline].self, from: Data(disciplines))
        } catch {
            throw Garbled(what: "tc's list of queueing disciplines is not JSON as tc writes it")
        }
        // What the kernel gives by itself has handle 0; what comes in is not ours.
        let own = all.filter { $0.handle != "0:" && $0.kind != "ingress" && $0.kind != "clsact" }
        guard all.contains(where: { $0.root == true }) else {
            throw Garbled(what: "tc shows no root queueing discipline")
        }
        guard let root = own.first(where: { $0.root == true }) else {
            return own.isEmpty ? .none : .foreign(own.map(\.summary))
        }
        let below = own.filter { $0.root != true }
        switch root.kind {
        case "tbf":
            guard let filter = try filter(root) else { return .foreign([root.summary]) }
            return below.isEmpty ? .whole(filter) : .foreign(["tbf with something below it"] + below.map(\.summary))
        case "htb":
            return try tree(root, below, classes, filters)
        default:
            return .foreign([root.summary])
        }
    }

    private static func filter(_ root: Discipline) throws(Garbled) -> TokenBucketFilter? {
        guard case .number(let rate)? = root.options["rate"], case .number(let limit)? = root.options["limit"],
            case .text(let raw)? = root.options["burst_raw"], let ticks = UInt32(raw, radix: 16), rate > 0
        else { throw Garbled(what: "tc shows a tbf without rate, raw burst or limit (iproute2 older than 4.17?)") }
        guard rate <= largestRate / 8, limit <= UInt32.max else {
            throw Garbled(what: "tc shows a tbf with more than the kernel can hold")
        }
        let known: Set = ["rate", "burst", "burst_raw", "limit", "lat", "mpu", "linklayer"]
        guard known.isSuperset(of: root.options.keys), root.options["mpu"].isNone(or: .number(0)),
            root.options["linklayer"].isNone(or: .text("ethernet"))
        else { return nil }
        return TokenBucketFilter(bytesPerSecond: rate, ticks: UInt64(ticks), limit: limit)
    }

    private static func tree(_ root: Discipline, _ below: [Discipline], _ classes: String, _ filters: String)
        throws(Garbled) -> Shaping
    {
        guard case .number(let ratio)? = root.options["r2q"], let fallback = root.options["default"]?.description,
            !fallback.isEmpty, fallback.utf8.allSatisfy({ (33...126).contains($0) }), ClassTree.isHandle(root.handle)
        else { throw Garbled(what: "tc shows an htb without default or r2q") }
        if root.options["offload"] != nil { return .foreign([root.summary]) }
        var found: [ClassTree.Class] = []
        var foreign: [String] = []
        for line in classes.split(separator: "\n") {
            switch try classLine(line.split(separator: " ").map(String.init), of: root.handle) {
            case .success(let known): found.append(known)
            case .failure(let odd): foreign.append(odd.what)
            }
        }
        if !foreign.isEmpty { return .foreign(foreign.sorted()) }
        var attached = below.map { "leaf \($0.summary)" }
        if !filters.isEmpty {
            let count = filters.utf8.count { $0 == UInt8(ascii: "\n") } + 1
            attached.append("filters \(count) lines \(Digest(of: filters).short)")
        }
        let top = ClassTree.Root(handle: root.handle, fallback: fallback, rateToQuantum: ratio)
        return .classes(ClassTree(root: top, classes: found, attached: attached))
    }

    /// One line of `tc -r -d class show`; a failure is a class that could not be put back.
    private static func classLine(_ words: [String], of handle: String) throws(Garbled)
        -> Result<ClassTree.Class, Garbled>
    {
        let garbled = Garbled(what: "tc shows a class that cannot be read: \(words.joined(separator: " "))")
        var rest = words[...]
        func take(_ word: String) -> Bool {
            guard rest.first == word else { return false }
            rest = rest.dropFirst()
            return true
        }
        func next() throws(Garbled) -> String {
            guard let word = rest.popFirst() else { throw garbled }
            return word
        }
        guard take("class"), take("htb") else { throw garbled }
        let id = try next()
        guard ClassTree.isClass(id) else { throw garbled }
        var parent = handle
        if !take("root") {
            guard take("parent") else { throw garbled }
            parent = try next()
            guard ClassTree.isClass(parent) else { throw garbled }
        }
        if take("leaf") { _ = try next() }
        var numbers: [String: UInt64] = [:]
        var odd: [String] = []
        while let word = rest.popFirst() {
            switch word {
            case "rate", "ceil":
                guard let bits = try rate(next()) else { throw garbled }
                numbers[word] = bits
            case "prio", "quantum", "level":
                guard let value = number(try next(), "") else { throw garbled }
                numbers[word] = value
            case "buffer", "cbuffer":
                let raw = try next()
                guard raw.first == "[", raw.last == "]", let ticks = UInt32(raw.dropFirst().dropLast(), radix: 16)
                else {
                    throw garbled
                }
                numbers[word] = UInt64(ticks)
            case "burst", "cburst": _ = try next()
            case "mpu", "overhead", "linklayer":
                let value = try next()
                if !["0", "0b", "ethernet"].contains(value) { odd.append("\(word) \(value)") }
            default: odd.append(word)
            }
        }
        guard let rate = numbers["rate"], let ceiling = numbers["ceil"], let buffer = numbers["buffer"],
            let ceilingBuffer = numbers["cbuffer"], rate > 0, ceiling > 0
        else { throw garbled }
        if !odd.isEmpty { return .failure(Garbled(what: "class htb \(id) with \(odd.joined(separator: ", "))")) }
        var leaf: ClassTree.Class.Leaf?
        if let priority = numbers["prio"], let quantum = numbers["quantum"] {
            leaf = .init(priority: priority, quantum: quantum)
        }
        return .success(
            ClassTree.Class(
                id: id, parent: parent, rate: BitsPerSecond(rate), ceiling: BitsPerSecond(ceiling),
                burst: BucketSize.canonical(ticks: buffer, at: BitsPerSecond(rate)),
                ceilingBurst: BucketSize.canonical(ticks: ceilingBuffer, at: BitsPerSecond(ceiling)), leaf: leaf))
    }

    /// `10500Kbit` as bits per second.
    static func rate(_ word: String) -> UInt64? {
        for (unit, size) in [("Kbit", 1000), ("Mbit", 1_000_000), ("Gbit", 1_000_000_000), ("Tbit", 1_000_000_000_000)]
            as [(String, UInt64)]
        {
            if let value = number(word, unit) {
                let (bits, overflow) = value.multipliedReportingOverflow(by: size)
                return overflow || bits > largestRate ? nil : bits
            }
        }
        return number(word, "bit").flatMap { $0 <= largestRate ? $0 : nil }
    }

    /// Far beyond every interface, and so that nothing overflows which is computed from it: 9 Pbit/s.
    private static let largestRate: UInt64 = 1 << 53
}

/// One queueing discipline in `tc`'s JSON.
struct Discipline: Decodable {
    let kind: String
    let handle: String
    let root: Bool?
    let parent: String?
    let options: [String: Value]

    /// `fq 8001: root`, with every option but counters, sorted.
    var summary: String {
        let shown = options.keys.sorted().filter { $0 != "direct_packets_stat" }
        return
            (["\(kind) \(handle)", root == true ? "root" : "parent \(parent ?? "?")"]
            + shown.map { "\($0)=\(options[$0]?.description ?? "")" }).joined(separator: " ")
    }

    /// A value of an option.
    enum Value: Decodable, Equatable, CustomStringConvertible {
        case number(UInt64)
        case text(String)
        case other(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(UInt64.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let flag = try? container.decode(Bool.self) {
                self = .other("\(flag)")
            } else if let fraction = try? container.decode(Double.self) {
                self = .other("\(fraction)")
            } else if let list = try? container.decode([Value].self) {
                self = .other("[\(list.map(\.description).joined(separator: ","))]")
            } else if container.decodeNil() {
                self = .other("null")
            } else {
                let object = try container.decode([String: Value].self)
                let pairs = object.keys.sorted().map { "\($0):\(object[$0]?.description ?? "")" }
                self = .other("{\(pairs.joined(separator: ","))}")
            }
        }

        var description: String {
            switch self {
            case .number(let number): "\(number)"
            case .text(let text), .other(let text): text
            }
        }
    }
}

extension Discipline.Value? {
    fileprivate func isNone(or value: Discipline.Value) -> Bool { self == nil || self == value }
}
