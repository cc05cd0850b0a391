/// One object of a reading.
enum PolledObject: Hashable, Sendable {
    case uptime
    case engineBoots
    case engineTime
    case ipOutDiscards
    case tableLastChange
    /// An object of the interface in this place of the agent's list.
    case interface(Int, InterfaceObject)

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
    case highSpeed
    case discontinuity
}

/// Where the names of interfaces are.
enum NameColumn: Hashable, Sendable {
    /// ifName (RFC 2863).
    case name
    /// ifDescr, for agents that have no ifName.
    case description

    var object: ObjectID { self == .name ? MIB.ifName : MIB.ifDescr }
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

    static func ifTable(_ column: UInt) -> ObjectID { ObjectID([1, 3, 6, 1, 2, 1, 2, 2, 1, column]) }
    static func ifXTable(_ column: UInt) -> ObjectID { ObjectID([1, 3, 6, 1, 2, 1, 31, 1, 1, 1, column]) }
}

extension InterfaceObject {
    /// Its column, for interfaces that are named by `names`.
    func column(_ names: NameColumn) -> ObjectID {
        switch self {
        case .name: names.object
        case .inOctets64: MIB.ifXTable(6)
        case .outOctets64: MIB.ifXTable(10)
        case .inOctets32: MIB.ifTable(10)
        case .outOctets32: MIB.ifTable(16)
        case .inErrors: MIB.ifTable(14)
        case .outErrors: MIB.ifTable(20)
        case .inDiscards: MIB.ifTable(13)
        case .outDiscards: MIB.ifTable(19)
        case .operStatus: MIB.ifTable(8)
        case .highSpeed: MIB.ifXTable(15)
        case .discontinuity: MIB.ifXTable(19)
        }
    }
}
