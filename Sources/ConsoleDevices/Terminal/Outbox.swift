/// Collects what a device says in answer to some bytes, and lets the faults of the wire at it.
struct Outbox: Sendable {
    private(set) var effects: [ConsoleEffect] = []
    /// Bytes said in this session so far.
    private(set) var said: Int
    private(set) var isStalled: Bool
    private let faults: ConsoleFaults

    init(_ faults: ConsoleFaults, said: Int, isStalled: Bool) {
        self.faults = faults
        self.said = said
        self.isStalled = isStalled
    }

    mutating func say(_ text: String) { say(Array(text.utf8)) }

    mutating func say(_ bytes: [UInt8]) {
        guard !isStalled, !bytes.isEmpty else { return }
        var bytes = bytes
        if let limit = faults.stallAfterBytes, said + bytes.count >= limit {
            bytes = Array(bytes.prefix(max(0, limit - said)))
            isStalled = true
        }
        said += bytes.count
        if let speed = faults.bytesPerSecond, speed > 0 {
            // A tenth of a second at a time.
            let piece = max(1, speed / 10)
            for start in stride(from: 0, to: bytes.count, by: piece) {
                let part = Array(bytes[start..<min(start + piece, bytes.count)])
                effects.append(.send(part))
                effects.append(.wait(milliseconds: part.count * 1000 / speed))
            }
        } else if case .send(let earlier)? = effects.last {
            effects[effects.count - 1] = .send(earlier + bytes)
        } else if !bytes.isEmpty {
            effects.append(.send(bytes))
        }
        if isStalled { effects.append(.stall) }
    }

    mutating func wait(milliseconds: Int) {
        guard !isStalled else { return }
        effects.append(.wait(milliseconds: milliseconds))
    }

    mutating func hangUp(status: Int32) {
        guard !isStalled else { return }
        effects.append(.hangUp(status: status))
    }
}
