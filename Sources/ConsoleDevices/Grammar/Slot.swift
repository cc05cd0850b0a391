/// What may stand in a place of a pattern that no keyword fills.
enum Slot: Equatable, Sendable {
    /// A whole number in a range: `<1-120>`.
    case number(ClosedRange<Int>)
    /// Any word: `<word>`.
    case word
    /// A name that is no keyword of a neighbour: a letter first: `<name>`.
    case name
    /// A name of letters, digits, - and _ that begins with neither sign: `<label>`.
    case label
    /// The rest of the line: `<text>`.
    case text
    /// A port: `<interface>`.
    case interface
    /// An IPv4 address or mask: `<ip>`.
    case address
    /// An IPv4 address with its length: `<prefix>`.
    case prefix
    /// Hours, minutes and seconds: `<clock>`.
    case clock
    /// A number with a unit, such as 10m, 10mbit or 500k: `<rate>`.
    case rate

    /// The slot of that spelling.
    init?(_ spelling: Substring) {
        switch spelling {
        case "word": self = .word
        case "name": self = .name
        case "label": self = .label
        case "text": self = .text
        case "interface": self = .interface
        case "ip": self = .address
        case "prefix": self = .prefix
        case "clock": self = .clock
        case "rate": self = .rate
        default:
            let ends = spelling.split(separator: "-").compactMap { Int($0) }
            guard ends.count == 2, ends[0] <= ends[1] else { return nil }
            self = .number(ends[0]...ends[1])
        }
    }

    /// Whether a word fits; interfaces and texts are looked at elsewhere.
    func fits(_ word: String) -> Bool {
        switch self {
        case .number(let range): Int(word).map(range.contains) ?? false
        case .word, .text: true
        case .name: word.first?.isLetter ?? false
        case .label:
            word.first.map { $0 != "-" && $0 != "_" } ?? false
                && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
        case .interface: false
        case .address: Self.isAddress(word)
        case .prefix:
            word.split(separator: "/").count == 2 && Self.isAddress(String(word.split(separator: "/")[0]))
                && Int(word.split(separator: "/")[1]).map((0...32).contains) ?? false
        case .clock:
            word.split(separator: ":").count == 3 && word.split(separator: ":").allSatisfy { Int($0) != nil }
        case .rate: Rate.bits(word) != nil
        }
    }

    private static func isAddress(_ word: String) -> Bool {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { Int($0).map((0...255).contains) ?? false }
    }
}

/// Rates as devices write them.
enum Rate {
    /// Bits a second of `10m`, `10M`, `500k`, `2g`, `10mbit`, `1000`; nil for anything else.
    static func bits(_ text: String) -> Int? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits), number >= 0, number < 1e15 else { return nil }
        let factors = [
            "": 1.0, "bit": 1, "bps": 1, "k": 1e3, "kbit": 1e3, "m": 1e6, "mbit": 1e6, "g": 1e9, "gbit": 1e9,
        ]
        return factors[text.dropFirst(digits.count).lowercased()].map { Int(number * $0) }
    }
}
