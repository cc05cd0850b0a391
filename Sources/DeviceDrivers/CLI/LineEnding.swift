/// What the last byte of a line is that an expression is found in, where every match of it ends with the line.
///
/// Prompts do. Lines of output that begin like one are common, and nearly none ends like one: one look at the last byte settles it.
struct LineEnding: Sendable {
    private let bytes: ByteSet

    /// Nil for an expression whose matches may end within the line, or be empty.
    init?(of program: [LineInstruction]) {
        var before = [[Int]](repeating: [], count: program.count)
        var open: [(step: Int, isAtEnd: Bool)] = []
        for (step, instruction) in program.enumerated() {
            switch instruction {
            case .jump(let target): before[target].append(step)
            case .fork(let first, let second):
                before[first].append(step)
                before[second].append(step)
            case .match: open.append((step, false))
            case .byte, .mark, .start, .end, .boundary: before[step + 1].append(step)
            }
        }
        // Backwards from each match to the bytes that can stand right before it; each step twice at most: with the end of the line
        // between them, and without.
        var bytes = ByteSet()
        var isSeen = [[Bool]](repeating: [false, false], count: program.count)
        while let (step, isAtEnd) = open.popLast() {
            if isSeen[step][isAtEnd ? 1 : 0] { continue }
            isSeen[step][isAtEnd ? 1 : 0] = true
            if step == 0 { return nil }
            for previous in before[step] {
                switch program[previous] {
                case .byte(let set):
                    guard isAtEnd else { return nil }
                    bytes.formUnion(set)
                case .end: open.append((previous, true))
                default: open.append((previous, isAtEnd))
                }
            }
        }
        self.bytes = bytes
    }

    /// Whether a match could end with a line.
    func stands(at line: UnsafeBufferPointer<UInt8>) -> Bool { line.last.map { bytes.contains($0) } ?? false }
}
