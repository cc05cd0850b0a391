/// Turns the bytes of a terminal into the lines that a person would see on it. Pure, incremental, linear.
///
/// Understands what command lines do to the line they stand on: carriage return, backspace, erasing, moving inside the
/// line. Colours, titles and everything else that a terminal obeys is left out (ECMA-48, xterm's control sequences), so
/// what comes out is text. Bytes that are not UTF-8 become U+FFFD.
package struct TerminalText: Sendable {
    /// Lines that ended, since they were last taken. Spaces at their ends are left out: that is how prompts are wiped away.
    package private(set) var lines: [String] = []
    /// Bytes fed in all and spaces that were put before what was printed further on, to hold against a limit.
    package private(set) var count = 0

    private var cells: [UInt32] = []
    private var cursor = 0
    /// Where a line goes on that was wrapped by a space and a carriage return.
    private var wrap: Int?
    private var state = State.text
    private var parameters: [UInt8] = []
    private var scalar: UInt32 = 0
    private var wanted = 0
    private var least: UInt32 = 0

    /// No line is longer; what would stand beyond is left out.
    private static let widest = 1 << 20
    /// No terminal is wider: a cursor that is sent further than this, and than the line goes, stays here.
    private static let furthest = 1 << 13
    private static let longestParameters = 64
    /// Nothing is wrapped that is shorter: a carriage return behind a shorter line, a prompt mostly, paints it anew.
    private static let narrowest = 40

    private enum State {
        case text, escape, charset, control, string, stringEscape
    }

    /// Nothing was printed yet.
    package init() {}

    /// The line that has not ended yet, where a prompt stands. Spaces at its end are kept.
    package var lastLine: String { Self.text(cells[...]) }

    /// The last line when it is no longer than this; else nil, at no cost. A prompt is short.
    package func lastLine(upTo longest: Int) -> String? { cells.count <= longest ? lastLine : nil }

    /// Gives the lines that ended, and forgets them.
    package mutating func takeLines() -> [String] {
        defer { lines = [] }
        return lines
    }

    /// Feeds bytes. How they are cut into pieces does not matter.
    package mutating func feed(_ bytes: some Sequence<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ feed($0) }) == nil {
            for byte in bytes { feed(byte) }
        }
    }

    private mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) {
        var position = 0
        while position < bytes.count {
            if let end = takeLine(bytes, from: position) {
                position = end
            } else {
                feed(bytes[position])
                position += 1
            }
        }
    }

    /// Takes a whole line of nothing but letters of ASCII as it stands, which most are; gives where the next one begins.
    private mutating func takeLine(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard cells.isEmpty, cursor == 0, wanted == 0, case .text = state else { return nil }
        var end = start
        while end < bytes.count, Self.isPlain(bytes[end]) { end += 1 }
        var next = end
        if next < bytes.count, bytes[next] == 0x0d { next += 1 }
        guard next < bytes.count, bytes[next] == 0x0a, end - start <= Self.widest else { return nil }
        count += next + 1 - start
        while end > start, bytes[end - 1] == 0x20 { end -= 1 }
        lines.append(String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self))
        wrap = nil
        return next + 1
    }

    /// Whether it is a letter, or something else that is put where the cursor stands.
    private static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte <= 0x7e || byte == 0x09 }

    private mutating func feed(_ byte: UInt8) {
        count += 1
        switch state {
        case .text: plain(byte)
        case .escape: escape(byte)
        case .charset: state = .text
        case .control: control(byte)
        case .string:
            // A title or the like goes on to BEL or ESC \.
            if byte == 0x07 { state = .text }
            if byte == 0x1b { state = .stringEscape }
        case .stringEscape:
            state = .string
            if byte == UInt8(ascii: "\\") { state = .text }
        }
    }

    private mutating func plain(_ byte: UInt8) {
        if wanted > 0 {
            if byte & 0xc0 == 0x80 {
                scalar = scalar << 6 | UInt32(byte & 0x3f)
                wanted -= 1
                if wanted == 0 { put(isValid(scalar) ? scalar : 0xfffd) }
                return
            }
            wanted = 0
            put(0xfffd)
        }
        switch byte {
        case _ where Self.isPlain(byte): put(UInt32(byte))
        case 0x0a: endLine()
        case 0x0d:
            let isFull = cursor == cells.count && cells.count > Self.narrowest && cells.last == 0x20
            wrap = isFull && cells.contains { $0 != 0x20 } ? cells.count - 1 : nil
            cursor = 0
        case 0x08: cursor = max(0, cursor - 1)
        case 0x1b:
            wrap = nil
            state = .escape
        case 0xc2...0xdf: begin(byte & 0x1f, 1, 0x80)
        case 0xe0...0xef: begin(byte & 0x0f, 2, 0x800)
        case 0xf0...0xf4: begin(byte & 0x07, 3, 0x10000)
        case 0x80...: put(0xfffd)
        default: break
        }
    }

    private mutating func begin(_ bits: UInt8, _ following: Int, _ smallest: UInt32) {
        (scalar, wanted, least) = (UInt32(bits), following, smallest)
    }

    private func isValid(_ value: UInt32) -> Bool {
        value >= least && value <= 0x10ffff && !(0xd800...0xdfff).contains(value)
    }

    private mutating func put(_ value: UInt32) {
        // The controls beyond ASCII are obeyed by terminals as well.
        guard !(0x80...0x9f).contains(value), cursor < Self.widest else { return }
        if let wrap {
            self.wrap = nil
            if cursor == 0 {
                cells.removeLast(cells.count - wrap)
                cursor = wrap
            }
        }
        if cursor == cells.count {
            cells.append(value)
        } else if cursor < cells.count {
            cells[cursor] = value
        } else {
            count += cursor - cells.count
            cells.append(contentsOf: repeatElement(0x20, count: cursor - cells.count))
            cells.append(value)
        }
        cursor += 1
    }

    private mutating func endLine() {
        let end = cells.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? 0
        lines.append(Self.text(cells[..<end]))
        cells.removeAll(keepingCapacity: true)
        cursor = 0
        wrap = nil
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "["):
            parameters.removeAll(keepingCapacity: true)
            state = .control
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            state = .string
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "#"),
            UInt8(ascii: "%"), UInt8(ascii: " "):
            state = .charset
        case 0x1b: break
        case UInt8(ascii: "E"):
            endLine()
            state = .text
        default: state = .text
        }
    }

    private mutating func control(_ byte: UInt8) {
        switch byte {
        case 0x20...0x3f:
            if parameters.count < Self.longestParameters { parameters.append(byte) }
        case 0x40...0x7e:
            state = .text
            obey(byte)
        case 0x1b: state = .escape
        case 0x0a, 0x0d, 0x08:
            // Terminals obey these in the middle of a sequence; a line that is cut there is cut.
            state = .text
            plain(byte)
        default: break
        }
    }

    private mutating func obey(_ final: UInt8) {
        let number = parameter ?? 1
        let furthest = max(Self.furthest, cells.count)
        switch final {
        case UInt8(ascii: "C"): cursor = min(furthest, cursor + max(1, number))
        case UInt8(ascii: "D"): cursor = max(0, cursor - max(1, number))
        case UInt8(ascii: "G"): cursor = min(furthest, max(0, number - 1))
        case UInt8(ascii: "K"), UInt8(ascii: "J"): erase(parameter ?? 0)
        case UInt8(ascii: "P"):
            if cursor < cells.count { cells.removeSubrange(cursor..<min(cells.count, cursor + max(1, number))) }
        default: break
        }
    }

    private mutating func erase(_ part: Int) {
        switch part {
        case 0: if cursor < cells.count { cells.removeSubrange(cursor...) }
        case 1: for index in 0..<min(cells.count, cursor + 1) { cells[index] = 0x20 }
        default: cells.removeAll(keepingCapacity: true)
        }
    }

    private var parameter: Int? {
        let digits = parameters.prefix { (0x30...0x39).contains($0) }.prefix(9)
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private static func text(_ cells: ArraySlice<UInt32>) -> String {
        if cells.allSatisfy({ $0 < 0x80 }) {
            return String(unsafeUninitializedCapacity: cells.count) { buffer in
                var index = 0
                for cell in cells {
                    buffer[index] = UInt8(truncatingIfNeeded: cell)
                    index += 1
                }
                return index
            }
        }
        var scalars = String.UnicodeScalarView()
        for cell in cells { scalars.append(UnicodeScalar(cell) ?? "\u{fffd}") }
        return String(scalars)
    }
}
