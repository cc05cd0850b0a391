/// Turns the text of a pattern into steps.
struct LineExpressionCompiler {
    /// The names of the groups in their order, empty for those without.
    private(set) var groups: [String] = []

    private let bytes: [UInt8]
    private var position = 0
    private var ignoresCase = false
    private var depth = 0

    /// Patterns are short; what grows beyond this by repetition is a mistake.
    private static let longest = 4000
    private static let deepest = 40
    private static let digit = ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9"))
    static let word: ByteSet = {
        var set = digit
        set.formUnion(ByteSet(UInt8(ascii: "a")...UInt8(ascii: "z")))
        set.formUnion(ByteSet(UInt8(ascii: "A")...UInt8(ascii: "Z")))
        set.insert(UInt8(ascii: "_"))
        return set
    }()
    private static let space = ByteSet([0x20, 0x09, 0x0b, 0x0c, 0x0d, 0x0a])

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func compile() throws(LineExpression.Mistake) -> [LineInstruction] {
        if take("(?i)") { ignoresCase = true }
        var body = try alternatives()
        guard position == bytes.count else { throw mistake("has a ')' without its '('") }
        body.append(.match)
        guard body.count <= Self.longest else { throw mistake("grows too large by repetition") }
        return body
    }

    // Every piece is compiled as if it stood at 0; jumps are moved when pieces are joined.

