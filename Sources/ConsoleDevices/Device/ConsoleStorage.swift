import Synchronization

/// Holds a device, and lets one session at a time at it.
public protocol ConsoleStorage: Sendable {
    /// Runs `body` on the device while nobody else does; what it leaves is kept.
    ///
    /// - Throws: `ConsoleError` when the device cannot be read or kept; then nothing was changed.
    func update<Result: Sendable>(
        _ body: @Sendable (inout ConsoleDevice, ConsoleFaults) -> Result
    ) throws(ConsoleError) -> Result

    /// The process that serves the sessions that come from here, if it can be told.
    var process: Int? { get }

    /// Whether a process is there still. Sessions of one that is not are over, though they could not say so.
    func isAlive(_ process: Int) -> Bool
}

/// A device in memory, for sessions of one process.
public final class MemoryDevice: ConsoleStorage {
    private let held: Mutex<(device: ConsoleDevice, faults: ConsoleFaults)>

    /// Holds a device.
    public init(_ device: ConsoleDevice) { held = Mutex((device, ConsoleFaults())) }

    /// The device as it is.
    public var device: ConsoleDevice { held.withLock { $0.device } }

    /// What goes wrong with it.
    public var faults: ConsoleFaults {
        get { held.withLock { $0.faults } }
        set { held.withLock { $0.faults = newValue } }
    }

    /// Runs `body` on the device while nobody else does.
    public func update<Result: Sendable>(
        _ body: @Sendable (inout ConsoleDevice, ConsoleFaults) -> Result
    ) throws(ConsoleError) -> Result {
        held.withLock { body(&$0.device, $0.faults) }
    }

    /// No process is told from another.
    public var process: Int? { nil }

    /// There is only this process.
    public func isAlive(_ process: Int) -> Bool { true }
}

/// Why a device cannot be reached.
public struct ConsoleError: Error, Equatable, CustomStringConvertible {
    /// What is wrong, where, and what to do.
    public let description: String

    init(_ description: String) { self.description = description }
}
