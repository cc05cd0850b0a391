extension ConfigTree {
    /// The configuration that a text with braces makes: `interfaces { ge-0/0/1 { mtu 9000; } }`.
    ///
    /// - Returns: the configuration, and the lines that were not understood, with their number from 1.
    static func braced(
        _ lines: [String], _ dialect: any Dialect, interfaces: [String]
    ) -> (tree: ConfigTree, misread: [(line: Int, text: String)]) {
        var tree = ConfigTree()
        var misread: [(line: Int, text: String)] = []
        var open: [String] = []
        func put(_ words: String, _ number: Int) {
            let line = (open + [words]).joined(separator: " ")
            let reading = Reading(line, naming: dialect.naming, interfaces: interfaces, mayBeShort: false)
            switch dialect.grammar.read(reading, throughout: true) {
            case .success(let understood): tree.set(understood.path)
            case .failure: misread.append((number, words))
            }
        }
        for (index, line) in lines.enumerated() {
            var text = line.trimmed
            if text.hasPrefix("#") || text.hasPrefix("/*") { continue }
            while text.hasPrefix("}") {
                _ = open.popLast()
                text = String(text.dropFirst()).trimmed
            }
            if text.hasSuffix("{") {
                open.append(String(text.dropLast()).trimmed)
            } else if text.hasSuffix(";") {
                put(String(text.dropLast()).trimmed, index + 1)
            } else if !text.isEmpty {
                misread.append((index + 1, text))
            }
        }
        return (tree, misread)
    }
}
