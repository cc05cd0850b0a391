/// What is written down about a lab before anything of it is made, so that whatever was made can be found again. Pure.
public struct LabRecord: Hashable, Codable, Sendable {
    /// What it is made of.
    public var topology: LabTopology
    /// Namespaces, or a simulated fleet.
    public var kind: Kind
    /// Whether `up` came to its end.
    public var isWhole: Bool
    /// The machine's boot in which it was made; nothing of it outlives that.
    public var boot: String

    /// What a lab is made of.
    public enum Kind: String, Codable, Sendable {
        /// Network namespaces with real servers.
        case namespaces
        /// A simulated fleet.
        case simulated
    }

    /// A lab that is about to be made.
    public init(topology: LabTopology, kind: Kind, isWhole: Bool = false, boot: String) {
        self.topology = topology
        self.kind = kind
        self.isWhole = isWhole
        self.boot = boot
    }
}

/// A process of a lab, as it wrote itself down: its number, and when it was started. Pure.
struct KeeperRecord: Hashable {
    var pid: Int32
    var start: UInt64

    /// Reads `PID START`; nil for anything else.
    init?(_ text: String) {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let pid = Int32(words[0]), pid > 1, let start = UInt64(words[1]) else { return nil }
        self.pid = pid
        self.start = start
    }
}
