internal import Synchronization

/// When a connection is given up unless something happens. It is moved by the one who serves the connection.
final class ConnectionDeadline: Sendable {
    private let instant: Mutex<ContinuousClock.Instant>

    init(in span: Duration) { instant = Mutex(.now + span) }

    /// Puts it off, or nearer.
    func set(in span: Duration) { instant.withLock { $0 = .now + span } }

    /// Returns when it is there, or the task is cancelled.
    func wait() async {
        while !Task.isCancelled {
            let left = instant.withLock { $0 } - ContinuousClock.now
            if left <= .zero { return }
            // It may be moved nearer meanwhile.
            try? await Task.sleep(for: min(left, .seconds(1)))
        }
    }
}
