import ConsoleDevices
import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("Revert timers that are jobs in the device's own scheduler")
struct ScheduledTimerTests {
    static let platforms: [ConsolePlatform] = [.ciscoNXOS, .mikrotikRouterOS]
    /// The last line of arming, and the first of the change.
    private static let lastOfArming: [ConsolePlatform: String] = [
        .ciscoNXOS: "checkpoint rollout", .mikrotikRouterOS: "start-time=startup",
    ]
    private static let ofChange: [ConsolePlatform: String] = [
        .ciscoNXOS: "shape min", .mikrotikRouterOS: "max-limit=1000000000",
    ]

    @Test("a window over midnight, the end of the year and of February", arguments: platforms)
    func midnight(_ platform: ConsolePlatform) async throws {
        // 2026-12-31 23:58:30, 2028-02-28 23:58:30, both UTC.
        for (start, due) in [(1_798_761_510_000, "2027:01:01:00:04"), (1_835_395_110_000, "2028:02:29:00:04")] {
            var (bench, driver, order) = try await CLIDriverTests.ordered(platform, at: start)
            let pushed = try await driver.push(order)
            let left = try #require(pushed.pendingRevert?.remaining)
            #expect(left >= .minutes(5) && left <= .minutes(6), "\(left)")
            if platform == .ciscoNXOS { #expect(bench.typed.contains("time start \(due)")) }
            bench.pass(.seconds(299))
            #expect(try await !bench.isBack(of: order, by: driver))
            #expect(bench.rate == ConsoleBench.whole)
            bench.pass(.seconds(32))
            #expect(try await bench.isBack(of: order, by: driver))
            (bench, driver, order) = try await CLIDriverTests.ordered(platform, at: start)
            _ = try await driver.push(order)
            bench.pass(.minutes(2))
            _ = try await driver.confirm(order)
            bench.pass(.minutes(60 * 24 * 2))
            _ = try await driver.confirm(order)
            #expect(bench.rate == ConsoleBench.whole)
        }
    }

    @Test("a clock that is wrong is as good as any other", arguments: platforms, [-86_400 * 400, 5000, 86_400 * 900])
    func wrongClock(_ platform: ConsolePlatform, _ offset: Int) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        bench.storage.faults.clockOffset = offset
        _ = try await driver.push(order)
        bench.pass(.seconds(299))
        #expect(try await !bench.isBack(of: order, by: driver))
        bench.pass(.seconds(61))
        #expect(try await bench.isBack(of: order, by: driver))
    }

