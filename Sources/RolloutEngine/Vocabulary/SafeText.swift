/// Text from elsewhere, made safe to print: whatever a terminal would obey, or a reader could not see, is written out.
package enum SafeText {
    /// The text with controls (C0, C1, ESC, DEL), bidirectional and invisible formatting, and line and paragraph
    /// separators as `\u{1B}`. Printable text passes as it is.
    package static func line(_ text: String) -> String { escaped(text, keeping: { _ in false }) }

    /// The same, but line breaks and tabs stay.
    package static func block(_ text: String) -> String { escaped(text, keeping: { $0 == "\n" || $0 == "\t" }) }

    /// JSON that says the same. Encoders escape C0 only, and what else is silent can only stand in its strings.
    package static func json(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.isSilent && $0.value >= 0x20 }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.isSilent, scalar.value >= 0x20 {
                for unit in String(scalar).utf16 {
                    let code = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
                }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func escaped(_ text: String, keeping isKept: (Unicode.Scalar) -> Bool) -> String {
        let isTame = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
        guard !isTame else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if !scalar.isSilent || isKept(scalar) {
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
}

extension Unicode.Scalar {
    /// Whether it shows as nothing, or changes how what follows is shown.
    var isSilent: Bool {
        if isASCII { return value < 0x20 || value == 0x7f }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return true
        default: return false
        }
    }
}
