/// A regular expression over one line of what a device prints, matched in time linear in the line.
///
/// What devices print is hostile until proven otherwise, and patterns come from files that people write: an engine that goes
/// back and tries again could be made to hang by either. All ways through the pattern are walked at once instead (Thompson
/// 1968, as Pike extended it for groups).
///
/// Known: literals, `.`, `[a-z]`, `[^a-z]`, `\d \w \s` and their opposites, `\b`, `^`, `$`, groups `( )`, `(?: )`,
/// `(?<name> )`, `|`, `* + ?` and `{2,5}` with their lazy forms, `(?i)` at the start. Letters are bytes of UTF-8.
package struct LineExpression: Hashable, Sendable, CustomStringConvertible {
    /// The pattern as it was written.
    package let text: String
    private let program: [LineInstruction]
    private let groups: [String]
    /// What a match can begin with; nil when one can be empty.
    private let beginnings: ByteSet?

    /// What is wrong with a pattern.
    package struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
        /// In words, without a full stop.
        package let description: String
    }

    /// What was found in a line.
    package struct Match: Hashable, Sendable {
        /// The bytes of the line that match.
        package let range: Range<Int>
        private let groups: [String: String]

        fileprivate init(range: Range<Int>, groups: [String: String]) {
            self.range = range
            self.groups = groups
        }

        /// The text of a named group; nil when the match does not go through it.
        package subscript(group: String) -> String? { groups[group] }
    }

    /// Reads a pattern.
    package init(_ text: String) throws(Mistake) {
        var compiler = LineExpressionCompiler(text)
        let program = try compiler.compile()
        self.program = program
        beginnings = Self.beginnings(of: program)
        groups = compiler.groups
        self.text = text
    }

    /// The names of its groups, in their order.
    package var groupNames: [String] { groups.filter { !$0.isEmpty } }

    /// As written.
    package var description: String { text }

    /// Whether the line holds it.
    package func isFound(in line: String) -> Bool {
        var line = line
        return line.withUTF8 { run($0, keepsGroups: false) } != nil
    }

    /// The first place in the line that matches, with its groups.
    package func firstMatch(in line: String) -> Match? {
        var line = line
        return line.withUTF8 { bytes in
            guard let marks = run(bytes, keepsGroups: true) else { return nil }
            var found: [String: String] = [:]
            for (index, name) in groups.enumerated() where !name.isEmpty {
                let (start, end) = (marks[2 * index + 2], marks[2 * index + 3])
                guard start >= 0, end >= start else { continue }
                found[name] = String(decoding: bytes[start..<end], as: UTF8.self)
            }
            return Match(range: marks[0]..<marks[1], groups: found)
        }
    }

    /// Walks all ways at once. The marks are the starts and ends of the whole and of each group.
    private func run(_ bytes: UnsafeBufferPointer<UInt8>, keepsGroups: Bool) -> [Int]? {
        // Most expressions are asked of each line of an output, and most lines hold nothing that a match could begin with.
        func mayBegin(_ position: Int) -> Bool {
            guard let beginnings else { return true }
            return position < bytes.count && beginnings.contains(bytes[position])
        }
        guard let start = (0...(startsAtStart ? 0 : bytes.count)).first(where: mayBegin) else { return nil }
        var walk = Walk(program: program, markCount: keepsGroups ? 2 * groups.count + 2 : 0)
        var found: [Int]?
        for position in start...bytes.count {
            if walk.isOver, !mayBegin(position) { continue }
            if found == nil, position == 0 || !startsAtStart { walk.enter(0, at: position, bytes, []) }
            if let best = walk.step(at: position, bytes) { found = best }
            if walk.isOver, found != nil || startsAtStart { break }
        }
        return found
    }

    /// The first bytes of what an expression matches, or more, when it matches nothing empty.
    private static func beginnings(of program: [LineInstruction]) -> ByteSet? {
        var set = ByteSet()
        var open = [0]
        var seen: Set<Int> = []
        while let step = open.popLast() {
            guard seen.insert(step).inserted else { continue }
            switch program[step] {
            case .byte(let bytes): set.formUnion(bytes)
            case .jump(let target): open.append(target)
            case .fork(let first, let second): open += [first, second]
            case .mark, .start, .boundary: open.append(step + 1)
            case .end, .match: return nil
            }
        }
        return set
    }

    private var startsAtStart: Bool {
        if case .start = program.first { true } else { false }
    }
}