    @Test("a clock that was never set guards nothing: it is said, and nothing is sent", arguments: platforms)
    func unsetClock(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        bench.storage.faults.clockOffset = 200 - bench.now.milliseconds / 1000
        let before = bench.storage.device.runningText
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .unsupported)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(
            error?.message.contains("clock was never set: it shows 1970-01-01 00:03") == true, "\(error?.message ?? "")"
        )
        #expect(bench.storage.device.runningText == before)
        #expect(!bench.storage.device.isArmed)
    }

    @Test(
        "a clock that is set back while the job is made: it would come too late, and is found out", arguments: platforms
    )
    func setBack(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        let before = bench.storage.device.runningText
        bench.before(try #require(Self.lastOfArming[platform])) { $0.faults.clockOffset = -3600 }
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .timerNotArmed)
        #expect(error?.message.contains("waits for 1h") == true, "\(error?.message ?? "")")
        #expect(bench.rate == ConsoleBench.half)
        _ = try await driver.rollBack(order)
        #expect(bench.storage.device.runningText == before)
        #expect(!bench.storage.device.isArmed)
    }

    @Test("a clock that is set ahead amid the change: the job ran, and that is found out", arguments: platforms)
    func setAhead(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        let before = bench.storage.device.runningText
        bench.before(try #require(Self.ofChange[platform])) { $0.faults.clockOffset = 7200 }
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .timerNotArmed)
        #expect(error?.effect == .possible)
        // The line came after the job: nothing puts it back but we.
        #expect(bench.rate == ConsoleBench.whole)
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
    }

    @Test("a clock that is set ahead in the window: the device is back before it is confirmed", arguments: platforms)
    func setAheadLater(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        _ = try await driver.push(order)
        bench.storage.faults.clockOffset = 7200
        let error = await #expect(throws: DriverError.self) { try await driver.confirm(order) }
        #expect(error?.code == .verifyMismatch)
        #expect(bench.rate == ConsoleBench.half)
    }

    @Test("a restart in the window brings the base back", arguments: platforms)
    func restart(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        let before = bench.storage.device.runningText
        _ = try await driver.push(order)
        if platform == .ciscoNXOS {
            try bench.type(["reload", "y"])
        } else {
            try bench.type(["/system reboot"], key: "y")
        }
        bench.pass(.seconds(4))
        #expect(try await bench.isBack(of: order, by: driver))
        #expect(bench.rate == ConsoleBench.half)
        _ = try await driver.rollBack(order)
        #expect(bench.storage.device.runningText == before)
        // Once more, to see that nothing is in the way.
        _ = try await driver.push(order)
        _ = try await driver.confirm(order)
        #expect(bench.rate == ConsoleBench.whole)
    }

    @Test(
        "a job that is there and would not work is found out before the first line",
        arguments: [
            (ConsolePlatform.ciscoNXOS, "rollback running-config"), (.mikrotikRouterOS, "source="),
            (.mikrotikRouterOS, "boot-"),
        ])
    func hollowJob(_ platform: ConsolePlatform, _ lost: String) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        bench.storage.faults.swallow = [lost]
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .timerNotArmed)
        #expect(error?.message.contains("would not work") == true, "\(error?.message ?? "")")
        #expect(bench.rate == ConsoleBench.half)
    }

    @Test("jobs that ran do not pile up", arguments: platforms)
    func spent(_ platform: ConsolePlatform) async throws {
        var (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        let before = bench.storage.device.runningText
        // More than a device has checkpoints.
        for number in 1...12 {
            order.mark = "rollout-\(number)-0123456789ab"
            _ = try await driver.push(order)
            bench.pass(.minutes(7))
            #expect(try await bench.isBack(of: order, by: driver))
        }
        _ = try await driver.rollBack(order)
        #expect(bench.storage.device.runningText == before)
        _ = bench
    }

    @Test("a confirmation that was cut off is made whole by the next", arguments: platforms)
    func cutConfirmation(_ platform: ConsolePlatform) async throws {
        var wasCut = 0
        for number in 1...40 {
            let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
            _ = try await driver.push(order)
            bench.storage.faults.dropAtCommand = number
            bench.storage.faults.dropTimes = 1
            do throws(DriverError) {
                _ = try await driver.confirm(order)
                break
            } catch { wasCut += 1 }
            #expect(try await driver.confirm(order).config.isEquivalent(to: order.desired), "\(number)")
            bench.pass(.minutes(60))
            #expect(!bench.storage.device.runningText.contains("rollout-"), "\(number)")
            #expect(bench.rate == ConsoleBench.whole, "\(number)")
        }
        #expect(wasCut >= 8)
    }

    @Test("what is in force is not planned again", arguments: CLIDriverTests.platforms)
    func idempotent(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        _ = try await driver.push(order)
        _ = try await driver.confirm(order)
        let seen = try await driver.observe(bench.device, scope: order.scope, within: .seconds(20)).config
        let intent = ResolvedIntent.shape(
            interface: bench.interface, rate: ConsoleBench.whole, burst: ByteCount(1 << 20), trafficClass: nil)
        #expect(try driver.render([intent], onto: seen, for: bench.device).isEquivalent(to: seen))
        #expect(seen.digest == order.desired.digest)
    }

    @Test("without the scheduler, a switch is not changed, and says what it lacks")
    func withoutScheduler() async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.ciscoNXOS)
        try bench.type(["configure terminal", "no feature scheduler", "end"])
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .unsupported)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("feature scheduler") == true)
        #expect(bench.rate == ConsoleBench.half)
    }

    @Test(
        "an interface that something else shapes, or that is shaped in part, is left alone",
        arguments: [
            ("/queue simple add name=second target=ether1 max-limit=1M/1M", "/queue simple as well: add"),
            ("/queue tree add name=second parent=ether1 max-limit=1M", "cannot put back"),
            ("/queue tree set [find name=shape-ether1] packet-mark=voice", "cannot put back"),
            ("/queue tree set [find name=shape-ether1] disabled=yes", "cannot put back"),
        ])
    func rivals(_ line: String, _ words: String) async throws {
        let bench = ConsoleBench(.mikrotikRouterOS)
        let driver = try bench.driver()
        try bench.type([line])
        let scope = ConfigScope(interfaces: [bench.interface])
        let seen = try await driver.observe(bench.device, scope: scope, within: .seconds(20)).config
        let intent = ResolvedIntent.shape(
            interface: bench.interface, rate: ConsoleBench.whole, burst: ByteCount(1), trafficClass: nil)
        let error = #expect(throws: DriverError.self) { try driver.render([intent], onto: seen, for: bench.device) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("an interface that nothing shapes yet gets a queue of its own, and loses it again")
    func made() async throws {
        let bench = ConsoleBench(.mikrotikRouterOS)
        try bench.type(["/queue tree remove [find name=shape-ether1]"])
        let before = bench.storage.device.runningText
        let (driver, order) = try await CLIDriverTests.order(at: bench)
        #expect(order.base.shapedRate(of: bench.interface) == nil)
        _ = try await driver.push(order)
        #expect(bench.rate == ConsoleBench.whole)
        #expect(bench.storage.device.runningText.contains("name=ROLLOUT-ether1"))
        bench.pass(.minutes(6))
        #expect(try await bench.isBack(of: order, by: driver))
        #expect(bench.storage.device.runningText == before)
    }
}

