internal import Foundation
internal import RolloutEngine
internal import Synchronization

/// The file of a simulated fleet. It is only ever replaced as a whole, and read again only after it was.
final class FleetFile: Sendable {
    private let path: String
    private let known = Mutex<Known?>(nil)

    /// The file at a path, which need not be there yet.
    init(_ path: String) { self.path = path }

    deinit { known.withLock { if let descriptor = $0?.descriptor { close(descriptor) } } }

    /// Whether there is one.
    var exists: Bool { access(path, F_OK) == 0 }

    /// What it holds.
    func load() throws(SimulationError) -> FleetState {
        try known.withLock { known throws(SimulationError) in
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw SimulationError("there is no simulated fleet: \(path) cannot be read: \(Self.reason)")
            }
            if let known, Self.isSame(descriptor, known.descriptor) {
                close(descriptor)
                return known.state
            }
            do {
                let bytes = try FileHandle(fileDescriptor: descriptor).readToEnd() ?? Data()
                let state = try JSONDecoder().decode(FleetState.self, from: bytes)
                if let old = known?.descriptor { close(old) }
                // Kept open: while it is, no other file can have its number, so the same number means the same file.
                known = Known(descriptor: descriptor, state: state)
                return state
            } catch {
                close(descriptor)
                throw SimulationError("\(path) is no simulated fleet that this version understands: \(error)")
            }
        }
    }

    /// Puts a new state in place of the old one: others see the one or the other.
    func replace(with state: FleetState) throws(SimulationError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let fresh = path + ".new"
        do {
            // A leftover of a killed process is a file of its own; ours must be a new one.
            unlink(fresh)
            try encoder.encode(state).write(to: URL(fileURLWithPath: fresh))
        } catch {
            throw SimulationError("\(fresh) cannot be written: \(error.localizedDescription)")
        }
        guard rename(fresh, path) == 0 else { throw SimulationError("\(path) cannot be replaced: \(Self.reason)") }
    }

    private static func isSame(_ one: Int32, _ other: Int32) -> Bool {
        var (first, second) = (stat(), stat())
        guard fstat(one, &first) == 0, fstat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    private static var reason: String { String(cString: strerror(errno)) }

    private struct Known {
        /// Open on the file that was read.
        var descriptor: Int32
        var state: FleetState
    }
}
