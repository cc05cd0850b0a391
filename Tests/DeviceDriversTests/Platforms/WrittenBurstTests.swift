import ConsoleDevices
import DeviceDrivers
import RolloutEngine
import Testing

@Suite("Bursts that somebody wrote down")
struct WrittenBurstTests {
    private struct Standstill: EngineClock {
        func now() -> Instant { Instant(milliseconds: 1_795_600_000_000) }
        func uptime() -> Timespan { .zero }
        func sleep(until instant: Instant) async {}
    }

    private func survey(_ bench: ConsoleBench, _ driver: CLIDriver, burst: String) async -> SurveyedDevice.Finding {
        let change = Change(
            name: "double",
            intents: [.shape(ShapingIntent(interface: bench.interface, egressRate: "1Gbit", burst: burst))])
        let survey = Survey(
            drivers: DriverRegistry([driver]), counters: SNMPCounterSource(secrets: bench) { Standstill().now() },
            clock: Standstill())
        let found = await survey.read(
            [bench.device], for: change,
            places: ["shape[0].burst": SourceLocation(file: "policies/double.yaml", line: 4, column: 60)], atOnce: 1,
            within: .seconds(20), progress: { _ in })
        return found[0].finding
    }

    @Test(
        "where a platform cannot be told a burst, the device is left out, and it is said where that stands and what to do",
        arguments: CLIDriverTests.platforms)
    func leftOut(_ platform: ConsolePlatform) async throws {
        let bench = ConsoleBench(platform)
        let driver = try bench.driver()
        guard case .skip(let skipped) = await survey(bench, driver, burst: "4MiB") else {
            Issue.record("it was planned without its burst")
            return
        }
        #expect(skipped.reason == .refused)
        #expect(skipped.detail.hasPrefix("policies/double.yaml:4:60: burst 4MiB for \(bench.interface) of edge-1: "))
        #expect(skipped.detail.hasSuffix("write 'burst: auto', or leave it out"), "\(skipped.detail)")
        // What the rate needs is the platform's affair.
        for auto in ["auto", "{{ bucket|default:\"auto\" }}"] {
            guard case .target = await survey(bench, driver, burst: auto) else {
                Issue.record("it was left out for 'burst: \(auto)'")
                return
            }
        }
    }

    @Test("a definition that has {burst} can be told one")
    func told() throws {
        let bench = ConsoleBench(.juniperJunos)
        var definition = try #require(try PlatformLibrary().definition(named: bench.device.platform))
        definition.shaping?.lines.append(["set class-of-service interfaces {interface} burst-size {burst}"])
        let driver = try CLIDriver(definition, over: bench, secrets: bench, settling: .milliseconds(1))
        #expect(driver.setsBurst(of: bench.interface))
    }
}
