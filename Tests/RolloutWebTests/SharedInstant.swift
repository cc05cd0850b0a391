import RolloutEngine
import Synchronization

/// A time that several tasks see.
final class SharedInstant: Sendable {
    private let held: Mutex<Instant>
    init(_ value: Instant) { held = Mutex(value) }
    var value: Instant {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}
