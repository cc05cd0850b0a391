import Foundation

/// Anything that can be encoded, as text.
enum JSONText {
    static func of(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }
}
