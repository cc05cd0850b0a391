/// How a value is written: what is expected, in words with an example, and how it is read. One for YAML and CSV.
package struct TextFormat<Value>: Sendable {
    /// `a length of time such as 30s or 10m`.
    package let expected: String
    /// Whether the text may be shown in a complaint.
    package var isSecret = false
    package let parse: @Sendable (String) -> Value?

    /// A way of writing.
    package init(expected: String, isSecret: Bool = false, parse: @escaping @Sendable (String) -> Value?) {
        self.expected = expected
        self.isSecret = isSecret
        self.parse = parse
    }

    package func complaint(about text: String, what: String) -> String {
        isSecret ? "\(what) is written out, expected \(expected)" : "\(what) is \(excerpt(text)), expected \(expected)"
    }
}

extension TextFormat where Value == String {
    /// One line of text.
    package static let line = TextFormat(expected: "one line of text") { text in
        text.isEmpty || text.unicodeScalars.contains(where: \.isSilent) ? nil : text
    }
    /// Any text, of several lines if need be.
    package static let text = TextFormat(expected: "text") { $0 }
    /// A name of a thing in an inventory.
    package static let name = TextFormat(expected: "a name of letters, digits and - _ . / + such as gra-eco-01") {
        text in
        isName(text) ? text : nil
    }
    /// The name of a variable.
    static let variableName = TextFormat(expected: "a name of letters, digits and _ such as uplink_rate") { text in
        isVariableName(text) ? text : nil
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= 255 else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || "-_./+".utf8.contains($0) }
    }

    private static func isVariableName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first), text.utf8.count <= 255 else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x5f }
            && !TemplateLanguage.reservedWords.contains(text)
    }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: false
    }
}

extension TextFormat {
    /// The same writing, as another type.
    package func map<Other>(_ transform: @escaping @Sendable (Value) -> Other) -> TextFormat<Other> {
        TextFormat<Other>(expected: expected, isSecret: isSecret) { [parse] in parse($0).map(transform) }
    }
}

extension TextFormat where Value: Name {
    /// A name of this kind.
    package static var named: Self { TextFormat<String>.name.map { Value(rawValue: $0) } }
}

extension TextFormat where Value == Int {
    /// A whole number within bounds, with an example.
    package static func number(_ bounds: ClosedRange<Int>, _ what: String, example: Int) -> Self {
        TextFormat(expected: "\(what) such as \(example)") { Int($0).flatMap { bounds.contains($0) ? $0 : nil } }
    }
    /// A port.
    static let port = number(1...65_535, "a port from 1 to 65535", example: 22)
}

extension TextFormat where Value == Bool {
    /// Yes or no, as YAML writes them nowadays.
    package static let flag = TextFormat(expected: "true or false") {
        $0 == "true" ? true : $0 == "false" ? false : nil
    }
}

extension TextFormat where Value == Timespan {
    /// A length of time that is not zero.
    package static func timespan(example: String) -> Self {
        TextFormat(expected: "a length of time with its unit such as \(example)") { text in
            Timespan(text).flatMap { $0 > .zero && $0 <= longest ? $0 : nil }
        }
    }
    private static var longest: Timespan { Timespan.minutes(60 * 24 * 366) }
}

extension TextFormat where Value == BitsPerSecond {
    /// A rate that is not zero.
    package static let rate = TextFormat(expected: "a rate with its unit such as 500Mbit or 10Gbit") { text in
        BitsPerSecond(text).flatMap { $0 > .zero ? $0 : nil }
    }
}

extension TextFormat where Value == ByteCount {
    /// A number of bytes that is not zero.
    package static let bytes = TextFormat(expected: "a number of bytes such as 1MiB or 128KiB") { text in
        ByteCount(text).flatMap { $0.value > 0 ? $0 : nil }
    }
}

extension TextFormat where Value == Share {
    /// A share of more than nothing and no more than everything.
    static let share = TextFormat(expected: "a share over 0% and up to 100% such as 80%") { text in
        Share(text).flatMap { $0.fraction > 0 && $0.fraction <= 1 ? $0 : nil }
    }
    /// A share from nothing to everything.
    static let shareOrNone = TextFormat(expected: "a share from 0% to 100% such as 5%") { text in
        Share(text).flatMap { $0.fraction >= 0 && $0.fraction <= 1 ? $0 : nil }
    }
}

extension TextFormat where Value == Double {
    /// A rate of events.
    static let perSecond = TextFormat(expected: "a number a second such as 0.5") { text in
        Double(text).flatMap { $0.isFinite && $0 >= 0 && $0 <= 1e12 ? $0 : nil }
    }
}

extension TextFormat where Value == SecretReference {
    /// Where a secret is kept. A secret itself is refused, and not shown.
    static let secret = TextFormat(
        expected: "where the secret is kept: env:NAME for an environment variable or file:PATH for a file's first line",
        isSecret: true
    ) { text in
        text.unicodeScalars.contains(where: \.isSilent) ? nil : SecretReference(text)
    }
}

extension TextFormat where Value: RawRepresentable<String> & CaseIterable & Sendable, Value.AllCases: Sendable {
    /// One of a few words.
    package static var word: Self {
        TextFormat(expected: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", ")) { Value(rawValue: $0) }
    }
}