@Suite("What a device's clock shows")
struct DeviceClockTests {
    private func clock(_ platform: PlatformName, _ lines: String...) throws -> DeviceClock? {
        let definition = try #require(try PlatformLibrary().definition(named: platform))
        return DeviceClock(try #require(definition.revertTimer?.job).reading, in: lines)
    }

    @Test("is read as each platform writes it")
    func reading() throws {
        let time = DeviceClock(seconds: 1_795_725_296)
        #expect(try clock("cisco_nxos", "20:34:56.789 UTC Thu Nov 26 2026", "Time source is NTP") == time)
        #expect(
            try clock("cisco_nxos", "Warning: No NTP peer/server configured.", "*20:34:56.789 CET Thu Nov 26 2026")
                == time)
        #expect(try clock("cisco_nxos", "20:34:56.789 UTC Thu Feb 30 2026") == nil)
        #expect(try clock("cisco_nxos", "Time source is NTP") == nil)
        #expect(try clock("mikrotik_routeros", "         time: 20:34:56", "         date: 2026-11-26") == time)
        #expect(try clock("mikrotik_routeros", "         time: 20:34:56", "         date: nov/26/2026") == time)
        #expect(time.text == "2026-11-26 20:34:56")
        #expect(time.isSet)
        #expect(!DeviceClock(seconds: 1_500_000_000).isSet)
    }

    @Test("a time that is due is rounded up to what can be said, never down")
    func due() {
        let time = DeviceClock(seconds: 1_795_725_296)
        #expect(time.advanced(by: .minutes(5), upTo: .minutes(1)).text == "2026-11-26 20:40:00")
        #expect(time.advanced(by: .seconds(4), upTo: .minutes(1)).text == "2026-11-26 20:35:00")
        #expect(time.advanced(by: .minutes(5), upTo: .seconds(1)).text == "2026-11-26 20:39:56")
        #expect(time.advanced(by: .minutes(206), upTo: .minutes(1)).text == "2026-11-27 00:01:00")
        #expect(time.span(until: DeviceClock(seconds: time.seconds - 5)) == .seconds(-5))
    }
}
