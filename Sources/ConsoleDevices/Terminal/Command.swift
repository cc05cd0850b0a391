/// A command and what it does.
struct Command: Sendable {
    let patterns: [Pattern]
    let run: @Sendable (inout Turn, Arguments) -> Void

    /// Parts of the spelling in brackets may be left out.
    init(_ spelling: String, _ run: @escaping @Sendable (inout Turn, Arguments) -> Void) {
        patterns = Pattern.all(spelling)
        self.run = run
    }
}

/// The words of a command, as the device writes them.
struct Arguments: Sendable {
    let words: [String]

    func has(_ word: String) -> Bool { words.contains(word) }

    /// The word after that one.
    subscript(_ word: String) -> String? {
        guard let index = words.firstIndex(of: word), index + 1 < words.count else { return nil }
        return words[index + 1]
    }

    /// The number after that word.
    func number(_ word: String) -> Int? { self[word].flatMap { Int($0) } }

    var last: String { words.last ?? "" }
}
