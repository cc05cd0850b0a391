/// Words that name lines of a configuration, and the sections they stand in.
///
/// `router bgp > neighbor * remote-as` names every line that begins with these words in a section that begins with
/// `router bgp`. Between `>` stands one level each, from the outermost on. A level matches a line whose first words match:
///
/// | word | matches |
/// |---|---|
/// | `a\|b` | one of these words; a `*` in one, as in `Gigabit*`, stands for any letters |
/// | `*` | any word; with the others it tells one line from another: `neighbor 10.0.0.1` is not `neighbor 10.0.0.2` |
/// | `~` | any word, which tells nothing: `route-map * ~ *` is the same entry whether it permits or denies |
/// | `#` | a number |
/// | `$` | the end of the line |
/// | `**` | as a level: any number of sections, also none |
///
/// Every string is a pattern.
public struct LinePattern: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    enum Word: Hashable, Sendable {
        case oneOf([String])
        case any(tells: Bool)
        case number
        case end
    }

    /// A level: its words, or nil for any number of sections.
    typealias Level = [Word]?

    /// As written.
    public let description: String
    let sections: [Level]
    let line: [Word]

    /// Reads a pattern.
    public init(_ text: String) {
        description = text
        var levels = text.split(separator: ">").map { level -> Level in
            let words = level.split(separator: " ")
            return words == ["**"] ? nil : words.map(Self.word)
        }
        line = (levels.popLast() ?? []) ?? []
        sections = levels
    }

    /// A pattern in code.
    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// The only words that the line may begin with, or nil if it may begin with any.
    var firstWords: [String]? {
        guard case .oneOf(let words) = line.first, !words.contains(where: { $0.contains("*") }) else { return nil }
        return words
    }

    /// What of a line matched.
    struct Match {
        /// The words that matched, without those that tell nothing: what such lines have in common.
        let key: String
        /// Only the words that a `*` stands for.
        let names: String
        /// How many words matched.
        let count: Int
    }

    func match(_ words: [Substring], in parents: [[Substring]]) -> Match? {
        guard let match = Self.match(words, line), matches(parents) else { return nil }
        return match
    }

    private static func word(_ text: Substring) -> Word {
        switch text {
        case "*": .any(tells: true)
        case "~": .any(tells: false)
        case "#": .number
        case "$": .end
        default: .oneOf(text.split(separator: "|").map(String.init))
        }
    }

    private static func match(_ words: [Substring], _ pattern: [Word]) -> Match? {
        var key = ""
        var names = ""
        var count = 0
        for wanted in pattern {
            if wanted == .end {
                if count < words.count { return nil }
                continue
            }
            guard count < words.count else { return nil }
            let word = words[count]
            count += 1
            switch wanted {
            case .oneOf(let choices): if !choices.contains(where: { Self.fits(word, $0) }) { return nil }
            case .number: if !word.utf8.allSatisfy({ (48...57).contains($0) }) { return nil }
            case .any(let tells):
                if !tells { continue }
                if !names.isEmpty { names.append(" ") }
                names.append(contentsOf: word)
            case .end: break
            }
            if !key.isEmpty { key.append(" ") }
            key.append(contentsOf: word)
        }
        return Match(key: key, names: names, count: count)
    }

    private static func fits(_ word: Substring, _ wanted: String) -> Bool {
        guard wanted.utf8.contains(UInt8(ascii: "*")) else { return wanted == word }
        let parts = wanted.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last, word.hasPrefix(first) else { return false }
        var rest = word.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let next = rest.indices.first(where: { rest[$0...].hasPrefix(part) }) else { return false }
            rest = rest[next...].dropFirst(part.count)
        }
        return rest.hasSuffix(last)
    }

    /// As file names are matched with stars: on a dead end, the last `**` takes one section more.
    private func matches(_ parents: [[Substring]]) -> Bool {
        var level = 0
        var parent = 0
        var star: (level: Int, parent: Int)?
        while parent < parents.count {
            if level < sections.count, sections[level] == nil {
                star = (level, parent)
                level += 1
            } else if level < sections.count, let words = sections[level], Self.match(parents[parent], words) != nil {
                level += 1
                parent += 1
            } else if let last = star {
                star = (last.level, last.parent + 1)
                level = last.level + 1
                parent = last.parent + 1
            } else {
                return false
            }
        }
        return sections[level...].allSatisfy { $0 == nil }
    }
}

extension LinePattern: Codable {
    /// Reads a pattern from a string.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the pattern as a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Patterns, found by the first word of a line.
struct PatternIndex: Sendable {
    private let patterns: [LinePattern]
    private var byFirstWord: [String: [Int]] = [:]
    private var others: [Int] = []

    init(_ patterns: [LinePattern]) {
        self.patterns = patterns
        for (index, pattern) in patterns.enumerated() {
            guard let words = pattern.firstWords else {
                others.append(index)
                continue
            }
            for word in words { byFirstWord[word, default: []].append(index) }
        }
    }

    /// Whether a line with this first word needs to be looked at.
    func mayMatch(firstWord: Substring) -> Bool {
        !others.isEmpty || byFirstWord[String(firstWord)] != nil
    }

    /// The first of the patterns that matches, and what it matched.
    func match(_ words: [Substring], in parents: [[Substring]]) -> (index: Int, match: LinePattern.Match)? {
        guard let first = words.first else { return nil }
        var found: (index: Int, match: LinePattern.Match)?
        for index in byFirstWord[String(first)] ?? [] {
            guard let match = patterns[index].match(words, in: parents) else { continue }
            found = (index, match)
            break
        }
        for index in others where index < found?.index ?? .max {
            guard let match = patterns[index].match(words, in: parents) else { continue }
            return (index, match)
        }
        return found
    }

    func matches(_ words: [Substring], in parents: [[Substring]]) -> Bool {
        match(words, in: parents) != nil
    }
}
