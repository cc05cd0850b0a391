/// Time as it passes for one process: it begins with the machine's clock, and then goes on by what has really passed, whoever
/// sets that clock meanwhile. So a soak is as long as it is said to be, and a wait ends.
public final class SteadyClock: EngineClock {
    /// What a machine's clock may be set by without a word: corrections of a clock that is kept by NTP are smaller.
    static let tolerance = Timespan.seconds(10)

    private let machine: any EngineClock
    private let start: Instant
    private let uptimeAtStart: Timespan
    /// How far the machine's clock was from this one at the start.
    private let offset: Timespan

    /// A clock that starts now.
    ///
    /// - Parameter earliest: What was written down last: a machine whose clock was set back meanwhile goes on from there.
    public init(over machine: any EngineClock, notBefore earliest: Instant? = nil) {
        self.machine = machine
        uptimeAtStart = machine.uptime()
        let now = machine.now()
        start = max(now, earliest ?? now)
        offset = now - start
    }

    /// The time now.
    public func now() -> Instant {
        if PlantedBug.isPlanted(.trustsSetClock) { return machine.now() }
        return start + (machine.uptime() - uptimeAtStart)
    }

    /// Waits until then, or until the task is cancelled.
    public func sleep(until instant: Instant) async {
        await machine.sleep(until: machine.now() + (instant - now()))
    }

    /// How long the machine has been running.
    public func uptime() -> Timespan { machine.uptime() }

    /// What the machine's clock shows: what people's windows are meant by.
    var wallClock: Instant { machine.now() }

    /// How far the machine's clock was set since the start, forwards or backwards; nil as long as it is within the tolerance.
    var shift: Timespan? {
        if PlantedBug.isPlanted(.trustsSetClock) { return nil }
        let shift = machine.now() - now() - offset
        let size = shift < .zero ? .zero - shift : shift
        return size > Self.tolerance ? shift : nil
    }
}
