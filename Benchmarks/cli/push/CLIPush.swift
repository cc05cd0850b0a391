import DeviceDrivers
import Foundation
import RolloutEngine

/// Shapes ten interfaces of N played Arista switches, WINDOW at a time: what `peer.py` does, and no more than that. Each is pushed to on
/// one session and confirmed on a second; no plan is made and no journal written.
///
/// Reads BENCH_DIR (with hosts, userkey and known_hosts), PORT, WINDOW and BENCH_ENABLE.
@main
struct CLIPush {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let folder = environment["BENCH_DIR"], let port = environment["PORT"].flatMap({ Int($0) }),
            let window = environment["WINDOW"].flatMap({ Int($0) })
        else {
            FileHandle.standardError.write(Data("set BENCH_DIR, PORT and WINDOW\n".utf8))
            exit(64)
        }
        let settings = SSHSettings(
            port: port, keyFile: folder + "/userkey", knownHosts: folder + "/known_hosts",
            connectTimeout: .seconds(60), commandTimeout: .seconds(60), enablePassword: .environment("BENCH_ENABLE"))
        let devices = try String(contentsOfFile: folder + "/hosts", encoding: .utf8).split(separator: "\n").map {
            line in
            let words = line.split(separator: " ").map(String.init)
            return Device(
                name: DeviceName(rawValue: words[1]), address: words[0], platform: "arista_eos", range: "bench",
                datacentre: "bench", ssh: settings)
        }
        let secrets = EnvironmentAndFileSecrets()
        guard let first = devices.first, let definition = try PlatformLibrary().definition(named: "arista_eos") else {
            exit(64)
        }
        let driver = try CLIDriver(definition, over: SSHTransport(secrets: secrets), secrets: secrets)
        let names = (1...10).map { "Ethernet\($0)" }
        // All of them hold the same.
        let base = try await driver.observe(first, scope: ConfigScope(interfaces: names), within: .seconds(60)).config
        let intents = names.map {
            ResolvedIntent.shape(
                interface: $0, rate: BitsPerSecond(100_000_000), burst: ByteCount(1 << 20), trafficClass: nil)
        }
        let desired = try driver.render(intents, onto: base, for: first)
        let good = await withTaskGroup(of: Bool.self) { group in
            var good = 0
            for (index, device) in devices.enumerated() {
                if index >= window, await group.next() == true { good += 1 }
                group.addTask {
                    await change(
                        PushOrder(
                            device: device, base: base, desired: desired, mark: "bench-change",
                            revertAfter: .minutes(10),
                            limit: .minutes(2)), by: driver)
                }
            }
            for await isGood in group where isGood { good += 1 }
            return good
        }
        exit(good == devices.count ? 0 : 1)
    }

    private static func change(_ order: PushOrder, by driver: CLIDriver) async -> Bool {
        do {
            _ = try await driver.push(order)
            return try await driver.confirm(order).pendingRevert == nil
        } catch {
            FileHandle.standardError.write(Data("\(order.device.address): \(error)\n".utf8))
            return false
        }
    }
}
