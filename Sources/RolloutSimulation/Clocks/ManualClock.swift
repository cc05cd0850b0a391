public import RolloutEngine
internal import Synchronization

/// A clock that stands still until somebody moves it.
public final class ManualClock: EngineClock {
    private let contents: Mutex<Contents>

    /// A clock that stands at an instant.
    public init(at instant: Instant = Instant(milliseconds: 1_700_000_000_000)) {
        contents = Mutex(Contents(now: instant))
    }

    /// Where it stands.
    public func now() -> Instant { contents.withLock { $0.now } }

    /// As it is only ever moved on, all of it has passed.
    public func uptime() -> Timespan { now() - Instant(milliseconds: 0) }

    /// Waits until it was moved that far, or until the task is cancelled.
    public func sleep(until instant: Instant) async {
        let number = contents.withLock { $0.nextNumber() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = contents.withLock { contents in
                    if instant <= contents.now || contents.cancelled.remove(number) != nil { return true }
                    contents.add(Sleeper(number: number, until: instant, continuation: continuation))
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            let sleeper = contents.withLock { $0.cancel(number) }
            sleeper?.continuation.resume()
        }
        contents.withLock { _ = $0.cancelled.remove(number) }
    }

    /// Moves it on and wakes whoever waited for a time up to then, the earliest first.
    public func advance(by span: Timespan) { advance(to: now() + span) }

    /// Moves it on to an instant, never back.
    public func advance(to instant: Instant) {
        let woken = contents.withLock { contents in
            contents.now = max(contents.now, instant)
            let due = Array(contents.sleepers.prefix { $0.until <= contents.now })
            contents.sleepers.removeFirst(due.count)
            return due
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// The earliest instant that somebody waits for; nil when nobody does.
    public var nextWake: Instant? { contents.withLock { $0.sleepers.first?.until } }

    private struct Sleeper {
        var number: Int
        var until: Instant
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct Contents {
        var now: Instant
        /// In the order in which they wake: by time, and at the same time by number.
        var sleepers: [Sleeper] = []
        /// Cancelled before they came to wait.
        var cancelled: Set<Int> = []
        var lastNumber = 0

        mutating func nextNumber() -> Int {
            lastNumber += 1
            return lastNumber
        }

        mutating func add(_ sleeper: Sleeper) {
            let isEarlier = sleepers.lastIndex { ($0.until, $0.number) < (sleeper.until, sleeper.number) }
            sleepers.insert(sleeper, at: isEarlier.map { $0 + 1 } ?? 0)
        }

        mutating func cancel(_ number: Int) -> Sleeper? {
            guard let index = sleepers.firstIndex(where: { $0.number == number }) else {
                cancelled.insert(number)
                return nil
            }
            return sleepers.remove(at: index)
        }
    }
}
