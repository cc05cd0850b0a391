/// How much of an agent's own time passed between two of its answers. Pure.
///
/// sysUpTime comes in the same answer as the counters, so it is the time base of every rate. The time at which answers arrived
/// here only checks it.
enum AgentClock {
    /// What two answers say about the time between them.
    enum Passage: Hashable {
        /// So many seconds of the agent's time passed.
        case seconds(Double)
        /// The answers cannot be compared.
        case unknown(UnknownReason)
    }

    /// The agent's time between two of its answers, through the wrap of sysUpTime after 497 days.
    static func passage(from earlier: CounterSample, to later: CounterSample) -> Passage {
        guard let before = earlier.uptime, let now = later.uptime else {
            return .unknown(UnknownReason(.absent, "the agent gave no uptime"))
        }
        let ours = (later.at - earlier.at).seconds
        guard ours >= 0 else { return .unknown(UnknownReason(.clock, "our own clock went back")) }
        let boots = comparison(of: earlier, and: later)
        if boots == .grew { return .unknown(restart) }
        // Modulo 2^32, so that it is right through the wrap too.
        let seconds = Double(now &- before) / 100
        let agrees = isClose(seconds, ours)
        if now < before {
            // Going back is the wrap only when exactly the time that passed here lies between the two.
            return agrees && engineRanOn(earlier, later, ours) ? .seconds(seconds) : .unknown(restart)
        }
        if agrees { return .seconds(seconds) }
        // Younger than its last answer: it was started in between, unless it knows better.
        if boots == .unknown, Double(now) / 100 < ours * 0.9 - 1 { return .unknown(restart) }
        let detail = "the agent's clock went on by \(rounded(seconds)) s while \(rounded(ours)) s passed here"
        return .unknown(UnknownReason(.clock, detail))
    }

    /// Whether the agent was started between two of its answers.
    static func restarted(from earlier: CounterSample, to later: CounterSample) -> Bool {
        guard case .unknown(let reason) = passage(from: earlier, to: later) else { return false }
        return reason.code == .restart
    }

    private enum Boots { case same, grew, unknown }

    private static func comparison(of earlier: CounterSample, and later: CounterSample) -> Boots {
        guard let before = earlier.engineBoots, let now = later.engineBoots else { return .unknown }
        return before == now ? .same : .grew
    }

    /// snmpEngineTime does not wrap: where it is known, it must have gone on as long as we waited.
    private static func engineRanOn(_ earlier: CounterSample, _ later: CounterSample, _ ours: Double) -> Bool {
        guard let before = earlier.engineTime, let now = later.engineTime else { return true }
        // It has whole seconds only.
        return now >= before && abs(Double(now - before) - ours) <= ours * 0.1 + 2
    }

    private static func isClose(_ seconds: Double, _ ours: Double) -> Bool { abs(seconds - ours) <= ours * 0.1 + 1 }

    private static func rounded(_ seconds: Double) -> String { GateText.number(seconds) }

    private static let restart = UnknownReason(.restart, "the agent restarted")
}
