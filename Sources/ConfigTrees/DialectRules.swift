/// A dialect made ready to be asked about many lines.
package struct DialectRules: Sendable {
    package let dialect: ConfigDialect
    let sectionExits: PatternIndex
    let adjoining: PatternIndex
    let sections: PatternIndex
    let lasting: PatternIndex
    let negations: PatternIndex
    let groups: PatternIndex
    let replacing: PatternIndex
    let exchanged: PatternIndex
    let defaults: PatternIndex
    let toggles: PatternIndex
    let rewritten: PatternIndex
    let recreated: PatternIndex
    let ordered: PatternIndex
    let numbered: PatternIndex
    let definitions: PatternIndex
    let resets: PatternIndex
    let continued: PatternIndex
    let expanded: PatternIndex
    let unique: PatternIndex
    let partial: PatternIndex
    /// The words that stand alone, or before the names of what they take back, in the place of the words of the lines.
    private let ownWords: [(word: String, hasNames: Bool, lines: LinePattern)]
    /// Reads its configurations, where sections are told by indentation.
    let reader: IndentedReader
    private let negationPrefix: String

    package init(_ dialect: ConfigDialect) {
        self.dialect = dialect
        sectionExits = PatternIndex(dialect.sectionExits.map(\.lines))
        adjoining = PatternIndex(dialect.adjoining)
        sections = PatternIndex(dialect.sections)
        lasting = PatternIndex(dialect.lasting)
        negations = PatternIndex(dialect.negations.map(\.lines))
        groups = PatternIndex(dialect.groups)
        replacing = PatternIndex(dialect.replacing)
        exchanged = PatternIndex(dialect.exchanged)
        defaults = PatternIndex(dialect.defaults)
        toggles = PatternIndex(dialect.toggles)
        rewritten = PatternIndex(dialect.rewritten)
        recreated = PatternIndex(dialect.recreated)
        ordered = PatternIndex(dialect.ordered.map(\.lines))
        numbered = PatternIndex(dialect.numbered)
        definitions = PatternIndex(dialect.definitions)
        resets = PatternIndex(dialect.resets.map(\.lines))
        continued = PatternIndex(dialect.continued)
        expanded = PatternIndex(dialect.expanded)
        unique = PatternIndex(dialect.unique)
        partial = PatternIndex(dialect.partial)
        reader = IndentedReader(syntax: dialect.syntax)
        negationPrefix = dialect.negation + " "
        ownWords = dialect.negations.compactMap { wording in
            let words = wording.text.split(separator: " ").map(String.init)
            guard let word = words.first, words.count == 1 || ["{rest}", "{last}"].contains(words[1]) else {
                return nil
            }
            return words.count < 3 ? (word, words.count == 2, wording.lines) : nil
        }
    }

    /// The line that a line negates, or nil.
    func negated(_ text: String) -> String? {
        guard dialect.syntax.family == .indented, text.hasPrefix(negationPrefix) else { return nil }
        return String(text.dropFirst(negationPrefix.count))
    }

    /// The line that says the opposite.
    func opposite(_ text: String) -> String {
        negated(text) ?? negationPrefix + (text.firstIndex(of: "\n").map { String(text[..<$0]) } ?? text)
    }

    /// The command that takes a line back.
    func takingBack(_ node: ConfigNode, in parents: [[Substring]]) -> String {
        let words = node.words
        guard let (index, match) = negations.match(words, in: parents) else { return opposite(node.text) }
        return Self.filled(dialect.negations[index].text, words, match)
    }

    /// The beginning of the lines that a command takes back with words of its own in the place of theirs: `delete 3`, `enable`.
    func takenBack(by command: [Substring], in parents: [[Substring]]) -> [Substring]? {
        guard let verb = command.first else { return nil }
        for own in ownWords where own.word == verb && own.hasNames == (command.count > 1) {
            for word in own.lines.firstWords ?? [] {
                let target = [Substring(word)] + command.dropFirst()
                if own.lines.match(target, in: parents) != nil { return target }
            }
        }
        return nil
    }

    /// What leaves a section, or nil if nothing is needed.
    func exit(from words: [Substring], in parents: [[Substring]]) -> String? {
        let exit =
            sectionExits.match(words, in: parents).map {
                Self.filled(dialect.sectionExits[$0.index].text, words, $0.match)
            }
            ?? dialect.sectionExit
        return exit.isEmpty ? nil : exit
    }

    /// What lines of which only one can stand in a section have in common; nil if a line can stand beside any other.
    ///
    /// A line and its negation always share it.
    func slot(of node: ConfigNode, in parents: [[Substring]]) -> Slot {
        let positive = negated(node.text)
        let words = positive?.words ?? node.words
        if let (_, match) = exchanged.match(words, in: parents) { return .exchanged(ExactText(match.key)) }
        if let (_, match) = replacing.match(words, in: parents) { return .replacing(ExactText(match.key)) }
        return .alone(ExactText(positive ?? node.text))
    }

    enum Slot: Hashable {
        case exchanged(ExactText)
        case replacing(ExactText)
        case alone(ExactText)
    }

    private static func filled(_ text: String, _ words: [Substring], _ match: LinePattern.Match) -> String {
        var result = ""
        for part in text.split(separator: "{", omittingEmptySubsequences: false) {
            if part.hasPrefix("line}") {
                result += words.joined(separator: " ") + part.dropFirst("line}".count)
            } else if part.hasPrefix("last}") {
                result += (words.prefix(match.count).last ?? "") + part.dropFirst("last}".count)
            } else if part.hasPrefix("rest}") {
                result += words.dropFirst(match.count).joined(separator: " ") + part.dropFirst("rest}".count)
            } else if part.hasPrefix("matched}") {
                result += words.prefix(match.count).joined(separator: " ") + part.dropFirst("matched}".count)
            } else {
                result += part
            }
        }
        return result
    }
}
