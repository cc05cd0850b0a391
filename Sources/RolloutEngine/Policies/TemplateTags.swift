/// A template cut into text and tags.
struct TemplateTags {
    enum Kind { case variable, block, comment }

    enum Piece {
        case text(String)
        /// What stands between the marks, without blanks around it.
        case tag(Kind, String, line: Int)
    }

    private(set) var pieces: [Piece] = []

    /// Cuts a template at its marks.
    ///
    /// - Throws: `TemplateProblem` when a mark is opened and never closed. Stencil would drop the rest of the text.
    init(_ text: String) throws(TemplateProblem) {
        let bytes = Array(text.utf8)
        var index = 0
        var textStart = 0
        var line = 1
        var trimsNext = false
        func flush(to end: Int, trimmingEnd: Bool) {
            var slice = bytes[textStart..<end]
            if trimsNext { slice = slice.drop(while: Self.isBlank) }
            if trimmingEnd { while let last = slice.last, Self.isBlank(last) { slice.removeLast() } }
            if !slice.isEmpty { pieces.append(.text(String(decoding: slice, as: UTF8.self))) }
            trimsNext = false
        }
        while index < bytes.count {
            if bytes[index] == 0x0a { line += 1 }
            guard bytes[index] == 0x7b, index + 1 < bytes.count, let (kind, closing) = Self.kind(bytes[index + 1])
            else {
                index += 1
                continue
            }
            var end = index + 2
            while end + 1 < bytes.count, bytes[end] != closing || bytes[end + 1] != 0x7d { end += 1 }
            guard end + 1 < bytes.count else {
                let mark = String(decoding: bytes[index...index + 1], as: UTF8.self)
                throw TemplateProblem(
                    line: line, message: "'\(mark)' is never closed",
                    remedy: mark == "{#" ? "it opens a comment; a shell's ${#x} cannot stand in a template" : nil)
            }
            var content = bytes[(index + 2)..<end]
            let trimsBefore = kind == .block && content.first == 0x2d
            let trimsAfter = kind == .block && content.count > 1 && content.last == 0x2d
            flush(to: index, trimmingEnd: trimsBefore)
            if trimsBefore { content.removeFirst() }
            if trimsAfter { content.removeLast() }
            pieces.append(.tag(kind, String(decoding: content, as: UTF8.self).trimmingSpaces(), line: line))
            trimsNext = trimsAfter
            line += bytes[index..<end].count { $0 == 0x0a }
            index = end + 2
            textStart = index
        }
        flush(to: bytes.count, trimmingEnd: false)
    }

    private static func kind(_ byte: UInt8) -> (Kind, closing: UInt8)? {
        switch byte {
        case 0x7b: (.variable, 0x7d)
        case 0x25: (.block, 0x25)
        case 0x23: (.comment, 0x23)
        default: nil
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }
}