/// One step of a compiled pattern.
enum LineInstruction: Hashable, Sendable {
    /// One byte of this set.
    case byte(ByteSet)
    /// Two ways on, the first is preferred.
    case fork(Int, Int)
    /// Go on elsewhere.
    case jump(Int)
    /// Note the position.
    case mark(Int)
    /// Only at the start of the line.
    case start
    /// Only at its end.
    case end
    /// Only between a letter of a word and something else, or only not there.
    case boundary(Bool)
    /// Found.
    case match
}

/// A set of bytes.
struct ByteSet: Hashable, Sendable {
    private var words: SIMD4<UInt64> = .zero

    init(_ bytes: some Sequence<UInt8> = []) { for byte in bytes { insert(byte) } }

    mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
    mutating func formUnion(_ other: ByteSet) { words |= other.words }
    func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] & (1 << UInt64(byte & 63)) != 0 }
    var inverted: ByteSet {
        var copy = self
        copy.words = ~words
        return copy
    }
}

/// The ways that are open at one position.
private struct Walk {
    let program: [LineInstruction]
    let markCount: Int
    private var ways: [(step: Int, marks: [Int])] = []
    private var next: [(step: Int, marks: [Int])] = []
    /// Kept from one step to the next, for its storage.
    private var open: [(step: Int, marks: [Int])] = []
    /// At which position each step was entered last, so that no step is walked twice.
    private var seen: [Int]

    init(program: [LineInstruction], markCount: Int) {
        self.program = program
        self.markCount = markCount
        seen = Array(repeating: -1, count: program.count)
    }

    var isOver: Bool { ways.isEmpty }

    /// Follows what takes no byte, in the order of preference.
    mutating func enter(_ first: Int, at position: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ marks: [Int]) {
        var marks = marks
        if marks.isEmpty, markCount > 0 {
            marks = Array(repeating: -1, count: markCount)
            marks[0] = position
        }
        open.append((first, marks))
        while let (step, marks) = open.popLast() {
            guard seen[step] != position else { continue }
            seen[step] = position
            switch program[step] {
            case .byte, .match: ways.append((step, marks))
            case .jump(let target): open.append((target, marks))
            case .fork(let preferred, let other):
                open.append((other, marks))
                open.append((preferred, marks))
            case .mark(let index):
                var marked = marks
                if markCount > 0 { marked[index] = position }
                open.append((step + 1, marked))
            case .start: if position == 0 { open.append((step + 1, marks)) }
            case .end: if position == bytes.count { open.append((step + 1, marks)) }
            case .boundary(let wanted):
                let before = position > 0 && isWord(bytes[position - 1])
                let after = position < bytes.count && isWord(bytes[position])
                if (before != after) == wanted { open.append((step + 1, marks)) }
            }
        }
    }

    /// Takes the byte at a position; gives the marks of a match that ends there. Less preferred ways end with it.
    mutating func step(at position: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> [Int]? {
        let current = ways
        ways.removeAll(keepingCapacity: true)
        var found: [Int]?
        next.removeAll(keepingCapacity: true)
        for way in current {
            switch program[way.step] {
            case .match:
                found = way.marks
                if markCount > 0 { found?[1] = position } else { found = [] }
            case .byte(let set):
                guard position < bytes.count, set.contains(bytes[position]) else { continue }
                next.append((way.step + 1, way.marks))
            default: continue
            }
            if found != nil { break }
        }
        for way in next { enter(way.step, at: position + 1, bytes, way.marks) }
        return found
    }
}

private func isWord(_ byte: UInt8) -> Bool { LineExpressionCompiler.word.contains(byte) }
