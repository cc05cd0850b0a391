/// An object identifier: `1.3.6.1.2.1.1.3.0`.
struct ObjectID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The numbers, in the width that libsnmp uses.
    let parts: [UInt]

    init(_ parts: [UInt]) { self.parts = parts }

    /// This object with one more number, as a column has for each row.
    subscript(row: UInt32) -> ObjectID { ObjectID(parts + [UInt(row)]) }

    /// The row of this column that `object` is, or nil when it lies elsewhere. Rows beyond 2^31 exist in the field, those
    /// beyond 2^32 do not fit an index.
    func row(of object: ObjectID) -> UInt32? {
        guard object.parts.count == parts.count + 1, object.parts.starts(with: parts) else { return nil }
        return object.parts.last.flatMap { UInt32(exactly: $0) }
    }

    static func < (left: Self, right: Self) -> Bool { left.parts.lexicographicallyPrecedes(right.parts) }

    var description: String { parts.map(String.init).joined(separator: ".") }
}
