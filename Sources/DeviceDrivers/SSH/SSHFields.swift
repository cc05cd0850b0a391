/// Takes strings and numbers off the front of bytes, as SSH writes them (RFC 4251, section 5).
struct SSHFields {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// A number of 32 bits; nil when there are fewer.
    mutating func number() -> Int? {
        guard rest.count >= 4 else { return nil }
        defer { rest = rest.dropFirst(4) }
        return rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    /// Bytes with their count before them; nil when there are fewer.
    mutating func string() -> ArraySlice<UInt8>? {
        guard let length = number(), rest.count >= length else { return nil }
        defer { rest = rest.dropFirst(length) }
        return rest.prefix(length)
    }
}
