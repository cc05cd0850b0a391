internal import Foundation

/// A parameter of a statement. Texts lose NUL, which no text of PostgreSQL can hold: U+FFFD stands in its place.
enum PostgresValue: Sendable {
    case integer(Int64?)
    case truth(Bool)
    case text(String?)
    case bytes(Data)
    case texts([String?])

    /// As libpq sends it; nil for NULL.
    var encoded: (bytes: [UInt8], isBinary: Bool)? {
        switch self {
        case .integer(nil), .text(nil): nil
        case .integer(let value?): (Array(String(value).utf8) + [0], false)
        case .truth(let value): (Array((value ? "t" : "f").utf8) + [0], false)
        case .text(let value?): (Array(value.withoutNUL.utf8) + [0], false)
        case .bytes(let value): ([UInt8](value), true)
        case .texts(let values): (Self.array(values), true)
        }
    }

    /// The binary form of `text[]`: dimensions, whether there are nulls, the type of the elements; length and lower bound of the
    /// one dimension; then each element with its length.
    private static func array(_ values: [String?]) -> [UInt8] {
        var bytes = PostgresBytes()
        bytes.append(int32: values.isEmpty ? 0 : 1)
        bytes.append(int32: values.contains(nil) ? 1 : 0)
        bytes.append(int32: textType)
        if !values.isEmpty {
            bytes.append(int32: Int32(values.count))
            bytes.append(int32: 1)
        }
        for value in values { bytes.append(field: value) }
        return bytes.contents
    }

    /// The number of the type `text` (pg_type).
    private static let textType: Int32 = 25
}

/// Bytes as PostgreSQL sends numbers: the most significant first.
struct PostgresBytes {
    /// What was added so far.
    private(set) var contents: [UInt8] = []

    /// Room for so many bytes.
    mutating func reserve(_ count: Int) { contents.reserveCapacity(count) }

    /// Starts anew, and keeps the room.
    mutating func removeAll() { contents.removeAll(keepingCapacity: true) }

    /// Adds bytes as they are.
    mutating func append(_ bytes: some Collection<UInt8>) { contents.append(contentsOf: bytes) }

    /// Adds a whole number of 16 bits.
    mutating func append(int16 value: Int16) { append(bigEndian: value) }

    /// Adds a whole number of 32 bits.
    mutating func append(int32 value: Int32) { append(bigEndian: value) }

    /// Adds a field of 16 bits with its length before it.
    mutating func append(smallField value: Int16) {
        append(int32: 2)
        append(bigEndian: value)
    }

    /// Adds a field of 32 bits with its length before it.
    mutating func append(mediumField value: Int32) {
        append(int32: 4)
        append(bigEndian: value)
    }

    /// Adds a field of 64 bits with its length before it, or NULL.
    mutating func append(field value: Int64?) {
        guard let value else { return append(int32: -1) }
        append(int32: 8)
        append(bigEndian: value)
    }

    /// Adds a field of a floating-point number with its length before it, or NULL.
    mutating func append(field value: Double?) { append(field: value.map { Int64(bitPattern: $0.bitPattern) }) }

    /// Adds a field of text with its length before it, or NULL.
    mutating func append(field value: String?) {
        guard var value else { return append(int32: -1) }
        value = value.withoutNUL
        value.withUTF8 { bytes in
            append(int32: Int32(bytes.count))
            contents.append(contentsOf: bytes)
        }
    }

    private mutating func append(bigEndian value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { contents.append(contentsOf: $0) }
    }
}

extension String {
    /// The same with U+FFFD in place of NUL.
    var withoutNUL: String { utf8.contains(0) ? replacing("\0", with: "\u{FFFD}") : self }
}
