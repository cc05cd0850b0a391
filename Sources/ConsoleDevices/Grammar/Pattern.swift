/// What a line, or a part of it, may look like, as in a vendor's command reference: `shape average = <8000-10000000000>`.
///
/// Keywords may have alternatives (`input|output`); `<…>` is a `Slot`; what follows `=` is a value, of which there is one.
struct Pattern: Sendable {
    enum Token: Equatable, Sendable {
        case keyword([String])
        case slot(Slot)
    }

    let tokens: [Token]
    /// How many of the tokens tell the line from its siblings.
    let keyCount: Int

    /// The pattern of that spelling. A spelling that cannot be read is a fault of this module.
    init(_ spelling: String) {
        var tokens: [Token] = []
        var keyCount: Int?
        for part in spelling.split(separator: " ") {
            if part == "=" {
                keyCount = tokens.count
            } else if part.hasPrefix("<"), part.hasSuffix(">"), part != "<" {
                guard let slot = Slot(part.dropFirst().dropLast()) else { preconditionFailure("no such slot: \(part)") }
                tokens.append(.slot(slot))
            } else {
                tokens.append(.keyword(part.split(separator: "|").map(String.init)))
            }
        }
        self.tokens = tokens
        self.keyCount = keyCount ?? tokens.count
    }

    /// The patterns of a spelling with parts in brackets, which may be left out.
    static func all(_ spelling: String) -> [Pattern] { expand(spelling).map(Pattern.init) }

    private static func expand(_ spelling: String) -> [String] {
        guard let open = spelling.firstIndex(of: "[") else { return [spelling] }
        var depth = 0
        for index in spelling[open...].indices {
            if spelling[index] == "[" { depth += 1 }
            if spelling[index] == "]" { depth -= 1 }
            guard depth == 0 else { continue }
            let before = spelling[..<open]
            let after = spelling[spelling.index(after: index)...]
            let inner = spelling[spelling.index(after: open)..<index]
            return expand("\(before)\(inner)\(after)") + expand("\(before)\(after)")
        }
        preconditionFailure("a bracket is open in \(spelling)")
    }
}

/// What is needed beside a pattern to read a line.
struct Reading: Sendable {
    /// The whole line.
    let line: String
    let words: [Word]
    let naming: InterfaceNaming
    /// The ports there are.
    let interfaces: [String]
    /// Whether keywords may be shortened as far as they stay unique.
    let mayBeShort: Bool

    init(_ line: String, naming: InterfaceNaming, interfaces: [String], mayBeShort: Bool) {
        self.line = line
        words = Word.split(line)
        self.naming = naming
        self.interfaces = interfaces
        self.mayBeShort = mayBeShort
    }
}

extension Pattern {
    /// How far a line agrees with the pattern.
    struct Agreement: Sendable {
        /// The words as the device writes them.
        var canonical: [String] = []
        /// How many of `canonical` are of the key.
        var keyWords = 0
        /// The words of the line that were used.
        var consumed: Int
        /// How many keywords were written out.
        var exact = 0
        /// Whether the whole pattern was met.
        var isWhole = false
        /// Whether the line ended within the pattern.
        var isShort = false
    }

    /// Reads from a word on. With `keyOnly` the value may be left out, as after `no`.
    func read(_ reading: Reading, from start: Int, keyOnly: Bool = false) -> Agreement {
        var agreement = Agreement(consumed: start)
        for (index, token) in tokens.enumerated() {
            if index == keyCount { agreement.keyWords = agreement.canonical.count }
            guard agreement.consumed < reading.words.count else {
                agreement.isShort = true
                agreement.isWhole = keyOnly && index >= keyCount
                if agreement.isWhole { agreement.keyWords = agreement.canonical.prefix(keyCount).count }
                return agreement
            }
            let word = reading.words[agreement.consumed]
            switch token {
            case .keyword(let alternatives):
                let written = alternatives.first { $0 == word.text }
                let short = reading.mayBeShort ? alternatives.filter { $0.hasPrefix(word.text.lowercased()) } : []
                guard let keyword = written ?? (short.count == 1 ? short[0] : nil) else { return agreement }
                agreement.exact += written == nil ? 0 : 1
                agreement.canonical.append(keyword)
                agreement.consumed += 1
            case .slot(.text):
                agreement.canonical.append(String(reading.line.dropFirst(word.offset)).trimmed)
                agreement.consumed = reading.words.count
            case .slot(.interface):
                let rest = reading.words[agreement.consumed...]
                guard let found = reading.naming.resolve(rest, known: reading.interfaces) else { return agreement }
                agreement.canonical.append(found.name)
                agreement.consumed += found.count
            case .slot(let slot):
                guard slot.fits(word.text) else { return agreement }
                // Quotes are only shown where they are needed.
                let bare = word.text.unquoted
                agreement.canonical.append(bare.contains(" ") || bare.isEmpty ? word.text : bare)
                agreement.consumed += 1
            }
        }
        if keyCount == tokens.count { agreement.keyWords = agreement.canonical.count }
        agreement.isWhole = true
        return agreement
    }

    /// Whether it has a keyword in that place.
    func isKeyword(at index: Int) -> Bool {
        guard index < tokens.count, case .keyword = tokens[index] else { return false }
        return true
    }
}
