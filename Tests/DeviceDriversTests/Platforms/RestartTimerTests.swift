import ConsoleDevices
import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("Revert timers that restart the device")
struct RestartTimerTests {

    private func ordered() async throws -> (ConsoleBench, CLIDriver, PushOrder) {
        try await CLIDriverTests.ordered(.ciscoIOSXE, definedBy: "cisco_ios_reload")
    }

    @Test(
        "a change lives: the restart is scheduled before its first line, called off by the confirmation, and it is saved"
    )
    func life() async throws {
        let (bench, driver, order) = try await ordered()
        let pushed = try await driver.push(order)
        #expect(pushed.config.isEquivalent(to: order.desired))
        #expect(pushed.pendingRevert?.mark == order.mark)
        let left = try #require(pushed.pendingRevert?.remaining)
        #expect(left > .minutes(4) && left <= .minutes(5), "\(left)")
        let armed = try #require(bench.typed.firstIndex(of: "reload in 5 rollout-217-edge-1"))
        let shown = try #require(bench.typed[armed...].firstIndex(of: "show reload"))
        let changed = try #require(bench.typed.firstIndex { $0.contains("service-policy output ROLLOUT") })
        #expect(armed < shown && shown < changed, "\(bench.typed)")
        #expect(bench.rate == ConsoleBench.whole && bench.storage.device.isArmed)
        #expect(bench.storage.device.startup != bench.storage.device.running)
        let confirmed = try await driver.confirm(order)
        #expect(confirmed.pendingRevert == nil && confirmed.config.isEquivalent(to: order.desired))
        #expect(bench.storage.device.startup == bench.storage.device.running)
        bench.pass(.minutes(60))
        _ = try await driver.confirm(order)
        #expect(bench.rate == ConsoleBench.whole && bench.storage.device.restarts == 0)
    }

    @Test("nobody confirms: the device starts anew with what it had saved")
    func revert() async throws {
        let (bench, driver, order) = try await ordered()
        _ = try await driver.push(order)
        bench.pass(.minutes(6))
        let error = await #expect(throws: DriverError.self) { try await driver.confirm(order) }
        #expect(error?.code == .verifyMismatch)
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.rate == ConsoleBench.half && bench.storage.device.restarts == 1)
    }

    @Test(
        "a plan knows how long a device may need to be back: what it rounds the timer up to, and the time to start",
        arguments: [
            (.ciscoIOSXE, "cisco_ios_reload", .minutes(2), .minutes(15)), (.ciscoNXOS, "cisco_nxos", .minutes(3), nil),
            (.sonic, "sonic", nil, nil), (.juniperJunos, "juniper_junos", nil, nil),
        ] as [(ConsolePlatform, PlatformName, Timespan?, Timespan?)])
    func planned(
        _ platform: ConsolePlatform, _ definition: PlatformName, _ timer: Timespan?, _ restart: Timespan?
    ) async throws {
        let bench = ConsoleBench(platform, definedBy: definition)
        guard case .target(let target) = await bench.survey(by: try bench.driver()).finding else {
            Issue.record("it was not planned")
            return
        }
        #expect(target.revertTimer == timer && target.restartTakes == restart)
    }

    @Test("while it starts it is out of reach, and then it is back")
    func starting() async throws {
        let (bench, driver, order) = try await ordered()
        bench.storage.faults.bootSeconds = 240
        _ = try await driver.push(order)
        bench.pass(.minutes(6))
        for call in [driver.rollBack, driver.confirm] as [(PushOrder, Permit) async throws(DriverError) -> Observation]
        {
            let error = await #expect(throws: DriverError.self) { try await call(order, .always) }
            #expect(error?.code == .unreachable && error?.effect == DriverError.Effect.none)
        }
        bench.pass(.minutes(4))
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.rate == ConsoleBench.half && bench.storage.device.restarts == 1)
    }

    @Test("rolled back in its time, the lines back are sent, and only then the restart is called off")
    func rollBack() async throws {
        let (bench, driver, order) = try await ordered()
        let before = bench.storage.device.runningText
        _ = try await driver.push(order)
        let start = bench.typed.count
        let back = try await driver.rollBack(order)
        #expect(back.config.isEquivalent(to: order.base) && back.pendingRevert == nil)
        let typed = bench.typed[start...]
        let lines = try #require(typed.firstIndex { $0.contains("service-policy output SHAPE") })
        let end = try #require(typed.firstIndex(of: "reload cancel"))
        #expect(lines < end, "\(typed)")
        #expect(bench.storage.device.runningText == before)
        bench.pass(.minutes(60))
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.restarts == 0)
        // After its confirmation as well.
        let again = try await CLIDriverTests.order(at: bench).1
        _ = try await driver.push(again)
        _ = try await driver.confirm(again)
        #expect(try await driver.rollBack(again).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.startup == bench.storage.device.running)
    }

    @Test("what runs is not what was saved: refused with what to do, and nothing is sent")
    func unsaved() async throws {
        let (bench, driver, order) = try await ordered()
        try bench.type(["enable", "enable", "configure terminal", "ntp server 192.0.2.99", "end"])
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .unsupported && error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("write memory") == true, "\(error?.message ?? "")")
        #expect(!bench.storage.device.isArmed)
    }

    @Test("what is changed behind our back between asking and arming is noticed, and the restart is called off")
    func changedMeanwhile() async throws {
        let (bench, driver, order) = try await ordered()
        bench.before("reload in") { [bench] _ in
            try? bench.type(["enable", "enable", "configure terminal", "ntp server 192.0.2.99", "end"])
        }
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .drifted && error?.effect == .possible)
        #expect(error?.message.contains("what runs is not what was saved") == true, "\(error?.message ?? "")")
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(!bench.storage.device.isArmed && bench.storage.device.runningText.contains("192.0.2.99"))
    }

    @Test("somebody else's restart is not ours: nothing is sent, and it stays")
    func foreign() async throws {
        let (bench, driver, order) = try await ordered()
        try bench.type(["enable", "enable", "reload in 30", "y"])
        #expect(bench.storage.device.isArmed)
        for call in [driver.push, driver.rollBack] as [(PushOrder, Permit) async throws(DriverError) -> Observation] {
            let error = await #expect(throws: DriverError.self) { try await call(order, .always) }
            #expect(error?.code == .timerNotArmed && error?.effect == DriverError.Effect.none)
            #expect(error?.message.contains("Reload Command") == true, "\(error?.message ?? "")")
        }
        #expect(bench.storage.device.isArmed && bench.rate == ConsoleBench.half)
    }

    @Test("the wire is cut at any command of a push: the device is as it was, or starts anew")
    func cuts() async throws {
        try await CLIFaultTests.push(to: .ciscoIOSXE, definedBy: "cisco_ios_reload") { bench, number in
            bench.hangUp(atLine: number)
        }
    }

    @Test("the wire is cut at any command of a way back: asked again it is back, and no restart waits")
    func cutsOnTheWayBack() async throws {
        var wasCut = 0
        for number in 1...60 {
            let (bench, driver, order) = try await ordered()
            _ = try await driver.push(order)
            bench.hangUp(atLine: number)
            do throws(DriverError) {
                _ = try await driver.rollBack(order)
                break
            } catch {
                wasCut += 1
                #expect(error.code == .connectionLost, "\(number): \(error)")
            }
            #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base), "cut at command \(number)")
            #expect(!bench.storage.device.isArmed && bench.rate == ConsoleBench.half, "cut at command \(number)")
        }
        #expect(wasCut >= 8)
    }
}
