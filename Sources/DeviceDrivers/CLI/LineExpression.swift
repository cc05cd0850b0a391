/// A regular expression over one line of what a device prints, matched in time linear in the line.
///
/// What devices print is hostile until proven otherwise, and patterns come from files that people write: an engine that goes
/// back and tries again could be made to hang by either. All ways through the pattern are walked at once instead (Thompson
/// 1968, as Pike extended it for groups).
///
/// Known: literals, `.`, `[a-z]`, `[^a-z]`, `\d \w \s` and their opposites, `\b`, `^`, `$`, groups `( )`, `(?: )`,
/// `(?<name> )`, `|`, `* + ?` and `{2,5}` with their lazy forms, `(?i)` at the start. Letters are bytes of UTF-8.
package struct LineExpression: Hashable, Sendable, CustomStringConvertible {
    private let compiled: Compiled

    /// At one place: expressions are handed about in lists, for each line of an output.
    private final class Compiled: Sendable {
        let text: String
        let program: [LineInstruction]
        let groups: [String]
        /// What a match begins with; nil when one can be empty.
        let beginning: LineBeginning?
        /// What the line ends with that has one; nil when one may end before.
        let ending: LineEnding?

        init(_ text: String) throws(Mistake) {
            var compiler = LineExpressionCompiler(text)
            program = try compiler.compile()
            beginning = LineBeginning(of: program)
            ending = LineEnding(of: program)
            groups = compiler.groups
            self.text = text
        }
    }

    /// The pattern as it was written.
    package var text: String { compiled.text }
    private var program: [LineInstruction] { compiled.program }
    private var groups: [String] { compiled.groups }

    /// What is wrong with a pattern.
    package struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
        /// In words, without a full stop.
        package let description: String
    }

    /// What was found in a line.
    package struct Match: Hashable, Sendable {
        /// The bytes of the line that match.
        package let range: Range<Int>
        private let names: [String]
        private let texts: [String?]

        fileprivate init(range: Range<Int>, names: [String], texts: [String?]) {
            self.range = range
            self.names = names
            self.texts = texts
        }

        /// The text of a named group; nil when the match does not go through it.
        package subscript(group: String) -> String? { names.firstIndex(of: group).flatMap { texts[$0] } }
    }

    /// Reads a pattern.
    package init(_ text: String) throws(Mistake) { compiled = try Compiled(text) }

    /// The names of its groups, in their order.
    package var groupNames: [String] { groups.filter { !$0.isEmpty } }

    /// As written.
    package var description: String { text }

    /// What is the same is written the same.
    package static func == (left: LineExpression, right: LineExpression) -> Bool { left.text == right.text }

    /// As written.
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// Whether the line holds it.
    package func isFound(in line: String) -> Bool {
        var line = line
        return line.withUTF8 { run($0, keepsGroups: false) } != nil
    }

    /// Whether it could be found in a line that begins with a byte.
    func mayBeFound(inLineWith first: UInt8) -> Bool {
        !startsAtStart || compiled.beginning?.mayBegin(with: first) ?? true
    }

    /// The first place in the line that matches, with its groups.
    package func firstMatch(in line: String) -> Match? {
        var line = line
        return line.withUTF8 { bytes in
            guard let marks = run(bytes, keepsGroups: true) else { return nil }
            let texts = groups.indices.map { index -> String? in
                let (start, end) = (marks[2 * index + 2], marks[2 * index + 3])
                guard !groups[index].isEmpty, start >= 0, end >= start else { return nil }
                return String(decoding: bytes[start..<end], as: UTF8.self)
            }
            return Match(range: marks[0]..<marks[1], names: groups, texts: texts)
        }
    }

    /// Walks all ways at once. The marks are the starts and ends of the whole and of each group; none unless they are kept.
    private func run(_ bytes: UnsafeBufferPointer<UInt8>, keepsGroups: Bool) -> [Int]? {
        if let ending = compiled.ending, !ending.stands(at: bytes) { return nil }
        guard var position = start(in: bytes, from: 0) else { return nil }
        return Walk.through(program, markCount: keepsGroups ? 2 * groups.count + 2 : 0) { walk in
            var found: [Int]?
            while position <= bytes.count {
                if found == nil, position == 0 || !startsAtStart, mayBegin(at: position, in: bytes) {
                    walk.begin(at: position, bytes)
                }
                if let best = walk.step(at: position, bytes) {
                    found = best
                    // Which of several it is makes no difference.
                    if !keepsGroups { break }
                }
                position += 1
                if walk.isOver {
                    guard found == nil, let next = start(in: bytes, from: position) else { break }
                    position = next
                }
            }
            return found
        }
    }

    /// The first place, from one on, where a match could begin.
    private func start(in bytes: UnsafeBufferPointer<UInt8>, from position: Int) -> Int? {
        if startsAtStart { return position == 0 && mayBegin(at: 0, in: bytes) ? 0 : nil }
        guard let beginning = compiled.beginning else { return position <= bytes.count ? position : nil }
        return beginning.first(in: bytes, from: position)
    }

    private func mayBegin(at position: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        compiled.beginning?.stands(at: position, in: bytes) ?? true
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
    func forEach(_ body: (UInt8) -> Void) {
        for index in 0..<4 {
            var rest = words[index]
            while rest != 0 {
                body(UInt8(index << 6 | rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
    }
    var inverted: ByteSet {
        var copy = self
        copy.words = ~words
        return copy
    }
}

/// The ways that are open at one position, in the order of preference.
///
/// Lines are many and short: all that a walk needs is allocated at once, and only when there is something to walk.
private struct Walk {
    private let program: [LineInstruction]
    private let markCount: Int
    private var ways: Ways
    /// Those of the position before.
    private var last: Ways
    /// Those that are still to be followed.
    private var open: Ways
    /// The marks of the one that is followed.
    private let marks: UnsafeMutablePointer<Int>
    /// At which position each step was entered last, so that no step is walked twice.
    private let seen: UnsafeMutablePointer<Int>

    /// Steps with their marks, one behind the other.
    private struct Ways {
        let start: UnsafeMutablePointer<Int>
        let markCount: Int
        var count = 0

        func step(_ index: Int) -> Int { start[index * (1 + markCount)] }
        func marks(_ index: Int) -> UnsafeMutablePointer<Int> { start + index * (1 + markCount) + 1 }

        @inline(__always)
        mutating func append(_ step: Int, _ marks: UnsafeMutablePointer<Int>) {
            let place = start + count * (1 + markCount)
            place[0] = step
            for index in 0..<markCount { place[1 + index] = marks[index] }
            count += 1
        }
    }

    /// Lends a walk the room it needs.
    static func through<Result>(_ program: [LineInstruction], markCount: Int, _ body: (inout Walk) -> Result) -> Result
    {
        // No step is twice among those of a position, and each leads to two others at the most.
        let most = program.count
        let room = (4 * most + 1) * (1 + markCount) + markCount + most
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: room) { storage in
            guard let start = storage.baseAddress else { preconditionFailure("a walk without room") }
            var walk = Walk(program, markCount: markCount, most: most, in: start)
            return body(&walk)
        }
    }

    private init(_ program: [LineInstruction], markCount: Int, most: Int, in start: UnsafeMutablePointer<Int>) {
        self.program = program
        self.markCount = markCount
        ways = Ways(start: start, markCount: markCount)
        last = Ways(start: start + most * (1 + markCount), markCount: markCount)
        open = Ways(start: start + 2 * most * (1 + markCount), markCount: markCount)
        marks = start + (4 * most + 1) * (1 + markCount)
        seen = marks + markCount
        seen.initialize(repeating: -1, count: most)
    }

    var isOver: Bool { ways.count == 0 }

    /// Opens the way that begins at a position.
    mutating func begin(at position: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
        for index in 0..<markCount { marks[index] = -1 }
        if markCount > 0 { marks[0] = position }
        follow(0, at: position, bytes)
    }

    /// Follows what takes no byte, in the order of preference.
    private mutating func follow(_ first: Int, at position: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
        open.append(first, marks)
        while open.count > 0 {
            open.count -= 1
            let step = open.step(open.count)
            guard seen[step] != position else { continue }
            seen[step] = position
            // What comes next may be put in its place.
            let kept = open.marks(open.count)
            for index in 0..<markCount { marks[index] = kept[index] }
            switch program[step] {
            case .byte, .match: ways.append(step, marks)
            case .jump(let target): open.append(target, marks)
            case .fork(let preferred, let other):
                open.append(other, marks)
                open.append(preferred, marks)
            case .mark(let index):
                if markCount > 0 { marks[index] = position }
                open.append(step + 1, marks)
            case .start: if position == 0 { open.append(step + 1, marks) }
            case .end: if position == bytes.count { open.append(step + 1, marks) }
            case .boundary(let wanted):
                let before = position > 0 && isWord(bytes[position - 1])
                let after = position < bytes.count && isWord(bytes[position])
                if (before != after) == wanted { open.append(step + 1, marks) }
            }
        }
    }

    /// Takes the byte at a position; gives the marks of a match that ends there. Less preferred ways end with it.
    mutating func step(at position: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> [Int]? {
        swap(&ways, &last)
        ways.count = 0
        for index in 0..<last.count {
            let step = last.step(index)
            switch program[step] {
            case .match:
                guard markCount > 0 else { return [] }
                var found = Array(UnsafeBufferPointer(start: last.marks(index), count: markCount))
                found[1] = position
                return found
            case .byte(let set):
                guard position < bytes.count, set.contains(bytes[position]) else { continue }
                let kept = last.marks(index)
                for index in 0..<markCount { marks[index] = kept[index] }
                follow(step + 1, at: position + 1, bytes)
            default: continue
            }
        }
        return nil
    }
}

private func isWord(_ byte: UInt8) -> Bool { LineExpressionCompiler.word.contains(byte) }
