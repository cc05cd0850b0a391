/// What is known of an agent's v3 engine: its id, its clock, and the user's keys for it. Each agent has its own, so that two
/// devices that were given the same engine id do not set each other's clock.
struct AgentEngine {
    let id: [UInt8]
    /// snmpEngineBoots and snmpEngineTime when it last told them, and when that was, in nanoseconds of the monotonic clock.
    private(set) var boots: UInt32
    private var time: UInt32
    private var toldAt: UInt64
    let authenticationKey: [UInt8]?
    let privacyKey: [UInt8]?

    /// How old a message may be (RFC 3414, 3.2, step 7).
    private static let window: UInt32 = 150
    /// The largest value of both numbers: an engine that has it can no longer be authenticated.
    private static let last: UInt32 = 1 << 31 - 1

    init(
        id: [UInt8], boots: UInt32, time: UInt32, at now: UInt64, authenticationKey: [UInt8]?, privacyKey: [UInt8]?
    ) {
        self.id = id
        self.boots = boots
        self.time = time
        toldAt = now
        self.authenticationKey = authenticationKey
        self.privacyKey = privacyKey
    }

    /// The engine's time now, in seconds, by its own clock as far as we know it.
    func time(at now: UInt64) -> UInt32 {
        let passed = now > toldAt ? (now - toldAt) / 1_000_000_000 : 0
        return UInt32(min(UInt64(time) + passed, UInt64(Self.last)))
    }

    /// Takes in what an authentic message says of the engine's clock.
    ///
    /// - Returns: Whether the message is of this time, rather than an old one sent again.
    mutating func isTimely(boots: UInt32, time: UInt32, at now: UInt64) -> Bool {
        guard boots < Self.last, boots >= self.boots else { return false }
        if boots == self.boots {
            let known = self.time(at: now)
            guard time >= known || known - time <= Self.window else { return false }
            // What was said last is what the clock goes on from, unless this is older.
            guard time > self.time else { return true }
        }
        self.boots = boots
        self.time = time
        toldAt = now
        return true
    }
}
