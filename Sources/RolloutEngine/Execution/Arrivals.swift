internal import Synchronization

/// What agents said and nobody has looked at yet. Readings come from any thread.
final class Arrivals: Sendable {
    private let samples = Mutex<[CounterSample]>([])

    func add(_ sample: CounterSample) { samples.withLock { $0.append(sample) } }

    /// All of it, oldest first.
    func take() -> [CounterSample] {
        samples.withLock { samples in
            defer { samples = [] }
            return samples
        }
    }
}
