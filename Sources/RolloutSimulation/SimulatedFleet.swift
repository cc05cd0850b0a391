internal import Foundation
public import RolloutEngine

/// A fleet that exists only in a folder: processes that open it see the same devices, also after one of them was killed.
///
/// Its state is one file that is replaced as a whole, under a lock that the system takes back when a process dies. Reading
/// writes nothing: what time did since the last change is worked out anew each time.
public struct SimulatedFleet: Sendable {
    /// The folder it is kept in.
    public let folder: String
    let clock: any EngineClock
    private let file: FleetFile

    private init(folder: String, clock: any EngineClock) {
        self.folder = folder
        self.clock = clock
        file = FleetFile(folder + "/fleet.json")
    }

    /// Makes a fleet of an inventory's devices in a folder, which is created.
    ///
    /// - Throws: `SimulationError` when there is a fleet already, or for variables that cannot be understood.
    public static func create(folder: String, inventory: Inventory, clock: any EngineClock) throws(SimulationError)
        -> SimulatedFleet
    {
        let fleet = SimulatedFleet(folder: folder, clock: clock)
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw SimulationError("the folder \(folder) cannot be created: \(error.localizedDescription)")
        }
        let state: FleetState
        do { state = try FleetState(of: inventory, at: clock.now()) } catch { throw SimulationError("\(error)") }
        try fleet.locked { () throws(SimulationError) in
            guard !fleet.file.exists else {
                throw SimulationError("\(folder) holds a simulated fleet already; remove it first, or use it")
            }
            try fleet.file.replace(with: state)
        }
        return fleet
    }

    /// Opens the fleet in a folder.
    ///
    /// - Throws: `SimulationError` when there is none.
    public static func open(folder: String, clock: any EngineClock) throws(SimulationError) -> SimulatedFleet {
        let fleet = SimulatedFleet(folder: folder, clock: clock)
        _ = try fleet.state()
        return fleet
    }

    /// The fleet as it is now.
    public func state() throws(SimulationError) -> FleetState {
        var state = try file.load()
        state.settle(to: clock.now())
        return state
    }

    /// One device as it is now.
    public func device(_ name: DeviceName) throws(SimulationError) -> SimulatedDevice {
        let state = try state()
        return state.devices[try index(of: name, in: state)]
    }

    // MARK: Making trouble

    /// Sets a fault. With `whileChanged` it only shows while the device's configuration is another than now.
    public func inject(_ fault: Fault, on name: DeviceName, whileChanged: Bool = false) throws(SimulationError) {
        try change(name) { device, _ in
            device.faults.append(SetFault(fault, unlessConfig: whileChanged ? device.running.digest : nil))
        }
    }

    /// Takes every fault away.
    public func heal(_ name: DeviceName) throws(SimulationError) {
        try change(name) { device, _ in device.faults = [] }
    }

    /// Restarts a device: what nobody confirmed is gone, its counters begin at 0, and it is away for a while.
    public func reboot(_ name: DeviceName, taking span: Timespan = .zero) throws(SimulationError) {
        try change(name) { device, now in
            device.reboot(at: now, taking: span)
            device.passEvents(at: now)
        }
    }

    /// Changes a section as somebody would who logs in on the device.
    public func edit(_ name: DeviceName, section: String, lines: [String]) throws(SimulationError) {
        try change(name) { device, _ in
            device.apply(DeviceConfig(sections: [.init(name: section, lines: lines)]))
        }
    }

    /// Changes what a device's customers offer.
    public func setDemand(_ demand: BitsPerSecond, of name: DeviceName) throws(SimulationError) {
        try change(name) { device, _ in device.demand = demand }
    }

    /// Changes a link: its background traffic, whether its agent answers.
    public func change(link name: LinkName, _ body: (inout SimulatedLink) -> Void) throws(SimulationError) {
        try update { state throws(SimulationError) in
            guard let index = state.links.firstIndex(where: { $0.name == name }) else {
                throw SimulationError("there is no link \(name) in the simulated fleet in \(folder)")
            }
            body(&state.links[index])
        }
    }

    private func change(_ name: DeviceName, _ body: (inout SimulatedDevice, Instant) -> Void) throws(SimulationError) {
        try update { state throws(SimulationError) in
            body(&state.devices[try index(of: name, in: state)], state.settledAt)
        }
    }

    private func index(of name: DeviceName, in state: FleetState) throws(SimulationError) -> Int {
        guard let index = state.index(of: name) else {
            throw SimulationError("there is no device \(name) in the simulated fleet in \(folder)")
        }
        return index
    }

    // MARK: The file

    /// Changes the fleet as it is now; other processes see all of it or nothing. A thrown error changes nothing.
    func update<Value, Failure: Error>(_ body: (inout FleetState) throws(Failure) -> Value) throws(SimulationError)
        -> Result<Value, Failure>
    {
        try locked { () throws(SimulationError) in
            var state = try file.load()
            state.settle(to: clock.now())
            let result = Result { () throws(Failure) in try body(&state) }
            if case .success = result { try file.replace(with: state) }
            return result
        }
    }

    private func update(_ body: (inout FleetState) throws(SimulationError) -> Void) throws(SimulationError) {
        let result: Result<Void, SimulationError> = try update(body)
        try result.get()
    }

    private func locked<Value>(_ body: () throws(SimulationError) -> Value) throws(SimulationError) -> Value {
        let descriptor = Foundation.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SimulationError("there is no simulated fleet in \(folder): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw SimulationError("\(folder) cannot be locked: \(String(cString: strerror(errno)))")
            }
        }
        return try body()
    }
}

/// Why the simulation itself, not one of its devices, could not do what it was asked.
public struct SimulationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// In words, with the folder or device.
    public let message: String

    /// Trouble with the simulation.
    public init(_ message: String) { self.message = message }

    /// The message.
    public var description: String { message }
}
