// Targets look inside modules, which builds for tests allow and release builds do not.
#if DEBUG
/// One reader of hostile bytes, with what it promises whatever they are.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// The answers of a Linux device's shell.
    case linuxAnswers = "linux-answers"
    /// What `tc` prints.
    case tcOutput = "tc-output"
    /// What Open vSwitch says of its ports.
    case switchTables = "switch-tables"
    /// What BIRD says of its configuration.
    case bird
    /// Canonical lines of shaping and files, as plans hold them.
    case configLines = "config-lines"
    /// A datagram from an SNMP agent, up to the sample.
    case snmpAnswer = "snmp-answer"
    /// The first bytes of an SSH server, and lines of known hosts.
    case sshGreeting = "ssh-greeting"
    /// What a network device's terminal prints, and the conversation with it.
    case commandLine = "command-line"
    /// What a network device says of its configuration, timers and clock.
    case deviceReading = "device-reading"
    /// A pattern of a platform's definition, and lines.
    case lineExpression = "line-expression"
    /// What a NETCONF server says: framing, XML, hello and replies.
    case netconf
    /// An inventory: YAML and a table of devices.
    case inventory
    /// A change with its policy and a template, rendered.
    case change
    /// A template alone.
    case template
    /// A selection of devices.
    case selection
    /// Rates, sizes, shares, times.
    case quantities
    /// A plan file.
    case plan
    /// The facts of a journal, and their fold.
    case journal
    /// The difference of two configurations.
    case configDiff = "config-diff"
    /// Two configurations of a network platform, and the commands between them.
    case configTrees = "config-trees"
    /// Text made safe to print.
    case safeText = "safe-text"

    /// Reads the bytes as its input.
    ///
    /// - Throws: `BrokenPromise`. What is wrong with the input is no error here.
    public func run(_ bytes: [UInt8]) throws(BrokenPromise) {
        switch self {
        case .linuxAnswers: try Self.readLinuxAnswers(bytes)
        case .tcOutput: try Self.readTrafficControl(bytes)
        case .switchTables: try Self.readSwitchTables(bytes)
        case .bird: try Self.readBird(bytes)
        case .configLines: try Self.readConfigLines(bytes)
        case .snmpAnswer: try Self.readAnswer(bytes)
        case .sshGreeting: try Self.readGreeting(bytes)
        case .commandLine: try Self.readCommandLine(bytes)
        case .deviceReading: try Self.readDevice(bytes)
        case .lineExpression: try Self.readExpression(bytes)
        case .netconf: try Self.readNETCONF(bytes)
        case .inventory: try Self.readInventory(bytes)
        case .change: try Self.readChange(bytes)
        case .template: try Self.readTemplate(bytes)
        case .selection: try Self.readSelection(bytes)
        case .quantities: try Self.readQuantities(bytes)
        case .plan: try Self.readPlan(bytes)
        case .journal: try Self.readJournal(bytes)
        case .configDiff: try Self.compareConfigs(bytes)
        case .configTrees: try Self.leadTrees(bytes)
        case .safeText: try Self.makeSafe(bytes)
        }
    }
}

/// Something that does not hold for an input.
public struct BrokenPromise: Error, CustomStringConvertible {
    /// What does not hold.
    public let description: String
}

/// Holds a promise.
func promise(_ isKept: Bool, _ what: @autoclosure () -> String) throws(BrokenPromise) {
    if !isKept { throw BrokenPromise(description: what()) }
}

/// Parts of an input: those before the last end with a line `====`. There are always `count`; missing ones are empty.
func parts(_ bytes: [UInt8], _ count: Int) -> [[UInt8]] {
    let mark = Array("\n====\n".utf8)
    var parts: [[UInt8]] = []
    var start = 0
    var at = 0
    while parts.count < count - 1, at + mark.count <= bytes.count {
        guard bytes[at..<at + mark.count].elementsEqual(mark) else {
            at += 1
            continue
        }
        parts.append(Array(bytes[start..<at]))
        at += mark.count
        start = at
    }
    parts.append(Array(bytes[start...]))
    return parts + Array(repeating: [], count: count - parts.count)
}

/// Bytes as text; those that are not UTF-8 become U+FFFD.
func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Whether two texts are the same to the byte, as devices compare them; `==` takes é for e and an accent.
func isSame(_ left: [String], _ right: [String]) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
}
#endif
