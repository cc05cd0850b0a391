import RolloutEngine
import Synchronization

/// What devices held when a change of ours was read back on them, until that change is confirmed or taken back: by this shows
/// whether anybody else changed them meanwhile. When this process ends, nobody knows it any more.
final class OpenWindows: Sendable {
    /// One device's whole configuration.
    struct Window: Sendable {
        /// As it was read back.
        var reading: DeviceReading
        /// Whether that was what the change alone made of it: nobody came in between.
        var isOursAlone: Bool
    }

    private let windows = Mutex<[PushOrder.Key: Window]>([:])

    /// Keeps what was read back.
    func open(_ window: Window, for order: PushOrder) { windows.withLock { $0[order.key] = window } }

    /// Forgets it: the change is settled, or somebody else's was told of.
    func close(_ order: PushOrder) { windows.withLock { _ = $0.removeValue(forKey: order.key) } }

    subscript(order: PushOrder) -> Window? { windows.withLock { $0[order.key] } }

    /// What was read back on a device, whatever the change.
    subscript(device: DeviceName) -> Window? { windows.withLock { $0.first { $0.key.device == device }?.value } }
}
