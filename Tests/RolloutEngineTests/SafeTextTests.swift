import Testing

@testable import RolloutEngine

@Suite("Safe text")
struct SafeTextTests {
    @Test(
        "what a terminal would obey is written out, what people read stays",
        arguments: [
            ("plain ~ text", "plain ~ text"), ("é 東 🛰", "é 東 🛰"), ("a\u{1b}[31mb", "a\\u{1B}[31mb"),
            ("a\rb\n\tc", "a\\rb\\n\\tc"),
            ("\u{7f}\u{0}\u{8}", "\\u{7F}\\u{0}\\u{8}"), ("\u{9b}2J", "\\u{9B}2J"),
            ("a\u{202e}b\u{2066}", "a\\u{202E}b\\u{2066}"),
            ("\u{200b}\u{feff}\u{ad}", "\\u{200B}\\u{FEFF}\\u{AD}"),
            ("\u{2028}\u{2029}\u{85}", "\\u{2028}\\u{2029}\\u{85}"),
            ("\u{e000}", "\\u{E000}"), ("", ""),
        ])
    func lines(_ text: String, _ expected: String) { #expect(SafeText.line(text) == expected) }

    @Test("a block keeps its line breaks and tabs, and nothing else")
    func blocks() {
        #expect(SafeText.block("a\n\tb\r\n\u{1b}c") == "a\n\tb\\r\n\\u{1B}c")
    }

    @Test("no control or formatting character of Unicode gets through")
    func all() {
        for value in UInt32(0)...0x10ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                let text = SafeText.line(String(Character(scalar)))
                if !text.hasPrefix("\\") { Issue.record("U+\(String(value, radix: 16)) got through") }
            default: continue
            }
        }
    }
}
