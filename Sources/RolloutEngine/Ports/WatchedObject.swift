/// Something of an agent that is watched beside its interfaces: its processors, its BGP peers, the drops of its queues, or any
/// other object by its number.
public struct WatchedObject: Hashable, Codable, Sendable {
    /// What people call it: `cpu`, `bgp`, or the name of the gate that asked for it.
    public var name: String
    /// Its number (OID), or that of the column whose instances are all watched.
    public var number: [UInt32]
    /// Whether every instance below the number is watched, rather than one object.
    public var isColumn: Bool
    /// What its values mean.
    public var kind: Kind
    /// The unit of a value, or of a counter's growth: `%`, `routes`, `packets`; empty for a state.
    public var unit: String

    /// Something that is watched beside interfaces.
    public init(name: String, number: [UInt32], isColumn: Bool, kind: Kind, unit: String = "") {
        self.name = name
        self.number = number
        self.isColumn = isColumn
        self.kind = kind
        self.unit = unit
    }

    /// What the values of an object mean.
    public enum Kind: String, Codable, Sendable {
        /// It only grows: its growth a second is judged.
        case counter
        /// A level that goes up and down.
        case gauge
        /// One of a list of states, by number.
        case state
    }
}

/// One reading of one instance of a watched object. Absent is not zero: without a value there is a reason.
public struct ObjectReading: Hashable, Codable, Sendable {
    /// The watched object's name.
    public var name: String
    /// Which one, where there are several: what follows the column's number (`192.0.2.1`), or what the agent calls it. Empty for
    /// a single object.
    public var instance: String
    /// The value; nil when there is none.
    public var value: Value?
    /// Why there is no value; nil when there is one.
    public var unknown: UnknownReason?

    /// One reading of one instance.
    public init(name: String, instance: String = "", value: Value? = nil, unknown: UnknownReason? = nil) {
        self.name = name
        self.instance = instance
        self.value = value
        self.unknown = unknown
    }

    /// A value with its type kept: a gauge never passes for a counter.
    public enum Value: Hashable, Codable, Sendable {
        /// Of a counter, with its width.
        case counter(Counter)
        /// Of a gauge, in the object's unit.
        case level(Double)
        /// Of a state, by number.
        case state(Int64)
    }
}
