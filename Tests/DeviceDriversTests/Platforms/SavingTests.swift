import DeviceDrivers
import RolloutEngine
import Testing

@testable import ConsoleDevices

@Suite("Command lines whose commits do not outlive a restart by themselves")
struct SavingTests {
    /// What saves, on the platforms that save apart.
    static let saving: [ConsolePlatform: String] = [
        .aristaEOS: "copy running-config startup-config", .ciscoIOSXE: "write memory", .huaweiVRP: "save",
        .nokiaSRLinux: "save startup", .vyos: "save", .ciscoNXOS: "copy running-config startup-config",
        .sonic: "sonic-cli -c \"write memory\"",
    ]
    static let platforms = saving.keys.sorted { $0.rawValue < $1.rawValue }

    private struct WallClock: EngineClock {
        func now() -> Instant { Instant(milliseconds: 1_795_600_000_000) + uptime() }
        func uptime() -> Timespan {
            Timespan(milliseconds: Int64((ContinuousClock.now - Self.start) / .milliseconds(1)))
        }
        func sleep(until instant: Instant) async { try? await Task.sleep(for: (instant - now()).duration) }
        private static let start = ContinuousClock.now
    }

    private func restart(_ bench: ConsoleBench) throws {
        let now = bench.now
        try bench.storage.update { device, _ in device.restart(at: now) }
    }

    @Test("the tests know every platform that saves apart")
    func known() throws {
        for platform in CLIDriverTests.platforms {
            let definition = try PlatformLibrary().definition(named: PlatformName(rawValue: platform.rawValue))
            #expect(definition?.save?.commands == Self.saving[platform].map { [$0] }, "\(platform)")
        }
    }

    @Test(
        "the wire is cut between confirming and saving: asked, the device is confirmed once more, and a restart leaves it",
        arguments: platforms)
    func cutBeforeSaving(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        let performer = LocalStepPerformer(drivers: DriverRegistry([driver]), clock: WallClock())
        guard case .done = await performer.perform(.push, order, permit: .always) else {
            Issue.record("not pushed")
            return
        }
        bench.hangUp(at: try #require(Self.saving[platform]))
        guard case .failed(let error) = await performer.perform(.confirm, order, permit: .always) else {
            Issue.record("the wire was not cut")
            return
        }
        #expect(error.isTransient && error.effect == .possible)
        #expect(!bench.storage.device.isArmed && bench.rate == ConsoleBench.whole)
        #expect(bench.storage.device.startup != bench.storage.device.running)

        // What the engine does with a device in doubt: asks it, and confirms what is not yet confirmed.
        #expect(await performer.perform(.observe, order, permit: .always) == .found(.pendingTarget(nil)))
        #expect(await performer.perform(.confirm, order, permit: .always) == .done(revertsAt: nil))
        try restart(bench)
        #expect(bench.rate == ConsoleBench.whole)
        // It is always asked for once more, and that changes nothing.
        #expect(await performer.perform(.observe, order, permit: .always) == .found(.pendingTarget(nil)))
        let before = bench.storage.device.runningText
        #expect(await performer.perform(.confirm, order, permit: .always) == .done(revertsAt: nil))
        #expect(bench.storage.device.runningText == before)
    }

    @Test("a way back that was cut off before it was saved is saved by the next one", arguments: platforms)
    func cutBeforeSavingTheWayBack(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        _ = try await driver.push(order)
        _ = try await driver.confirm(order)
        bench.hangUp(at: try #require(Self.saving[platform]))
        await #expect(throws: DriverError.self) { try await driver.rollBack(order) }
        #expect(bench.storage.device.startup != bench.storage.device.running)
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        try restart(bench)
        #expect(bench.rate == BitsPerSecond(500_000_000))
    }

    @Test("where a commit is saved by itself, what holds the target is confirmed")
    func savedByItself() async throws {
        let (_, driver, order) = try await CLIDriverTests.ordered(.juniperJunos)
        let performer = LocalStepPerformer(drivers: DriverRegistry([driver]), clock: WallClock())
        _ = try await driver.push(order)
        _ = try await driver.confirm(order)
        #expect(await performer.perform(.observe, order, permit: .always) == .found(.target))
    }
}
