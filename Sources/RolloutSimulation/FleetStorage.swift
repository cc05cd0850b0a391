internal import Foundation
internal import RolloutEngine
internal import Synchronization

/// Where the state of a simulated fleet is kept.
protocol FleetStorage: Sendable {
    /// The state, settled to an instant.
    func state(at now: Instant) throws(SimulationError) -> FleetState
    /// Changes the state, settled to an instant, if `body` says so: as a whole or not at all.
    func update(at now: Instant, _ body: (inout FleetState) -> Bool) throws(SimulationError)
}

/// A fleet in a file, for several processes.
struct FleetFolder: FleetStorage {
    private let folder: String
    private let file: FleetFile

    /// The fleet in a folder, which need not hold one yet.
    init(_ folder: String) {
        self.folder = folder
        file = FleetFile(folder + "/fleet.json")
    }

    /// Begins with a state; refuses where there is one.
    func create(_ state: FleetState) throws(SimulationError) {
        try locked { () throws(SimulationError) in
            guard !file.exists else {
                throw SimulationError("\(folder) holds a simulated fleet already; remove it first, or use it")
            }
            try file.replace(with: state)
        }
    }

    func state(at now: Instant) throws(SimulationError) -> FleetState {
        var state = try file.load()
        state.settle(to: now)
        return state
    }

    func update(at now: Instant, _ body: (inout FleetState) -> Bool) throws(SimulationError) {
        try locked { () throws(SimulationError) in
            var state = try file.load()
            state.settle(to: now)
            if body(&state) { try file.replace(with: state) }
        }
    }

    private func locked(_ body: () throws(SimulationError) -> Void) throws(SimulationError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SimulationError("there is no simulated fleet in \(folder): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw SimulationError("\(folder) cannot be locked: \(String(cString: strerror(errno)))")
            }
        }
        try body()
    }
}

/// A fleet in memory, for one process.
final class FleetMemory: FleetStorage {
    private let contents: Mutex<FleetState>
    private let observer: @Sendable (SimulatedDevice, SimulatedDevice, Instant) -> Void

    /// Begins with a state.
    init(_ state: FleetState, observer: @escaping @Sendable (SimulatedDevice, SimulatedDevice, Instant) -> Void) {
        contents = Mutex(state)
        self.observer = observer
    }

    func state(at now: Instant) -> FleetState {
        contents.withLock { state in
            state.settle(to: now)
            return state
        }
    }

    func update(at now: Instant, _ body: (inout FleetState) -> Bool) {
        let changes = contents.withLock { state in
            state.settle(to: now)
            var changed = state
            guard body(&changed) else { return [(SimulatedDevice, SimulatedDevice)]() }
            let before = state
            state = changed
            return zip(before.devices, changed.devices).filter { $0.writes != $1.writes }
        }
        for (before, after) in changes { observer(before, after, now) }
    }
}
