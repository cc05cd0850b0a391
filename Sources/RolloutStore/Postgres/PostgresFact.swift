internal import Foundation
internal import RolloutEngine

/// A fact as it is written to `rollout.entries`.
struct PostgresFact: Equatable, Sendable {
    let kind: String
    let device: String?
    /// What `fact` shows.
    let shown: String
    /// The very text, where `fact` cannot show it.
    let exact: String?

    /// The text that was stored.
    var text: String { exact ?? shown }

    init(_ fact: Fact, _ encoder: JSONEncoder) throws {
        kind = fact.kind
        device = fact.device?.rawValue
        let text = try StoredFact.text(of: fact, encoder)
        let shown = Self.withoutNUL(text)
        self.shown = shown ?? text
        exact = shown == nil ? nil : text
    }

    /// JSON with U+FFFD where it has the escape of NUL, which PostgreSQL reads no further than as JSON; nil where it has none.
    static func withoutNUL(_ json: String) -> String? {
        guard json.contains(#"\u0000"#) else { return nil }
        var result: [UInt8] = []
        var rest = Array(json.utf8)[...]
        var isChanged = false
        while let byte = rest.first {
            if byte != UInt8(ascii: "\\") {
                result.append(byte)
                rest = rest.dropFirst()
            } else if rest.starts(with: #"\u0000"#.utf8) {
                result += #"\ufffd"#.utf8
                rest = rest.dropFirst(6)
                isChanged = true
            } else {
                // An escaped backslash is no escape's beginning.
                result += rest.prefix(2)
                rest = rest.dropFirst(2)
            }
        }
        return isChanged ? String(decoding: result, as: UTF8.self) : nil
    }
}
