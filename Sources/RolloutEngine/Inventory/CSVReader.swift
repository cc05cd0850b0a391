/// Reads the rows of comma-separated values (RFC 4180) as places in the bytes, without making a single string.
struct CSVReader {
    /// One cell: where its text stands, quotes left out.
    struct Field {
        var start: Int
        var end: Int
        /// Whether it holds doubled quotes that stand for one.
        var isEscaped: Bool
    }

    /// What is wrong with a row, and at which byte.
    struct Problem: Error {
        var offset: Int
        var line: Int
        var message: String
    }

    let bytes: [UInt8]
    private(set) var position: Int
    /// The line on which the next row starts, from 1.
    private(set) var line: Int

    init(_ bytes: [UInt8], from position: Int = 0, line: Int = 1) {
        self.bytes = bytes
        self.position = position
        self.line = line
    }

    /// Reads the next row that is not empty; false at the end.
    mutating func nextRow(into fields: inout [Field]) throws(Problem) -> Bool {
        while position < bytes.count, bytes[position] == 0x0a || bytes[position] == 0x0d {
            if bytes[position] == 0x0a { line += 1 }
            position += 1
        }
        guard position < bytes.count else { return false }
        fields.removeAll(keepingCapacity: true)
        while true {
            fields.append(try field())
            guard position < bytes.count else { return true }
            let separator = bytes[position]
            position += 1
            if separator == 0x2c { continue }
            if separator == 0x0d, position < bytes.count, bytes[position] == 0x0a { position += 1 }
            line += 1
            return true
        }
    }

    /// Reads one cell and stops at the comma or line break behind it.
    private mutating func field() throws(Problem) -> Field {
        guard position < bytes.count, bytes[position] == 0x22 else {
            let start = position
            while position < bytes.count {
                let byte = bytes[position]
                if byte == 0x2c || byte == 0x0a || byte == 0x0d { break }
                if byte == 0x22 {
                    throw Problem(
                        offset: position, line: line, message: "a quote inside a cell that does not start with one")
                }
                position += 1
            }
            return Field(start: start, end: position, isEscaped: false)
        }
        let opening = position
        let openingLine = line
        var isEscaped = false
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x0a { line += 1 }
            position += 1
            guard byte == 0x22 else { continue }
            if position < bytes.count, bytes[position] == 0x22 {
                isEscaped = true
                position += 1
                continue
            }
            if position < bytes.count, bytes[position] != 0x2c, bytes[position] != 0x0a, bytes[position] != 0x0d {
                throw Problem(offset: position, line: line, message: "text after the closing quote of a cell")
            }
            return Field(start: opening + 1, end: position - 1, isEscaped: isEscaped)
        }
        throw Problem(offset: opening, line: openingLine, message: "a quote that is never closed")
    }

    /// A cell's text, without blanks around it.
    func text(of field: Field) -> String {
        var start = field.start
        var end = field.end
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        guard field.isEscaped else { return String(decoding: bytes[start..<end], as: UTF8.self) }
        var unescaped: [UInt8] = []
        var index = start
        while index < end {
            unescaped.append(bytes[index])
            index += bytes[index] == 0x22 ? 2 : 1
        }
        return String(decoding: unescaped, as: UTF8.self)
    }

    /// Line and column of a byte, counted on from the start of a row.
    func place(of offset: Int, fromRowAt start: Int, line: Int, file: String) -> SourceLocation {
        var line = line
        var lineStart = start
        for index in start..<min(offset, bytes.count) where bytes[index] == 0x0a {
            line += 1
            lineStart = index + 1
        }
        let column = bytes[lineStart..<max(lineStart, min(offset, bytes.count))].count { $0 & 0xc0 != 0x80 } + 1
        return SourceLocation(file: file, line: line, column: column)
    }
}
