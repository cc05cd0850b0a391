/// The lines of a text, one after the other, without copying what is not asked for.
struct SourceLines {
    private let bytes: [UInt8]
    private var next = 0
    /// The number of the current line, from 1.
    private(set) var number = 0
    /// The current line without its end and blanks at its end.
    private var line: Range<Int> = 0..<0
    /// The columns of blanks that the line begins with; a tab leads to the next multiple of eight.
    private(set) var indent = 0
    private var start = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Goes to the next line.
    ///
    /// - Returns: False behind the last.
    mutating func advance() -> Bool {
        guard next < bytes.count else { return false }
        number += 1
        let begin = next
        var end = bytes[begin...].firstIndex(of: 10) ?? bytes.count
        next = min(end + 1, bytes.count)
        while end > begin, Self.isBlank(bytes[end - 1]) { end -= 1 }
        line = begin..<end
        indent = 0
        start = begin
        while start < end, Self.isBlank(bytes[start]) {
            indent = bytes[start] == 9 ? (indent / 8 + 1) * 8 : indent + 1
            start += 1
        }
        return true
    }

    /// Whether there is nothing but blanks.
    var isEmpty: Bool { start == line.upperBound }

    /// The line without blanks around it.
    var text: String { String(decoding: bytes[start..<line.upperBound], as: UTF8.self) }

    /// The line with the blanks it begins with.
    var rawText: String { String(decoding: bytes[line], as: UTF8.self) }

    /// The first byte that is no blank.
    var firstByte: UInt8? { isEmpty ? nil : bytes[start] }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }
}
