import DeviceDrivers
import Foundation
import ProcessUsage
import RolloutEngine

/// Pushes to N addresses of one real sshd, WINDOW at a time: connect, key, one command that writes and reads back, close.
///
/// Reads BENCH_DIR (with hosts, userkey, hostkey.pub and out/), N, WINDOW, and if set USER_NAME, PORT, and PORTS: how many
/// ports from PORT on the addresses are spread over.
@main
struct SSHPush {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let folder = environment["BENCH_DIR"], let count = environment["N"].flatMap({ Int($0) }),
            let window = environment["WINDOW"].flatMap({ Int($0) })
        else {
            FileHandle.standardError.write(Data("set BENCH_DIR, N and WINDOW\n".utf8))
            exit(64)
        }
        let port = environment["PORT"].flatMap { Int($0) } ?? 2222
        let ports = environment["PORTS"].flatMap { Int($0) } ?? 1
        let hosts = try String(contentsOfFile: folder + "/hosts", encoding: .utf8).split(separator: "\n").map(
            String.init)
        let key = try String(contentsOfFile: folder + "/hostkey.pub", encoding: .utf8)
            .split(separator: " ").prefix(2).joined(separator: " ")
        let lines = hosts.enumerated().map { "[\($1)]:\(port + $0 % ports) \(key)\n" }.joined()
        try lines.write(toFile: folder + "/known_hosts", atomically: true, encoding: .utf8)
        let settings = SSHSettings(
            user: environment["USER_NAME"] ?? "bench", keyFile: folder + "/userkey",
            knownHosts: folder + "/known_hosts", connectTimeout: .seconds(60), commandTimeout: .seconds(60))

        let transport = SSHTransport(secrets: EnvironmentAndFileSecrets())
        let start = ContinuousClock.now
        var good = 0
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<min(count, hosts.count) {
                if index >= window, await group.next() == true { good += 1 }
                var settings = settings
                settings.port = port + index % ports
                let device = Device(
                    name: DeviceName(rawValue: "d\(index)"), address: hosts[index],
                    platform: PlatformName(rawValue: "linux"),
                    range: RangeName(rawValue: "bench"), datacentre: DatacentreName(rawValue: "bench"), ssh: settings)
                group.addTask { await push(index, to: device, over: transport, folder) }
            }
            for await isGood in group where isGood { good += 1 }
        }
        let wall = (ContinuousClock.now - start) / .milliseconds(1) / 1000
        let usage = ProcessUsage()
        let cpu = usage.cpuSeconds
        print(
            "rollout   N=\(count) W=\(window) ok=\(good) wall=\(ProcessUsage.shown(wall, 2)) s "
                + "cpu=\(ProcessUsage.shown(cpu, 2)) s (\(ProcessUsage.shown(1000 * cpu / Double(count), 2)) ms/device) "
                + "rss=\(usage.peakKilobytes) KB")
        exit(good == count ? 0 : 1)
    }

    private static func push(_ index: Int, to device: Device, over transport: SSHTransport, _ folder: String) async
        -> Bool
    {
        do {
            let command = "echo 'rate \(index)' > \(folder)/out/\(index) && cat \(folder)/out/\(index)"
            let result = try await transport.runOnce(command, on: device)
            return result.status == 0 && result.output == Array("rate \(index)\n".utf8)
        } catch {
            FileHandle.standardError.write(Data("\(device.address): \(error)\n".utf8))
            return false
        }
    }
}
