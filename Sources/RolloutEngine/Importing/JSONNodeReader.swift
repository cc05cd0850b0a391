/// Reads JSON (RFC 8259) into nodes with places. YAML is no superset in practice: libyaml refuses surrogate pairs, which
/// Python writes.
struct JSONNodeReader {
    /// What is wrong, and where.
    private struct Problem: Error {
        let place: SourceLocation
        let message: String
    }

    private let bytes: [UInt8]
    private let file: String
    private var position = 0
    private var line = 1
    private var lineStart = 0

    private init(_ bytes: [UInt8], _ file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// The value that a file holds; nil when it is none, with a complaint that says why.
    static func read(_ source: [UInt8], file: String, complaints: ComplaintList) -> YAMLNode? {
        let bytes = SourceText.withoutByteOrderMark(source)
        if let problem = SourceText.firstProblem(in: bytes, file: file) {
            complaints.error(at: problem.location, problem.message, remedy: problem.remedy)
            return nil
        }
        var reader = JSONNodeReader(bytes, file)
        do throws(Problem) {
            let node = try reader.value(depth: 1)
            reader.skipBlanks()
            guard reader.position == bytes.count else { throw reader.problem("more text behind the end of the JSON") }
            return node
        } catch {
            complaints.error(at: error.place, "not valid JSON: \(error.message)")
            return nil
        }
    }

    private var place: SourceLocation {
        SourceLocation(file: file, line: line, column: position - lineStart + 1)
    }

    private func problem(_ message: String) -> Problem { Problem(place: place, message: message) }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x0a:
                line += 1
                lineStart = position + 1
            case 0x20, 0x09, 0x0d: break
            default: return
            }
            position += 1
        }
    }

    private mutating func value(depth: Int) throws(Problem) -> YAMLNode {
        skipBlanks()
        guard depth <= YAMLDocument.depthLimit else {
            throw problem("nested deeper than \(YAMLDocument.depthLimit) levels")
        }
        guard position < bytes.count else { throw problem("the file ends where a value was expected") }
        let place = place
        let content: YAMLNode.Content
        switch bytes[position] {
        case UInt8(ascii: "{"): content = .map(try entries(depth))
        case UInt8(ascii: "["): content = .list(try items(depth))
        case UInt8(ascii: "\""): content = .scalar(try string(), plain: false)
        default: content = try word()
        }
        return YAMLNode(content: content, line: place.line, column: place.column)
    }

    private mutating func entries(_ depth: Int) throws(Problem) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        var keys: [String: Int] = [:]
        try each(until: UInt8(ascii: "}")) { (reader: inout Self) throws(Problem) in
            let place = reader.place
            guard reader.peek == UInt8(ascii: "\"") else { throw reader.problem("expected a key in double quotes") }
            let key = try reader.string()
            if let first = keys.updateValue(place.line, forKey: key) {
                throw Problem(
                    place: place, message: "key \(excerpt(key)) stands twice in one map, first on line \(first)")
            }
            reader.skipBlanks()
            guard reader.peek == UInt8(ascii: ":") else { throw reader.problem("expected a colon behind the key") }
            reader.position += 1
            entries.append(
                YAMLEntry(
                    key: key, line: place.line, column: place.column, value: try reader.value(depth: depth + 1)))
        }
        return entries
    }

    private mutating func items(_ depth: Int) throws(Problem) -> [YAMLNode] {
        var items: [YAMLNode] = []
        try each(until: UInt8(ascii: "]")) { (reader: inout Self) throws(Problem) in
            items.append(try reader.value(depth: depth + 1))
        }
        return items
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func each(until end: UInt8, _ read: (inout Self) throws(Problem) -> Void) throws(Problem) {
        position += 1
        skipBlanks()
        if peek == end {
            position += 1
            return
        }
        while true {
            skipBlanks()
            try read(&self)
            skipBlanks()
            guard let next = peek, next == end || next == UInt8(ascii: ",") else {
                throw problem("expected a comma or the closing bracket")
            }
            position += 1
            if next == end { return }
        }
    }

    private mutating func string() throws(Problem) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            guard byte != 0x0a else { break }
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += String(try escape()).utf8
            default: text.append(byte)
            }
        }
        throw problem("a text that is never closed")
    }

    private mutating func escape() throws(Problem) -> Character {
        guard let byte = peek else { throw problem("a text that is never closed") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Character(Unicode.Scalar(byte))
        case UInt8(ascii: "u"):
            var units = [try unit()]
            if units[0] & 0xfc00 == 0xd800, peek == UInt8(ascii: "\\"), position + 1 < bytes.count,
                bytes[position + 1] == UInt8(ascii: "u")
            {
                position += 2
                units.append(try unit())
            }
            guard let text = String(validating: units, as: UTF16.self), let character = text.first else {
                throw problem("half of a surrogate pair")
            }
            return character
        default: throw problem("an escape that JSON does not have")
        }
    }

    private mutating func unit() throws(Problem) -> UInt16 {
        guard position + 4 <= bytes.count,
            bytes[position..<position + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw problem("expected four hexadecimal digits") }
        position += 4
        return unit
    }

    private mutating func word() throws(Problem) -> YAMLNode.Content {
        let start = position
        while let byte = peek, !" \t\r\n,]}:".utf8.contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        switch text {
        case "null": return .null
        case "true", "false": return .scalar(text, plain: true)
        default:
            guard let first = text.utf8.first, first == 0x2d || (0x30...0x39).contains(first), Double(text) != nil,
                !text.lowercased().contains("x")
            else {
                position = start
                throw problem("expected a value, not \(excerpt(text))")
            }
            return .scalar(text, plain: true)
        }
    }
}
