/// Reads configurations that are paths: in braces, or one by one in `set` lines.
struct PathReader {
    let syntax: ConfigSyntax

    /// Whether a text is `set` lines: its first line with something tells.
    static func isFlat(_ text: String, _ syntax: ConfigSyntax) -> Bool {
        var lines = SourceLines(text)
        while lines.advance() {
            let text = lines.text
            if lines.isEmpty || syntax.comments.contains(where: text.hasPrefix) { continue }
            return [syntax.setPrefix, syntax.deletePrefix, "deactivate ", "activate ", "insert "]
                .contains(where: text.hasPrefix)
        }
        return false
    }

    func readFlat(_ text: String) throws(ConfigTreeError) -> [ConfigNode] {
        var lines = SourceLines(text)
        var trie = PathTrie()
        var inactive: [(path: [String], line: Int)] = []
        while lines.advance() {
            let text = lines.text
            if lines.isEmpty || syntax.comments.contains(where: text.hasPrefix) { continue }
            switch try PathCommand(text, line: lines.number, syntax: syntax) {
            case .set(let path): insert(path, into: &trie)
            case .deactivate(let path): inactive.append((path, lines.number))
            default: throw ConfigTreeError(line: lines.number, expected: "a configuration: '\(syntax.setPrefix)' lines")
            }
        }
        for (path, line) in inactive {
            guard let node = trie.find(path) else {
                throw ConfigTreeError(line: line, expected: "a path that is set in another line")
            }
            trie.deactivate(node)
        }
        return withoutNoise(trie.tree())
    }

    /// Adds a path of a `set` line. Which of its words would be one statement is guessed: a name and its value, and the words
    /// that the syntax says stand before a name.
    private func insert(_ path: [String], into trie: inout PathTrie) {
        var node = PathTrie.root
        for (index, word) in path.enumerated() {
            let isJoined = index > 0 && (index == path.count - 1 || syntax.namedWords.contains(path[index - 1]))
            node = trie.child(of: node, word: word, isJoined: isJoined)
        }
    }

    func readBraces(_ text: String) throws(ConfigTreeError) -> [ConfigNode] {
        var reader = WordReader(text, braces: true, comments: syntax.comments)
        var trie = PathTrie()
        var open: [(node: Int, depth: Int, line: Int)] = [(PathTrie.root, 0, 0)]
        var statement = Statement(node: PathTrie.root, depth: 0)
        var inactive: [Int] = []
        while let token = try reader.next() {
            switch token {
            case .word("inactive:") where statement.isEmpty: statement.isInactive = true
            case .word("protect:") where statement.isEmpty: break
            case .word(let word): try statement.add(word, to: &trie, line: reader.line)
            case .listOpen: try statement.addList(try list(&reader), to: &trie, line: reader.line)
            case .open:
                guard !statement.isEmpty else {
                    throw ConfigTreeError(line: reader.line, expected: "a name before '{'")
                }
                if statement.isInactive { inactive.append(statement.node) }
                open.append((statement.node, statement.depth, reader.line))
            case .comment, .newline: if !syntax.statementEnd.isEmpty { continue }
            case .listClose: throw ConfigTreeError(line: reader.line, expected: "'[' before ']'")
            case .end: break
            case .close:
                if !syntax.statementEnd.isEmpty, !statement.isEmpty {
                    throw ConfigTreeError(line: reader.line, expected: "'\(syntax.statementEnd)' before '}'")
                }
                if open.count == 1 { throw ConfigTreeError(line: reader.line, expected: "no '}' without '{'") }
            }
            if case .word = token { continue }
            if case .listOpen = token { continue }
            if token != .open, statement.isInactive, !statement.isEmpty { inactive.append(statement.node) }
            if token == .close { open.removeLast() }
            guard let section = open.last else { break }
            statement = Statement(node: section.node, depth: section.depth)
        }
        if let section = open.last, open.count > 1 {
            throw ConfigTreeError(
                line: section.line, expected: "'}' somewhere below, which closes the '{' in this line")
        }
        if !syntax.statementEnd.isEmpty, !statement.isEmpty {
            throw ConfigTreeError(line: reader.line, expected: "'\(syntax.statementEnd)' at the end")
        }
        for node in inactive { trie.deactivate(node) }
        return withoutNoise(trie.tree())
    }

    /// A statement as far as it was read.
    private struct Statement {
        var node: Int
        var depth: Int
        var isEmpty = true
        var isInactive = false

        init(node: Int, depth: Int) {
            self.node = node
            self.depth = depth
        }

        mutating func add(_ word: String, to trie: inout PathTrie, line: Int) throws(ConfigTreeError) {
            guard depth < ConfigTree.deepestNesting else {
                throw ConfigTreeError(
                    line: line, expected: "at most \(ConfigTree.deepestNesting) words on the way here")
            }
            node = trie.child(of: node, word: word, isJoined: !isEmpty)
            depth += 1
            isEmpty = false
        }

        mutating func addList(_ words: [String], to trie: inout PathTrie, line: Int) throws(ConfigTreeError) {
            guard !isEmpty else { throw ConfigTreeError(line: line, expected: "a name before '['") }
            for word in words {
                var entry = self
                try entry.add(word, to: &trie, line: line)
            }
        }
    }

    private func list(_ reader: inout WordReader) throws(ConfigTreeError) -> [String] {
        let line = reader.line
        var words: [String] = []
        while let token = try reader.next() {
            switch token {
            case .word(let word): words.append(word)
            case .newline, .comment: continue
            case .listClose: return words
            default: throw ConfigTreeError(line: reader.line, expected: "words up to ']'")
            }
        }
        throw ConfigTreeError(line: line, expected: "']' somewhere below, which ends the list in this line")
    }

    private func withoutNoise(_ nodes: [ConfigNode]) -> [ConfigNode] {
        let noise = PatternIndex(syntax.noise)
        return nodes.filter { !noise.matches($0.words, in: []) }
    }
}
