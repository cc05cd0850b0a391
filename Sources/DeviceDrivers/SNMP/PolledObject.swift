/// One object of a reading.
enum PolledObject: Hashable, Sendable {
    case uptime
    case engineBoots
    case engineTime
    case ipOutDiscards
    case tableLastChange
    /// An object of the interface in this place of the agent's list.
    case interface(Int, InterfaceObject)
    /// What else is watched, by its place in `ObjectMap.instances`.
    case watched(Int)

    /// What is asked once an agent. The uptime is in every request by itself.
    static let ofAgent: [PolledObject] = [.engineBoots, .engineTime, .ipOutDiscards, .tableLastChange]
}

/// An object that every interface has, or should have.
enum InterfaceObject: Hashable, Sendable {
    case name
    case inOctets64
    case outOctets64
    case inOctets32
    case outOctets32
    case inErrors
    case outErrors
    case inDiscards
    case outDiscards
    case operStatus
    /// ifLastChange, where a change between two readings matters.
    case lastChange
    case highSpeed
    /// ifSpeed, where ifHighSpeed may be missing.
    case speed
    case discontinuity
}

/// Where the names of interfaces are.
enum NameColumn: Hashable, Sendable {
    /// ifName (RFC 2863).
    case name
    /// ifDescr, for agents that have no ifName, and interfaces that people know by it.
    case description
    /// ifAlias, the text that operators give an interface.
    case alias

    var object: ObjectID {
        switch self {
        case .name: MIB.ifName
        case .description: MIB.ifDescr
        case .alias: MIB.ifAlias
        }
    }

    /// As the standard calls it.
    var word: String {
        switch self {
        case .name: "ifName"
        case .description: "ifDescr"
        case .alias: "ifAlias"
        }
    }
}

/// The objects by their numbers. No MIB file is ever read.
enum MIB {
    static let sysUpTime = ObjectID([1, 3, 6, 1, 2, 1, 1, 3, 0])
    static let snmpEngineBoots = ObjectID([1, 3, 6, 1, 6, 3, 10, 2, 1, 2, 0])
    static let snmpEngineTime = ObjectID([1, 3, 6, 1, 6, 3, 10, 2, 1, 3, 0])
    /// Row 1 is IPv4 (InetVersion, RFC 4001).
    static let ipSystemStatsOutDiscards = ObjectID([1, 3, 6, 1, 2, 1, 4, 31, 1, 1, 25, 1])
    static let ifTableLastChange = ObjectID([1, 3, 6, 1, 2, 1, 31, 1, 5, 0])
    static let ifName = ifXTable(1)
    static let ifDescr = ifTable(2)
    static let ifAlias = ifXTable(18)

    static func ifTable(_ column: UInt) -> ObjectID { ObjectID([1, 3, 6, 1, 2, 1, 2, 2, 1, column]) }
    static func ifXTable(_ column: UInt) -> ObjectID { ObjectID([1, 3, 6, 1, 2, 1, 31, 1, 1, 1, column]) }
}

extension InterfaceObject {
    /// Its column, for an interface that is found by `name`.
    func column(_ name: NameColumn) -> ObjectID {
        switch self {
        case .name: name.object
        case .inOctets64: MIB.ifXTable(6)
        case .outOctets64: MIB.ifXTable(10)
        case .inOctets32: MIB.ifTable(10)
        case .outOctets32: MIB.ifTable(16)
        case .inErrors: MIB.ifTable(14)
        case .outErrors: MIB.ifTable(20)
        case .inDiscards: MIB.ifTable(13)
        case .outDiscards: MIB.ifTable(19)
        case .operStatus: MIB.ifTable(8)
        case .lastChange: MIB.ifTable(9)
        case .highSpeed: MIB.ifXTable(15)
        case .speed: MIB.ifTable(5)
        case .discontinuity: MIB.ifXTable(19)
        }
    }
}
