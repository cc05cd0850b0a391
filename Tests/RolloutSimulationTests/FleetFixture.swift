import Foundation
import RolloutEngine
import RolloutSimulation

/// A fleet of two devices behind one link, its clock, and everything that speaks to it.
final class FleetFixture {
    let folder = NSTemporaryDirectory() + "rollout-fleet-" + UUID().uuidString
    let clock = ManualClock()
    let fleet: SimulatedFleet
    let driver: SimulatedDriver
    let counters: SimulatedCounterSource
    let scope = ConfigScope(interfaces: ["e0"])

    init() throws {
        fleet = try SimulatedFleet.create(folder: folder, inventory: Self.inventory(), clock: clock)
        driver = SimulatedDriver(fleet)
        counters = SimulatedCounterSource(fleet)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// 20 Mbit each, with 35 Mbit of demand, behind a link of 100 Mbit.
    static func inventory(demand: Variable = .text("35Mbit")) -> Inventory {
        let devices = (1...2).map { number in
            Device(
                name: DeviceName(rawValue: "gra-eco-0\(number)"), address: "198.51.100.\(number)",
                platform: "simulated",
                range: "eco", datacentre: "gra", links: ["gra-core-1"], interfaces: ["e0"],
                variables: ["bandwidth": .text("20Mbit"), "demand": demand])
        }
        let link = Link(
            name: "gra-core-1", capacity: BitsPerSecond(100_000_000),
            counters: LinkCounters(address: "198.51.100.254", interface: "up0"))
        return Inventory(
            name: "lab", devices: devices, links: [link],
            datacentres: [Datacentre(name: "gra", timeZone: "Europe/Paris")],
            ranges: ["eco"])
    }

    var device: Device { Self.inventory().devices[0] }

    /// What the simulation knows about the first device.
    func truth() throws -> SimulatedDevice { try fleet.device("gra-eco-01") }

    func observe() async throws -> Observation { try await driver.observe(device, scope: scope, within: .seconds(5)) }

    /// An order to go from what the device holds now to a rate.
    func order(megabits: UInt64 = 40, mark: String = "rollout-1-gra-eco-01") async throws -> PushOrder {
        let base = try await observe().config
        return PushOrder(
            device: device, base: base, desired: try render(megabits, onto: base), mark: mark,
            revertAfter: .minutes(10),
            limit: .seconds(30))
    }

    func render(_ megabits: UInt64, onto base: DeviceConfig) throws -> DeviceConfig {
        let intent = ResolvedIntent.shape(
            interface: "e0", rate: BitsPerSecond(megabits * 1_000_000), burst: ByteCount(65_536), trafficClass: nil)
        return try driver.render([intent], onto: base, for: device)
    }

    func sample() async -> CounterSample {
        await counters.sample(
            WatchedAgent(
                subject: .device(device.name), address: device.address, interfaces: ["e0"],
                snmp: SNMPSettings(retries: 0)))
    }

    func sampleLink() async -> CounterSample {
        await counters.sample(
            WatchedAgent(
                subject: .link("gra-core-1"), address: "198.51.100.254", interfaces: ["up0"],
                snmp: SNMPSettings(retries: 0)))
    }

    /// The bits a second that left the device, or the link, between two samples of ten seconds' distance.
    func rate(_ sample: () async -> CounterSample) async -> UInt64 {
        let before = await sample()
        clock.advance(by: .seconds(10))
        let after = await sample()
        guard let first = before.interfaces.first?.outOctets?.value, let last = after.interfaces.first?.outOctets?.value
        else { return .max }
        return (last - first) * 8 / 10
    }
}

/// The error that a driver's call ends with, or nil when it succeeds.
func trouble(_ call: () async throws -> Void) async -> DriverError? {
    do {
        try await call()
        return nil
    } catch {
        return error as? DriverError
    }
}
