/// A condition on objects of agents beside their interfaces: processors, BGP peers, drops of queues, or any other object by its
/// number.
public struct ObjectCondition: Hashable, Codable, Sendable {
    /// What is read, best first: of each agent the first that it has is judged.
    public var sources: [Source]
    /// What a level may be.
    public var limits: ValueLimits
    /// How much more a second than before a counter may grow; nil where none is judged.
    public var maximumPerSecond: Double?
    /// A state that was one of these before must still be one of these.
    public var stays: [Int64]
    /// A state must be one of these, whatever it was before; empty for any.
    public var mayBe: [Int64]
    /// Whether devices that have no such object are left out. Else nothing is known of them.
    public var isOptional: Bool

    /// A condition on objects.
    public init(
        _ sources: [Source], limits: ValueLimits = ValueLimits(), maximumPerSecond: Double? = nil, stays: [Int64] = [],
        mayBe: [Int64] = [], isOptional: Bool = false
    ) {
        self.sources = sources
        self.limits = limits
        self.maximumPerSecond = maximumPerSecond
        self.stays = stays
        self.mayBe = mayBe
        self.isOptional = isOptional
    }

    /// An object, or a column of them, that can be read for a condition.
    public struct Source: Hashable, Codable, Sendable {
        /// Its number, or its column's.
        public var number: [UInt32]
        /// Whether every instance below the number is read.
        public var isColumn: Bool
        /// What its values mean.
        public var kind: WatchedObject.Kind
        /// Their unit.
        public var unit: String
        /// What is judged where there are several instances.
        public var combination: Combination

        /// An object, or a column of them.
        public init(
            _ number: [UInt32], isColumn: Bool, kind: WatchedObject.Kind, unit: String = "",
            combination: Combination = .each
        ) {
            self.number = number
            self.isColumn = isColumn
            self.kind = kind
            self.unit = unit
            self.combination = combination
        }
    }

    /// What is judged where an agent has several instances of a level.
    public enum Combination: String, Codable, Sendable, CaseIterable {
        /// Each by itself.
        case each
        /// Their mean.
        case mean
        /// The highest.
        case highest
        /// Their sum.
        case sum
    }

    /// The objects to watch, under names that are their gate's own: `cpu`, `cpu 2`.
    public func watchedObjects(of gate: GateName) -> [WatchedObject] {
        sources.enumerated().map { index, source in
            WatchedObject(
                name: Self.name(of: gate, source: index), number: source.number, isColumn: source.isColumn,
                kind: source.kind, unit: source.unit)
        }
    }

    /// The name under which a source is read. Names of gates have no blanks, so none is taken twice.
    static func name(of gate: GateName, source index: Int) -> String {
        index == 0 ? gate.rawValue : "\(gate) \(index + 1)"
    }
}

/// What a value may be, and how far it may move from what it was before. What is nil is not looked at.
public struct ValueLimits: Hashable, Codable, Sendable {
    /// The highest that passes.
    public var maximum: Double?
    /// The lowest that passes.
    public var minimum: Double?
    /// By how much it may be higher than before.
    public var maximumRise: Step?
    /// By how much it may be lower than before.
    public var maximumFall: Step?

    /// Limits of a value.
    public init(
        maximum: Double? = nil, minimum: Double? = nil, maximumRise: Step? = nil, maximumFall: Step? = nil
    ) {
        self.maximum = maximum
        self.minimum = minimum
        self.maximumRise = maximumRise
        self.maximumFall = maximumFall
    }

    /// Whether nothing is limited.
    public var isEmpty: Bool { maximum == nil && minimum == nil && maximumRise == nil && maximumFall == nil }

    /// How far a value may move.
    public enum Step: Hashable, Codable, Sendable {
        /// By so much, in the value's unit.
        case amount(Double)
        /// By this share of what it was.
        case share(Share)

        enum AmountCodingKeys: String, CodingKey { case _0 = "number" }
        enum ShareCodingKeys: String, CodingKey { case _0 = "fraction" }
    }
}

/// How often in a row a gate's judgement may come out other than pass before it counts, each time after another soak.
public struct GatePatience: Hashable, Codable, Sendable {
    /// So often it may be inconclusive.
    public var inconclusive: Int
    /// So often it may be an error.
    public var error: Int
    /// So often it may be a fail.
    public var fail: Int

    /// None at all unless given.
    public init(inconclusive: Int = 0, error: Int = 0, fail: Int = 0) {
        self.inconclusive = inconclusive
        self.error = error
        self.fail = fail
    }

    /// How often an outcome is borne.
    func limit(of outcome: Verdict.Outcome) -> Int {
        switch outcome {
        case .pass: 0
        case .inconclusive: inconclusive
        case .error: error
        case .fail: fail
        }
    }
}
