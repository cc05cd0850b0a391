internal import Synchronization

/// What agents said and nobody has looked at yet. Readings come from any thread.
///
/// While the runner waits for its store, nobody looks: of so many, the older half is let go, and shows as a gap in what was read.
final class Arrivals: Sendable {
    private let samples = Mutex<[CounterSample]>([])
    private let most: Int

    init(most: Int = 200_000) { self.most = most }

    func add(_ sample: CounterSample) {
        samples.withLock { samples in
            if samples.count >= most { samples.removeFirst(samples.count / 2) }
            samples.append(sample)
        }
    }

    /// All of it, oldest first.
    func take() -> [CounterSample] {
        samples.withLock { samples in
            defer { samples = [] }
            return samples
        }
    }
}
