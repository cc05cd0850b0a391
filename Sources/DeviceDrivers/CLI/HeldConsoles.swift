import RolloutEngine
import Synchronization

/// Sessions that are kept open between push and confirmation, on platforms where only the session that armed a revert timer
/// can end it.
///
/// When this process ends, so do they, and the devices go back by themselves.
final class HeldConsoles: Sendable {
    private let sessions = Mutex<[PushOrder.Key: CommandLine]>([:])

    /// Keeps a session for a change on a device.
    func keep(_ session: CommandLine, for order: PushOrder) { sessions.withLock { $0[order.key] = session } }

    /// Whether the session of a change is kept.
    func keeps(_ order: PushOrder) -> Bool { sessions.withLock { $0[order.key] != nil } }

    /// Gives a session back, once.
    func take(_ order: PushOrder) -> CommandLine? { sessions.withLock { $0.removeValue(forKey: order.key) } }
}

extension PushOrder {
    /// What one change on one device is known by: a rollout's devices share its mark.
    struct Key: Hashable, Sendable {
        var device: DeviceName
        var mark: String
    }

    var key: Key { Key(device: device.name, mark: mark) }
}
