/// The line that is being typed.
struct LineEditor: Sendable {
    /// What came of a byte.
    enum Event: Equatable {
        /// The terminal shows these.
        case echo([UInt8])
        /// The line is finished.
        case line(String)
        /// A key that is not for the line.
        case control(ControlKey)
        /// Help was asked for.
        case help
        case nothing
    }

    private(set) var bytes: [UInt8] = []
    private var lastWasReturn = false
    /// How far an escape sequence has come: 0 none, 1 after ESC, 2 within CSI.
    private var escape = 0

    var isEmpty: Bool { bytes.isEmpty }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    mutating func clear() { bytes = [] }

    mutating func type(_ byte: UInt8, helpsAtOnce: Bool) -> Event {
        let wasReturn = lastWasReturn
        lastWasReturn = byte == 13
        if escape > 0 { return sequence(byte) }
        switch byte {
        // A return may be followed by a line feed or a NUL, which belong to it.
        case 10 where wasReturn, 0: return .nothing
        case 10, 13:
            defer { clear() }
            return .line(text)
        case 8, 127:
            guard !bytes.isEmpty else { return .nothing }
            while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
            return .echo([8, 32, 8])
        case 21:
            let count = text.count
            clear()
            return .echo(Array(repeating: [8, 32, 8], count: count).flatMap { $0 })
        case 23:
            let kept = text.trimmed.split(separator: " ").dropLast().joined(separator: " ")
            let count = text.count - kept.count
            bytes = Array(kept.utf8)
            return .echo(Array(repeating: [8, 32, 8], count: count).flatMap { $0 })
        case 3: return .control(.c)
        case 4: return .control(.d)
        case 24: return .control(.x)
        case 26: return .control(.z)
        case 27:
            escape = 1
            return .nothing
        case 63 where helpsAtOnce: return .help
        case 9: return .echo([7])
        case 0..<32: return .nothing
        default:
            // Nobody types a line of that length; a program that does is not to fill the memory.
            guard bytes.count < 4096 else { return .echo([7]) }
            bytes.append(byte)
            return .echo([byte])
        }
    }

    /// Arrow keys and the like are swallowed.
    private mutating func sequence(_ byte: UInt8) -> Event {
        if escape == 1, byte == 0x5B || byte == 0x4F {
            escape = 2
        } else if escape == 1 || (0x40...0x7E).contains(byte) {
            escape = 0
        }
        return .nothing
    }
}
