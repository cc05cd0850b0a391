/// Looks over the bytes of a YAML file for what would cost Yams too much time or memory to compose.
///
/// It errs on the side of refusal: it knows nothing of quotes and comments, only of characters that a bomb cannot do
/// without. Anchor and alias names are letters, digits, `_` and `-` (libyaml), so no alias escapes it.
enum YAMLBombScan {
    /// How many values a file may have: each costs some 150 bytes when composed, and 2,000,000 stay under 512 MB.
    static let separatorLimit = 2_000_000
    /// How many keys may themselves look like lists or maps: nested, each is hashed as often as it is deep.
    static let compoundKeyLimit = 2000

    /// The first reason to refuse the file; nil when it may be composed.
    static func firstProblem(in bytes: [UInt8], file: String) -> Complaint? {
        var separators = 0
        var firstBeyondLimit: Int?
        var compoundKeys = 0
        var firstCompoundKey: Int?
        var anchors: Set<[UInt8]> = []
        var aliases: Set<[UInt8]> = []
        for index in bytes.indices {
            switch bytes[index] {
            case 0x0a, 0x2c, 0x5b, 0x7b:  // newline , [ {
                separators += 1
                if separators == separatorLimit + 1 { firstBeyondLimit = index }
            case 0x26: anchors.insert(name(in: bytes, after: index))  // &
            case 0x2a:  // *
                let alias = name(in: bytes, after: index)
                aliases.insert(alias)
                if !alias.isEmpty, isKeyMark(bytes, index + 1 + alias.count) { note(index) }
            case 0x5d, 0x7d:  // ] }
                if isKeyMark(bytes, index + 1) { note(index) }
            case 0x3f:  // ?
                if index + 1 == bytes.count || isBlank(bytes[index + 1]) { note(index) }
            default: break
            }
        }
        func note(_ index: Int) {
            compoundKeys += 1
            firstCompoundKey = firstCompoundKey ?? index
        }

        if let firstBeyondLimit {
            return Complaint(
                at: place(of: firstBeyondLimit, in: bytes, file: file),
                "the file holds more than \(separatorLimit) values",
                remedy: "put a large fleet into devices.csv")
        }
        anchors.remove([])
        let usesAliases = !anchors.isDisjoint(with: aliases)
        if let firstCompoundKey, compoundKeys > (usesAliases ? 0 : compoundKeyLimit) {
            return Complaint(
                at: place(of: firstCompoundKey, in: bytes, file: file),
                usesAliases
                    ? "a list, a map or an alias as a key, in a file with aliases"
                    : "more than \(compoundKeyLimit) keys that are lists or maps",
                remedy: "keys must be plain text")
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 }

    /// Whether a colon follows, perhaps after blanks.
    private static func isKeyMark(_ bytes: [UInt8], _ start: Int) -> Bool {
        var index = start
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        return index < bytes.count && bytes[index] == 0x3a
    }

    private static func name(in bytes: [UInt8], after index: Int) -> [UInt8] {
        var end = index + 1
        while end < bytes.count, isNameByte(bytes[end]) { end += 1 }
        return Array(bytes[(index + 1)..<end])
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f, 0x2d: true
        default: false
        }
    }

    private static func place(of index: Int, in bytes: [UInt8], file: String) -> SourceLocation {
        let before = bytes[..<index]
        let line = before.count { $0 == 0x0a } + 1
        let start = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        // Continuation bytes of UTF-8 are no columns of their own.
        return SourceLocation(file: file, line: line, column: bytes[start..<index].count { $0 & 0xc0 != 0x80 } + 1)
    }
}
