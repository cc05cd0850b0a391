/// What the first bytes of every match of an expression are, place by place.
///
/// Each line of an output is asked about many expressions, and nearly none has a place where a match could begin: that is
/// found with one look a byte, all places at once (the Shift-And of Baeza-Yates and Gonnet, 1992). It may say of a place that
/// a match could begin there where none does, never the other way round.
struct LineBeginning: Sendable {
    /// For each byte, the places at which it may stand, the first as the lowest bit.
    private let places: [UInt8]
    private let length: Int

    private static let longest = 8

    /// Nil for an expression that matches the empty text: that is found anywhere.
    init?(of program: [LineInstruction]) {
        var places = [UInt8](repeating: 0, count: 256)
        var length = 0
        var steps = [0]
        while length < Self.longest, let found = Self.bytes(after: steps, of: program) {
            found.set.forEach { places[Int($0)] |= 1 << UInt8(length) }
            steps = found.next
            length += 1
        }
        guard length > 0 else { return nil }
        self.places = places
        self.length = length
    }

    /// What the next byte can be behind some steps, and the steps behind it; nil where a match can be over.
    private static func bytes(after steps: [Int], of program: [LineInstruction]) -> (set: ByteSet, next: [Int])? {
        var set = ByteSet()
        var next: [Int] = []
        var open = steps
        var isSeen = [Bool](repeating: false, count: program.count)
        while let step = open.popLast() {
            if isSeen[step] { continue }
            isSeen[step] = true
            switch program[step] {
            case .byte(let bytes):
                set.formUnion(bytes)
                next.append(step + 1)
            case .jump(let target): open.append(target)
            case .fork(let first, let second): open += [first, second]
            case .mark, .start, .boundary: open.append(step + 1)
            case .end, .match: return nil
            }
        }
        return (set, next)
    }

    /// The first place, from one on, where a match could begin.
    func first(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        places.withUnsafeBufferPointer { places in
            let whole: UInt8 = 1 << UInt8(length - 1)
            var begun: UInt8 = 0
            for position in start..<max(start, bytes.count) {
                begun = (begun << 1 | 1) & places[Int(bytes[position])]
                if begun & whole != 0 { return position - length + 1 }
            }
            return nil
        }
    }

    /// Whether a match could begin with a byte.
    func mayBegin(with byte: UInt8) -> Bool { places[Int(byte)] & 1 != 0 }

    /// Whether a match could begin at a place.
    func stands(at start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count - start >= length else { return false }
        return places.withUnsafeBufferPointer { places in
            for place in 0..<length where places[Int(bytes[start + place])] & (1 << UInt8(place)) == 0 { return false }
            return true
        }
    }
}
