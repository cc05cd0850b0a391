package import RolloutEngine

/// Markup. The only way to it is a literal of this program, and whatever is put into one is escaped unless it is markup itself:
/// no text from elsewhere can become a tag, an attribute or a script.
package struct HTML: Hashable, Sendable, ExpressibleByStringInterpolation {
    /// Text that a program makes up is none.
    package typealias StringLiteralType = StaticString
    /// The markup.
    package private(set) var text: String

    /// Nothing.
    init() { text = "" }
    /// A literal of this program.
    package init(stringLiteral value: StaticString) { text = "\(value)" }
    /// A literal with values in it.
    package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }
    private init(raw text: String) { self.text = text }

    /// Joins markup.
    static func + (left: HTML, right: HTML) -> HTML { HTML(raw: left.text + right.text) }
    /// Appends markup.
    static func += (left: inout HTML, right: HTML) { left.text += right.text }
    /// Joins markup.
    init(_ parts: some Sequence<HTML>) {
        text = ""
        for part in parts { text += part.text }
    }

    /// A literal, and what is put into it.
    package struct StringInterpolation: StringInterpolationProtocol {
        package typealias StringLiteralType = StaticString
        fileprivate var text = ""

        /// Begins a literal.
        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 16)
        }
        /// What is written in the program.
        package mutating func appendLiteral(_ literal: StaticString) {
            literal.withUTF8Buffer { text += String(decoding: $0, as: UTF8.self) }
        }
        /// Text from elsewhere.
        package mutating func appendInterpolation(_ value: String) { HTML.escape(value, into: &text) }
        /// A name from elsewhere.
        package mutating func appendInterpolation(_ value: some Name) { HTML.escape(value.rawValue, into: &text) }
        /// A number.
        package mutating func appendInterpolation(_ value: some BinaryInteger) { text += "\(value)" }
        /// A number of a rollout.
        package mutating func appendInterpolation(_ value: RolloutID) { text += value.description }
        /// Markup.
        package mutating func appendInterpolation(_ value: HTML) { text += value.text }
        /// Markup, if there is any.
        package mutating func appendInterpolation(_ value: HTML?) { text += value?.text ?? "" }
        /// Markup, part by part.
        package mutating func appendInterpolation(_ values: [HTML]) { for value in values { text += value.text } }
        /// Text from elsewhere as one part of a path.
        package mutating func appendInterpolation(segment value: String) { text += PercentCoding.segment(value) }
        /// A coordinate of a drawing, to a hundredth.
        package mutating func appendInterpolation(coordinate value: Double) {
            text += value.isFinite ? "\((value * 100).rounded() / 100)" : "0"
        }
        /// An instant as milliseconds since 1970.
        package mutating func appendInterpolation(milliseconds value: Instant) { text += "\(value.milliseconds)" }
    }

    /// Text as what shows as that text, in an element or in an attribute between quotes. What would show as nothing, or change
    /// how the rest is shown, is written out.
    private static func escape(_ value: String, into result: inout String) {
        var value = value
        let isPlain = value.withUTF8 { bytes in
            bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "\""), UInt8(ascii: "'"):
                    false
                default: byte >= 0x20 && byte < 0x7f
                }
            }
        }
        if isPlain {
            result += value
            return
        }
        for scalar in SafeText.line(value).unicodeScalars {
            switch scalar {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}

extension Sequence<HTML> {
    /// Joins markup with something between.
    func joined(by separator: HTML) -> HTML {
        var result = HTML()
        for (place, part) in enumerated() { result += place == 0 ? part : separator + part }
        return result
    }
}
