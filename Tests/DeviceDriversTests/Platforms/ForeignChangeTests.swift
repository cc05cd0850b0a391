import ConsoleDevices
import RolloutEngine
import Testing

@testable import DeviceDrivers

/// What somebody else changes between push and confirmation, beside the shaping: our confirmation would keep it, and save it.
@Suite("Somebody else's change in the window")
struct ForeignChangeTests {
    /// Those that do not refuse others meanwhile, and do not say in their configuration who changed it.
    static let platforms: [ConsolePlatform] = [.aristaEOS, .ciscoNXOS, .mikrotikRouterOS, .sonic]
    private static let sessions: [ConsolePlatform: [String]] = [
        .aristaEOS: ["enable", "enable", "configure terminal", "ntp server 10.9.9.9", "end"],
        .ciscoNXOS: ["configure terminal", "ntp server 10.9.9.9", "end"],
        .mikrotikRouterOS: ["/system ntp client servers add address=10.9.9.9"],
        .ciscoIOSXE: ["enable", "enable", "configure terminal", "ntp server 10.9.9.9", "end"],
        .sonic: ["sonic-cli", "configure terminal", "ntp server 10.9.9.9", "end"],
    ]
    private static let theirs = "10.9.9.9"

    private func change(_ bench: ConsoleBench) throws {
        try bench.type(Self.sessions[bench.storage.device.platform] ?? [], key: "")
        #expect(bench.storage.device.runningText.contains(Self.theirs))
    }

    @Test(
        "it is found before it is confirmed, with who did it and what; nothing is confirmed or saved",
        arguments: platforms)
    func found(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        _ = try await driver.push(order)
        try change(bench)
        let error = await #expect(throws: DriverError.self) { try await driver.confirm(order) }
        #expect(error?.code == .interfered)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("user 'monitor'") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(Self.theirs) == true, "\(error?.message ?? "")")
        #expect(bench.storage.device.isArmed)
        // What becomes of theirs when the device goes back is said, and so it is.
        let staysThen = platform == .mikrotikRouterOS || platform == .sonic
        #expect(error?.message.contains("going back takes that back as well") == !staysThen, "\(error?.message ?? "")")
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText.contains(Self.theirs) == staysThen)
    }

    @Test("another process, which read nothing back, goes by the device's own record", arguments: platforms)
    func anotherProcess(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        try change(bench)
        try bench.type(Self.undone[platform] ?? [], key: "")
        _ = try await driver.push(order)
        // What was before our change is no concern of ours.
        let seen = try await bench.driver().observe(order.device, scope: order.scope, within: .seconds(20))
        #expect(seen.pendingRevert?.mark == order.mark)
        try change(bench)
        let error = await #expect(throws: DriverError.self) { try await bench.driver().confirm(order) }
        #expect(error?.code == .interfered, "\(error?.message ?? "")")
        #expect(error?.message.contains("user 'monitor'") == true, "\(error?.message ?? "")")
        #expect(bench.storage.device.isArmed)
    }

    private static let undone: [ConsolePlatform: [String]] = [
        .aristaEOS: ["enable", "enable", "configure terminal", "no ntp server 10.9.9.9", "end"],
        .ciscoNXOS: ["configure terminal", "no ntp server 10.9.9.9", "end"],
        .mikrotikRouterOS: ["/system ntp client servers remove [find address=10.9.9.9]"],
        .sonic: ["sonic-cli", "configure terminal", "no ntp server 10.9.9.9", "end"],
    ]

    @Test("one that comes in before our change was read back is found by the device's own record", arguments: platforms)
    func beforeReadingBack(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        let line = platform == .mikrotikRouterOS ? Self.sessions[platform]?[0] : "ntp server 10.9.9.9"
        bench.storage.faults.foreignEdits = [.init(inWindow: [line ?? ""])]
        _ = try await driver.push(order)
        bench.storage.faults = ConsoleFaults()
        #expect(bench.storage.device.runningText.contains(Self.theirs))
        let error = await #expect(throws: DriverError.self) { try await driver.confirm(order) }
        #expect(error?.code == .interfered, "\(error?.message ?? "")")
        #expect(error?.message.contains("user 'monitor'") == true, "\(error?.message ?? "")")
    }

    @Test(
        "going back before anybody looked takes theirs along where the platform does, and says so once",
        arguments: [ConsolePlatform.aristaEOS, .ciscoNXOS, .ciscoIOSXE])
    func takenBack(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(platform)
        _ = try await driver.push(order)
        try change(bench)
        let evidence = await driver.collectEvidence(order.device, scope: order.scope, within: .seconds(20))
        #expect(evidence.items.last?.output.contains(Self.theirs) == true, "\(evidence.items.last?.output ?? "")")
        let error = await #expect(throws: DriverError.self) { try await driver.rollBack(order) }
        #expect(error?.code == .interfered)
        #expect(error?.message.contains("user 'monitor'") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(Self.theirs) == true)
        #expect(!bench.storage.device.isArmed)
        #expect(!bench.storage.device.runningText.contains(Self.theirs))
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
    }

    @Test(
        "time that passes, others who only look, and changes from before are no alarm, in this process or another",
        arguments: CLIDriverTests.platforms, [true, false])
    func noAlarm(_ platform: ConsolePlatform, _ isSameProcess: Bool) async throws {
        if platform == .ciscoIOSXR, !isSameProcess { return }
        let bench = ConsoleBench(platform)
        if Self.platforms.contains(platform) { try change(bench) }
        let (driver, order) = try await CLIDriverTests.order(at: bench)
        _ = try await driver.push(order)
        bench.pass(.seconds(200))
        try bench.type(
            [
                "enable", "enable", "show running-config", "display current-configuration", "/export", "sonic-cli",
                "show running-configuration",
            ], key: "")
        _ = try await (isSameProcess ? driver : bench.driver()).confirm(order)
        #expect(!bench.storage.device.isArmed)
        #expect(bench.rate == BitsPerSecond(1_000_000_000))
    }

    @Test("log messages that are asked for are shown as evidence, not taken for chatter")
    func logs() async throws {
        let (bench, driver, order) = try await CLIDriverTests.ordered(.aristaEOS)
        _ = try await driver.push(order)
        let evidence = await driver.collectEvidence(order.device, scope: order.scope, within: .seconds(20))
        let log = evidence.items.first { $0.title.hasPrefix("show logging") }
        #expect(log?.output.contains("SYS-5-CONFIG_SESSION_COMMIT_SUCCESS") == true, "\(log?.output ?? "")")
        #expect(bench.storage.device.isArmed)
    }
}
