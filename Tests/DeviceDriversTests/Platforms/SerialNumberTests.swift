import ConsoleDevices
import DeviceDrivers
import RolloutEngine
import Testing

/// A device that was replaced by another that calls itself the same.
@Suite("Serial numbers")
struct SerialNumberTests {
    /// Those that say theirs.
    static let platforms: [ConsolePlatform] = [
        .aristaEOS, .juniperJunos, .ciscoIOSXE, .nokiaSRLinux, .vyos, .ciscoNXOS, .mikrotikRouterOS,
        .ciscoIOSXR, .huaweiVRP, .sonic,
    ]

    @Test("another device by the same name gets nothing", arguments: platforms)
    func replaced(_ platform: ConsolePlatform) async throws {
        let (_, _, made) = try await CLIDriverTests.ordered(platform)
        var order = made
        let other = ConsoleBench(platform, serial: "CON0000XXXX")
        order.device.serial = "CON2411A0B1"
        let before = other.storage.device.running
        let error = await #expect(throws: DriverError.self) { _ = try await other.driver().push(order) }
        #expect(error?.code == .wrongDevice && error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("'CON0000XXXX', expected is 'CON2411A0B1'") == true, "\(error?.message ?? "")")
        #expect(other.storage.device.running == before && !other.storage.device.isArmed)
        // The same device is pushed to, and confirmed.
        let same = ConsoleBench(platform)
        let driver = try same.driver()
        _ = try await driver.push(order)
        _ = try await driver.confirm(order)
        #expect(same.rate == BitsPerSecond(1_000_000_000))
    }

    @Test(
        "a plan is for the device that was read, and for none but the one that the inventory knows",
        arguments: platforms + [.nokiaSROS])
    func planned(_ platform: ConsolePlatform) async throws {
        let bench = ConsoleBench(platform)
        let driver = try bench.driver()
        let read = await bench.survey(by: driver)
        #expect(read.device.serial == "CON2411A0B1")
        var known = bench.device
        known.serial = "CON0000XXXX"
        guard case .skip(let skipped) = await bench.survey(known, by: driver).finding else {
            Issue.record("it was planned for another device")
            return
        }
        #expect(skipped.reason == .refused)
        #expect(skipped.detail == "it says its serial number is 'CON2411A0B1', expected is 'CON0000XXXX'")
    }

    @Test("a device that does not say its serial number is not the one that should have a certain one")
    func silent() async throws {
        let bench = ConsoleBench(.huaweiVRP, serial: "")
        let driver = try bench.driver()
        #expect(await bench.survey(by: driver).device.serial == nil)
        var known = bench.device
        known.serial = "CON2411A0B1"
        guard case .skip(let skipped) = await bench.survey(known, by: driver).finding else {
            Issue.record("it was planned for a device that nobody knows")
            return
        }
        #expect(skipped.detail == "it does not say its serial number, expected is 'CON2411A0B1'")
    }
}
