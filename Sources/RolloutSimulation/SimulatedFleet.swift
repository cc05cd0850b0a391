internal import Foundation
public import RolloutEngine

/// A fleet that exists only in a folder, where processes that open it see the same devices, also after one of them was killed;
/// or only in memory.
///
/// In a folder its state is one file that is replaced as a whole, under a lock that the system takes back when a process dies.
/// Reading writes nothing: what time did since the last change is worked out anew each time.
public struct SimulatedFleet: Sendable {
    /// Where it is kept, in words.
    public let place: String
    let clock: any EngineClock
    private let storage: any FleetStorage

    private init(place: String, storage: any FleetStorage, clock: any EngineClock) {
        self.place = place
        self.storage = storage
        self.clock = clock
    }

    /// Makes a fleet of an inventory's devices in memory.
    ///
    /// - Parameter observer: Told of every change that is made from outside: a device before and after it.
    /// - Throws: `SimulationError` for variables that cannot be understood.
    public static func inMemory(
        _ inventory: Inventory, clock: any EngineClock,
        observer: @escaping @Sendable (_ before: SimulatedDevice, _ after: SimulatedDevice, Instant) -> Void = {
            _, _, _ in
        }
    ) throws(SimulationError) -> SimulatedFleet {
        let state: FleetState
        do { state = try FleetState(of: inventory, at: clock.now()) } catch { throw SimulationError("\(error)") }
        return inMemory(state, clock: clock, observer: observer)
    }

    /// Makes a fleet in memory from its state.
    static func inMemory(
        _ state: FleetState, clock: any EngineClock,
        observer: @escaping @Sendable (SimulatedDevice, SimulatedDevice, Instant) -> Void
    ) -> SimulatedFleet {
        SimulatedFleet(place: "memory", storage: FleetMemory(state, observer: observer), clock: clock)
    }

    /// Makes a fleet of an inventory's devices in a folder, which is created.
    ///
    /// - Throws: `SimulationError` when there is a fleet already, or for variables that cannot be understood.
    public static func create(folder: String, inventory: Inventory, clock: any EngineClock) throws(SimulationError)
        -> SimulatedFleet
    {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw SimulationError("the folder \(folder) cannot be created: \(error.localizedDescription)")
        }
        let state: FleetState
        do { state = try FleetState(of: inventory, at: clock.now()) } catch { throw SimulationError("\(error)") }
        let storage = FleetFolder(folder)
        try storage.create(state)
        return SimulatedFleet(place: folder, storage: storage, clock: clock)
    }

    /// Opens the fleet in a folder.
    ///
    /// - Throws: `SimulationError` when there is none.
    public static func open(folder: String, clock: any EngineClock) throws(SimulationError) -> SimulatedFleet {
        let fleet = SimulatedFleet(place: folder, storage: FleetFolder(folder), clock: clock)
        _ = try fleet.state()
        return fleet
    }

    /// The fleet as it is now.
    public func state() throws(SimulationError) -> FleetState { try storage.state(at: clock.now()) }

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

    /// Takes one fault away.
    public func heal(_ name: DeviceName, of fault: Fault) throws(SimulationError) {
        try change(name) { device, _ in device.faults.removeAll { $0.fault == fault } }
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
                throw SimulationError("there is no link \(name) in the simulated fleet in \(place)")
            }
            body(&state.links[index])
        }
    }

    private func change(_ name: DeviceName, _ body: (inout SimulatedDevice, Instant) -> Void) throws(SimulationError) {
        try update { state throws(SimulationError) in
            let index = try index(of: name, in: state)
            let wasDown = state.devices[index].activeFaults.contains(.interfaceDown)
            body(&state.devices[index], state.settledAt)
            let isDown = state.devices[index].activeFaults.contains(.interfaceDown)
            if isDown != wasDown { state.devices[index].linkChangedAt = state.settledAt }
        }
    }

    private func index(of name: DeviceName, in state: FleetState) throws(SimulationError) -> Int {
        guard let index = state.index(of: name) else {
            throw SimulationError("there is no device \(name) in the simulated fleet in \(place)")
        }
        return index
    }

    /// Changes the fleet as it is now; others see all of it or nothing. A thrown error changes nothing.
    func update<Value, Failure: Error>(_ body: (inout FleetState) throws(Failure) -> Value) throws(SimulationError)
        -> Result<Value, Failure>
    {
        var result: Result<Value, Failure>?
        try storage.update(at: clock.now()) { state in
            let outcome = Result { () throws(Failure) in try body(&state) }
            result = outcome
            if case .success = outcome { return true }
            return false
        }
        guard let result else { throw SimulationError("the simulated fleet in \(place) was not changed") }
        return result
    }

    private func update(_ body: (inout FleetState) throws(SimulationError) -> Void) throws(SimulationError) {
        let result: Result<Void, SimulationError> = try update(body)
        try result.get()
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
