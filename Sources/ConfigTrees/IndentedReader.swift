/// Reads configurations whose sections are told by indentation.
struct IndentedReader: Sendable {
    private let comments: [String]
    private let noise: PatternIndex
    private let separator: String?
    private let ends: PatternIndex
    private let blocks: [ConfigSyntax.Block]
    private let blockIndex: PatternIndex

    init(syntax: ConfigSyntax) {
        comments = syntax.comments
        noise = PatternIndex(syntax.noise)
        separator = syntax.separator
        ends = PatternIndex(syntax.sectionEnds)
        blocks = syntax.blocks
        blockIndex = PatternIndex(syntax.blocks.map(\.begins))
    }

    func read(_ text: String) throws(ConfigTreeError) -> [ConfigNode] {
        var lines = SourceLines(text)
        var tree = TreeBuilder()
        var indents: [Int] = []
        while lines.advance() {
            if lines.isEmpty { continue }
            let text = lines.text
            if lines.indent == 0, text == separator {
                indents = []
                tree.close(to: 0)
                continue
            }
            if comments.contains(where: text.hasPrefix) { continue }
            let firstWord = text.firstWord
            if noise.mayMatch(firstWord: firstWord), noise.matches(text.words, in: []) { continue }
            while let last = indents.last, last >= lines.indent { indents.removeLast() }
            if ends.mayMatch(firstWord: firstWord), ends.matches(text.words, in: []) {
                tree.close(to: indents.count)
                continue
            }
            let number = lines.number
            let command = blockIndex.mayMatch(firstWord: firstWord) ? try wholeBlock(text, &lines) : text
            try tree.add(ConfigNode(text: command), at: indents.count, line: number)
            indents.append(lines.indent)
        }
        return tree.finish()
    }

    /// A command with the lines that belong to it, if it is one of several lines.
    private func wholeBlock(_ first: String, _ lines: inout SourceLines) throws(ConfigTreeError) -> String {
        let words = first.words
        guard let (index, match) = blockIndex.match(words, in: []) else { return first }
        let end: String
        if let line = blocks[index].ends {
            end = line
        } else {
            guard match.count < words.count else { return first }
            let rest = first[words[match.count].startIndex...]
            end = String(rest.prefix(rest.hasPrefix("^") && words[match.count].count > 1 ? 2 : 1))
            if rest.dropFirst(end.count).contains(end) { return first }
        }
        let begin = lines.number
        var command = first
        while lines.advance() {
            command.append("\n")
            command.append(lines.rawText)
            if blocks[index].ends == nil ? lines.rawText.contains(end) : lines.text == end { return command }
        }
        throw ConfigTreeError(line: begin, expected: "'\(end)' somewhere below, which ends '\(match.key)'")
    }
}
