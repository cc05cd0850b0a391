/// How a platform names its ports.
struct InterfaceNaming: Sendable {
    /// What a name begins with, whole: `GigabitEthernet`.
    let kinds: [String]
    /// Whether the beginning may be shortened, and the number may stand apart: `gi 0/1`.
    let mayBeShort: Bool
    /// Kinds that come into being by being named.
    let virtual: [String]

    /// The whole name, and how many words it took; nil when it is none.
    func resolve(_ words: ArraySlice<Word>, known: [String]) -> (name: String, count: Int)? {
        guard let first = words.first?.text else { return nil }
        // Some kinds begin with a digit: 10GE1/0/1.
        let written = kinds.first { first.hasPrefix($0) && first.dropFirst($0.count).first?.isNumber == true }
        let letters = written ?? String(first.prefix { !$0.isNumber })
        var number = String(first.dropFirst(letters.count))
        var count = 1
        if number.isEmpty, mayBeShort, let second = words.dropFirst().first?.text, second.first?.isNumber == true {
            number = second
            count = 2
        }
        guard !number.isEmpty else { return nil }
        let matches = kinds.filter { kind in
            mayBeShort
                ? !letters.isEmpty && kind.lowercased().hasPrefix(letters.lowercased()) : kind == letters
        }
        // `e1` is Ethernet1 even where other kinds begin with e: the first of the list is meant.
        guard let kind = matches.first(where: { known.contains($0 + number) }) ?? matches.first else { return nil }
        let name = kind + number
        let base = name.split(separator: ".").first.map(String.init) ?? name
        guard known.isEmpty || known.contains(base) || virtual.contains(kind) else { return nil }
        return (name, count)
    }
}
