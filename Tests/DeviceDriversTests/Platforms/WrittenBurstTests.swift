import ConsoleDevices
import DeviceDrivers
import RolloutEngine
import Testing

@Suite("Bursts that somebody wrote down")
struct WrittenBurstTests {
    @Test(
        "where a platform cannot be told a burst, the device is left out, and it is said where that stands and what to do",
        arguments: CLIDriverTests.platforms)
    func leftOut(_ platform: ConsolePlatform) async throws {
        let bench = ConsoleBench(platform)
        let driver = try bench.driver()
        guard case .skip(let skipped) = await bench.survey(by: driver, burst: "4MiB").finding else {
            Issue.record("it was planned without its burst")
            return
        }
        #expect(skipped.reason == .refused)
        #expect(skipped.detail.hasPrefix("policies/double.yaml:4:60: burst 4MiB for \(bench.interface) of edge-1: "))
        #expect(skipped.detail.hasSuffix("write 'burst: auto', or leave it out"), "\(skipped.detail)")
        // What the rate needs is the platform's affair.
        for auto in ["auto", "{{ bucket|default:\"auto\" }}"] {
            guard case .target = await bench.survey(by: driver, burst: auto).finding else {
                Issue.record("it was left out for 'burst: \(auto)'")
                return
            }
        }
    }

    @Test("a definition that has {burst} can be told one")
    func told() throws {
        let bench = ConsoleBench(.juniperJunos)
        var definition = try #require(try PlatformLibrary().definition(named: bench.device.platform))
        definition.shaping[0].lines.append(["set class-of-service interfaces {interface} burst-size {burst}"])
        let driver = try CLIDriver(definition, over: bench, secrets: bench, settling: .milliseconds(1))
        #expect(driver.setsBurst(of: bench.interface))
    }
}
