import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices {
    @Suite("Linux: over a real sshd", .enabled(if: RealServer.isPossible, "needs openssh-server"))
    struct LinuxOverSSHTests {
        @Test(
            "the timer outlives its session and sshd itself, and a confirmed change stays", .timeLimit(.minutes(10)),
            arguments: [false, true], [SSHSettings.Client.builtIn, .openSSH])
        func fullCycle(isConfirmed: Bool, client: SSHSettings.Client) async throws {
            try await LinuxBench.with { bench in
                let ip = try #require(Tool.path("ip"))
                let server = try RealServer(prefix: [ip, "netns", "exec", bench.namespace])
                var device = server.device {
                    $0.user = "root"
                    $0.namespace = bench.namespace
                    $0.client = client
                }
                device.hostname = bench.device.hostname
                device.variables = bench.device.variables
                let driver = LinuxDriver(
                    transport: ChosenTransport(
                        library: SSHTransport(secrets: EnvironmentAndFileSecrets()),
                        program: OpenSSHTransport(secrets: EnvironmentAndFileSecrets())))
                await bench.sh("printf 'old\\n' > \(bench.folder)/etc/old.conf")
                var order = try await bench.order(bench.everything, revertAfter: .seconds(isConfirmed ? 60 : 8))
                order.device = device

                let pushed = try await driver.push(order)
                #expect(pushed.pendingRevert?.mark == order.mark)
                if isConfirmed {
                    #expect(try await driver.confirm(order).config.isEquivalent(to: order.desired))
                    #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
                } else {
                    server.stop()
                    #expect(try await bench.settles(on: order.base, order))
                }
            }
        }
    }
}
