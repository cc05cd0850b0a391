/// Text from elsewhere, made safe to print: whatever a terminal would obey, or a reader could not see, is written out.
enum SafeText {
    /// The text with controls (C0, C1, ESC, DEL), bidirectional and invisible formatting, and line and paragraph
    /// separators as `\u{1B}`. Printable text passes as it is.
    static func line(_ text: String) -> String { escaped(text, keeping: { _ in false }) }

    /// The same, but line breaks and tabs stay.
    static func block(_ text: String) -> String { escaped(text, keeping: { $0 == "\n" || $0 == "\t" }) }

    private static func escaped(_ text: String, keeping isKept: (Unicode.Scalar) -> Bool) -> String {
        let isTame = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
        guard !isTame else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if !isObeyed(scalar) || isKept(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += escape(scalar)
            }
        }
        return result
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }
    }

    private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7f }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return true
        default: return false
        }
    }
}
