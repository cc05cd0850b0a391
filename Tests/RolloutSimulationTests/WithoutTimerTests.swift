import RolloutEngine
import RolloutSimulation
import Synchronization
import Testing

/// Simulated devices that have no revert timer: what is pushed is in force for good, and saved only by a confirmation.
private final class BareDriver: DeviceDriver {
    let platforms: [PlatformName] = ["simulated"]
    let armsRevertTimer = false
    private let inner: SimulatedDriver
    private let saved = Mutex<[DeviceName: Int]>([:])

    init(_ fleet: SimulatedFleet) { inner = SimulatedDriver(fleet) }

    func timesSaved(_ device: DeviceName) -> Int { saved.withLock { $0[device, default: 0] } }

    func render(_ intents: [ResolvedIntent], onto base: DeviceConfig, for device: Device) throws(DriverError)
        -> DeviceConfig
    { try inner.render(intents, onto: base, for: device) }

    func observe(_ device: Device, scope: ConfigScope, within limit: Timespan) async throws(DriverError) -> Observation
    {
        try await inner.observe(device, scope: scope, within: limit)
    }

    func push(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        guard order.withoutTimer == true else { throw DriverError(.unsupported, "there is no timer", effect: .none) }
        _ = try await inner.push(order, permit: permit)
        // The simulated devices have timers; theirs is taken away at once.
        return try await inner.confirm(order, permit: permit)
    }

    func confirm(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        let seen = try await inner.confirm(order, permit: permit)
        saved.withLock { $0[order.device.name, default: 0] += 1 }
        return seen
    }

    func rollBack(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        try await inner.rollBack(order, permit: permit)
    }

    func collectEvidence(_ device: Device, scope: ConfigScope, within limit: Timespan) async -> Evidence {
        await inner.collectEvidence(device, scope: scope, within: limit)
    }
}

@Suite("A fleet without revert timers", .timeLimit(.minutes(10)))
struct WithoutTimerTests {
    private func night(_ rule: WithoutRevertTimer?, rate: String = "20Mbit") async throws -> (Night, BareDriver) {
        let night = try await Night(
            rate: rate, change: { $0.withoutRevertTimer = rule }, through: { BareDriver($0) })
        #expect(night.plan.plan.withoutRevertTimer.count == night.devices.count)
        return (night, BareDriver(night.fleet))
    }

    @Test("is changed where the policy allows it: each device once, looked at again, and saved")
    func allowed() async throws {
        let (night, driver) = try await night(.allow)
        let state = try await night.drive(through: driver)
        #expect(state.ending == .done, "\(state.pauses)")
        for device in night.devices {
            #expect(try night.fleet.device(device).running.shapedRate(of: "e0") == BitsPerSecond(20_000_000))
            #expect(try night.fleet.device(device).pushes.values.reduce(0, +) == 1)
            #expect(driver.timesSaved(device) == 1)
        }
    }

    @Test(
        "is left alone where it does not, even if somebody carries out the plan",
        arguments: [nil, WithoutRevertTimer.refuse])
    func refused(_ rule: WithoutRevertTimer?) async throws {
        let (night, driver) = try await night(rule)
        let state = try await night.drive(through: driver)
        #expect(state.ending == nil)
        #expect(state.isPaused)
        for device in night.devices { #expect(try night.fleet.device(device).writes == 0) }
        let canary = try #require(night.plan.plan.waves.first?.devices.first)
        #expect(state[canary].failure?.code == .unsupported)
    }

    @Test("is put back by a gate")
    func putBack() async throws {
        let (night, driver) = try await night(.allow, rate: "1Mbit")
        let state = try await night.drive(through: driver)
        #expect(state.ending == .rolledBack, "\(state.pauses)")
        for device in night.devices {
            #expect(try night.fleet.device(device).running.shapedRate(of: "e0") == BitsPerSecond(10_000_000))
        }
    }

    @Test(
        "is changed once and saved, whenever the runner dies", arguments: stride(from: 3, through: 45, by: 3).map { $0 }
    )
    func runnerDies(entries: Int) async throws {
        let (night, driver) = try await night(.allow)
        let lease = try await night.lease(holder: "doomed")
        _ = try? await night.drive(under: lease, through: driver) { entry in
            guard entry.sequence == entries else { return }
            night.loop.start {
                _ = try? await night.store.acquireLease(
                    of: night.id, holder: "killer", lasting: .minutes(10), steal: true, at: night.clock.now())
            }
        }
        let state = try await night.drive(through: driver)
        #expect(state.ending == .done, "\(state.pauses)")
        for device in night.devices {
            #expect(try night.fleet.device(device).running.shapedRate(of: "e0") == BitsPerSecond(20_000_000))
            #expect(try night.fleet.device(device).pushes.values.reduce(0, +) == 1, "\(device)")
            #expect(driver.timesSaved(device) >= 1, "\(device) was never saved")
        }
    }
}
