internal import CPostgres
internal import Foundation

/// The rows that a statement gave, in PostgreSQL's binary form.
final class PostgresRows {
    private let result: OpaquePointer

    /// Takes over a result of libpq.
    init(_ result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    /// How many there are.
    var count: Int { Int(PQntuples(result)) }

    /// The bytes of a field while `body` runs; nil for NULL.
    func withBytes<Value>(_ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) throws -> Value) rethrows
        -> Value?
    {
        let (row, column) = (Int32(row), Int32(column))
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return nil }
        return try body(UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column))))
    }

    /// A whole number of any width, or a truth as 0 or 1; nil for NULL.
    func integer(_ row: Int, _ column: Int) -> Int64? {
        withBytes(row, column) { bytes in
            switch bytes.count {
            case 8: Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
            case 4: Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
            case 2: Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
            default: Int64(bytes.first ?? 0)
            }
        }
    }

    /// A truth; false for NULL.
    func truth(_ row: Int, _ column: Int) -> Bool { integer(row, column) == 1 }

    /// A floating-point number of 64 bits; nil for NULL.
    func double(_ row: Int, _ column: Int) -> Double? {
        integer(row, column).map { Double(bitPattern: UInt64(bitPattern: $0)) }
    }

    /// A text; nil for NULL.
    func text(_ row: Int, _ column: Int) -> String? {
        withBytes(row, column) { String(decoding: $0, as: UTF8.self) }
    }

    /// Bytes; nil for NULL.
    func data(_ row: Int, _ column: Int) -> Data? {
        withBytes(row, column) { Data($0) }
    }
}
