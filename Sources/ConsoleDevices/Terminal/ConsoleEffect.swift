/// What a device does towards its terminal, in order.
public enum ConsoleEffect: Equatable, Sendable {
    /// It says these bytes.
    case send([UInt8])
    /// It says nothing for that long.
    case wait(milliseconds: Int)
    /// It ends the connection; `execute` ends with that exit status.
    case hangUp(status: Int32)
    /// It never says anything again, and keeps the connection.
    case stall
}

extension [ConsoleEffect] {
    /// All that is said, as text.
    public var text: String {
        String(decoding: flatMap { if case .send(let bytes) = $0 { bytes } else { [UInt8]() } }, as: UTF8.self)
    }

    /// Whether the connection was ended.
    public var hangsUp: Bool { contains { if case .hangUp = $0 { true } else { false } } }
}
