import RolloutEngine
import Synchronization

/// Sessions that are kept open between push and confirmation, on platforms where only the session that armed a revert timer
/// can end it.
///
/// When this process ends, so do they, and the devices go back by themselves.
final class HeldConsoles: Sendable {
    private let sessions = Mutex<[String: CommandLine]>([:])

    /// Keeps a session under a change's mark.
    func keep(_ session: CommandLine, as mark: String) { sessions.withLock { $0[mark] = session } }

    /// Gives a session back, once.
    func take(_ mark: String) -> CommandLine? { sessions.withLock { $0.removeValue(forKey: mark) } }
}