    private mutating func alternatives() throws(LineExpression.Mistake) -> [LineInstruction] {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw mistake("is nested too deeply") }
        var ways = [try sequence()]
        while take("|") { ways.append(try sequence()) }
        var result = ways.removeLast()
        for way in ways.reversed() {
            let other = way.count + 2
            result =
                [.fork(1, other)] + way.moved(by: 1) + [.jump(other + result.count)] + result.moved(by: other)
        }
        return result
    }

    private mutating func sequence() throws(LineExpression.Mistake) -> [LineInstruction] {
        var result: [LineInstruction] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "|"), bytes[position] != UInt8(ascii: ")") {
            let piece = try repeated(try atom())
            result += piece.moved(by: result.count)
            guard result.count <= Self.longest else { throw mistake("grows too large by repetition") }
        }
        return result
    }

    private mutating func repeated(_ piece: [LineInstruction]) throws(LineExpression.Mistake) -> [LineInstruction] {
        guard position < bytes.count else { return piece }
        var (least, most): (Int, Int?) = (1, 1)
        switch bytes[position] {
        case UInt8(ascii: "*"): (least, most) = (0, nil)
        case UInt8(ascii: "+"): (least, most) = (1, nil)
        case UInt8(ascii: "?"): (least, most) = (0, 1)
        case UInt8(ascii: "{"):
            guard let bounds = try bounds() else { return piece }
            (least, most) = bounds
            position -= 1
        default: return piece
        }
        position += 1
        let isLazy = take("?")
        if position < bytes.count, "*+".utf8.contains(bytes[position]) { throw mistake("repeats a repetition") }
        func fork(_ inside: Int, _ after: Int) -> LineInstruction {
            isLazy ? .fork(after, inside) : .fork(inside, after)
        }
        var result: [LineInstruction] = []
        for _ in 0..<least {
            result += piece.moved(by: result.count)
            guard result.count <= Self.longest else { throw mistake("grows too large by repetition") }
        }
        guard let most else {
            let start = result.count
            result.append(fork(start + 1, start + piece.count + 2))
            result += piece.moved(by: start + 1)
            result.append(.jump(start))
            return result
        }
        let end = result.count + (most - least) * (piece.count + 1)
        guard end <= Self.longest else { throw mistake("grows too large by repetition") }
        for _ in least..<most {
            result.append(fork(result.count + 1, end))
            result += piece.moved(by: result.count)
        }
        return result
    }

    /// `{2}`, `{2,}`, `{2,5}`, read to behind its brace; nil for a brace that is meant as such.
    private mutating func bounds() throws(LineExpression.Mistake) -> (Int, Int?)? {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "}")) else { return nil }
        let text = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
        let parts = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let least = Int(first), least >= 0 else { return nil }
        var most: Int? = least
        if parts.count == 2 { most = parts[1].isEmpty ? nil : Int(parts[1]) }
        guard least <= 1000, (most ?? 0) <= 1000, most.map({ $0 >= least }) ?? (parts.last?.isEmpty == true) else {
            throw mistake("has '{\(text)}', expected such as {2,5}")
        }
        position = end + 1
        return (least, most)
    }

    private mutating func atom() throws(LineExpression.Mistake) -> [LineInstruction] {
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "^"): return [.start]
        case UInt8(ascii: "$"): return [.end]
        case UInt8(ascii: "."): return [.byte(ByteSet([0x0a]).inverted)]
        case UInt8(ascii: "["): return [.byte(try set())]
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "\\"): return try escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): throw mistake("has nothing to repeat")
        case 0x80...:
            // The bytes of one letter stay together.
            var letter: [LineInstruction] = [.byte(ByteSet([byte]))]
            while position < bytes.count, bytes[position] & 0xc0 == 0x80 {
                letter.append(.byte(ByteSet([bytes[position]])))
                position += 1
            }
            return letter
        default: return [.byte(folded(byte))]
        }
    }

    private mutating func group() throws(LineExpression.Mistake) -> [LineInstruction] {
        var number: Int?
        if take("?:") {
        } else if take("?<") {
            guard let end = bytes[position...].firstIndex(of: UInt8(ascii: ">")) else {
                throw mistake("has a group whose name does not end")
            }
            let name = String(decoding: bytes[position..<end], as: UTF8.self)
            guard !name.isEmpty, name.utf8.allSatisfy(Self.word.contains), !groups.contains(name) else {
                throw mistake("has a group named '\(name)', expected a name of its own of letters, digits and _")
            }
            position = end + 1
            groups.append(name)
            number = groups.count
        } else if take("?") {
            throw mistake("has a group of a kind that is not known; known are ( ), (?: ) and (?<name> )")
        } else {
            groups.append("")
            number = groups.count
        }
        let body = try alternatives()
        guard take(")") else { throw mistake("has a '(' without its ')'") }
        guard let number else { return body }
        return [.mark(2 * number)] + body.moved(by: 1) + [.mark(2 * number + 1)]
    }

    private mutating func escape() throws(LineExpression.Mistake) -> [LineInstruction] {
        guard position < bytes.count else { throw mistake("ends with a '\\'") }
        let byte = bytes[position]
        if byte == UInt8(ascii: "b") || byte == UInt8(ascii: "B") {
            position += 1
            return [.boundary(byte == UInt8(ascii: "b"))]
        }
        return [.byte(try escapedSet())]
    }

    /// Reads what follows a backslash.
    private mutating func escapedSet() throws(LineExpression.Mistake) -> ByteSet {
        guard position < bytes.count else { throw mistake("ends with a '\\'") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "d"): return Self.digit
        case UInt8(ascii: "D"): return Self.digit.inverted
        case UInt8(ascii: "w"): return Self.word
        case UInt8(ascii: "W"): return Self.word.inverted
        case UInt8(ascii: "s"): return Self.space
        case UInt8(ascii: "S"): return Self.space.inverted
        case UInt8(ascii: "t"): return ByteSet([0x09])
        default:
            guard byte < 0x80, !Self.word.contains(byte) else {
                throw mistake("has '\\\(Character(UnicodeScalar(byte)))', which is not known")
            }
            return ByteSet([byte])
        }
    }

    /// `[^a-z\d_]`, read from behind its bracket.
    private mutating func set() throws(LineExpression.Mistake) -> ByteSet {
        let isInverted = take("^")
        var result = ByteSet()
        var isFirst = true
        while true {
            guard position < bytes.count else { throw mistake("has a '[' without its ']'") }
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "]"), !isFirst { break }
            isFirst = false
            guard byte < 0x80 else { throw mistake("has a letter beyond ASCII between '[' and ']'") }
            if byte == UInt8(ascii: "\\") {
                result.formUnion(try escapedSet())
                continue
            }
            guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "-"),
                bytes[position + 1] != UInt8(ascii: "]")
            else {
                result.formUnion(folded(byte))
                continue
            }
            let last = bytes[position + 1]
            position += 2
            guard last < 0x80, last >= byte else {
                throw mistake("has a range between '[' and ']' that goes backwards")
            }
            for member in byte...last { result.formUnion(folded(member)) }
        }
        return isInverted ? result.inverted : result
    }

    private func folded(_ byte: UInt8) -> ByteSet {
        let isLetter = (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        return ignoresCase && isLetter ? ByteSet([byte, byte ^ 0x20]) : ByteSet([byte])
    }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[position...].starts(with: text.utf8) else { return false }
        position += text.utf8.count
        return true
    }

    private func mistake(_ what: String) -> LineExpression.Mistake { LineExpression.Mistake(description: what) }
}

extension [LineInstruction] {
    /// The same steps where they stand behind others.
    fileprivate func moved(by offset: Int) -> [LineInstruction] {
        map { step in
            switch step {
            case .fork(let first, let second): .fork(first + offset, second + offset)
            case .jump(let target): .jump(target + offset)
            default: step
            }
        }
    }
}
