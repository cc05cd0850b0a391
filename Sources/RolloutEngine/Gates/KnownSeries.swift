internal import Synchronization

/// Series of rates that were worked out before. Gates look whenever something was read, and most of what they look at was not read
/// anew since they looked last.
final class KnownSeries: Sendable {
    private let entries = Mutex<[DeviceName: [String: Entry]]>([:])

    /// A series, and what tells its samples from others of the same agent.
    private struct Entry {
        var first: Instant
        var last: Instant
        var count: Int
        var series: RateSeries
    }

    /// The rates of an interface of a device.
    ///
    /// - Parameter samples: All that was read of the device from some moment on up to another one, oldest first.
    func series(of interface: String, on device: DeviceName, in samples: [CounterSample]) -> RateSeries {
        guard let first = samples.first?.at, let last = samples.last?.at else {
            return RateSeries(of: interface, in: samples)
        }
        let known = entries.withLock { $0[device]?[interface] }
        if let known, known.first == first, known.last == last, known.count == samples.count { return known.series }
        let series = RateSeries(of: interface, in: samples)
        let entry = Entry(first: first, last: last, count: samples.count, series: series)
        entries.withLock { $0[device, default: [:]][interface] = entry }
        return series
    }
}
