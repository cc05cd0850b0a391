internal import Foundation
import RolloutEngine

/// JSON as this server writes it: keys sorted, and what a terminal would obey escaped, as it may be read on one.
enum JSONText {
    /// A value.
    static func data(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Data(SafeText.json(String(decoding: try encoder.encode(value), as: UTF8.self)).utf8)
    }
}
