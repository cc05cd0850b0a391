import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices.BirdDevices {
    @Suite("BIRD: a real one")
    struct BirdTests {
        @Test("a change is loaded under BIRD's own timer, proved by its status, and stays when it is confirmed")
        func pushAndConfirm() async throws {
            try await BirdBench.with { bench in
                let order = try await bench.linux.order([bench.route("10.2.0.0/24")])
                let pushed = try await bench.driver.push(order)
                #expect(pushed.pendingRevert?.mark == order.mark && pushed.firmware?.contains("BIRD 2") == true)
                #expect(await bench.routes() == ["10.2.0.0/24"])
                #expect(await bench.birdc("configure status").contains("Configuration unconfirmed, undo in 5"))
                let confirmed = try await bench.driver.confirm(order)
                #expect(confirmed.pendingRevert == nil && confirmed.config.isEquivalent(to: order.desired))
                #expect(!(await bench.birdc("configure status").contains("unconfirmed")))
                #expect(await bench.sh("ls -A \(bench.linux.folder)/state") == "")

                let back = try await bench.driver.rollBack(order)
                #expect(back.config.isEquivalent(to: order.base) && back.pendingRevert == nil)
                #expect(await bench.routes() == ["10.1.0.0/24"])
            }
        }

        @Test(
            "over a real sshd: a change that nobody confirms is taken back, files and routes, though sshd is gone",
            .enabled(if: RealServer.isPossible, "needs openssh-server"), .timeLimit(.minutes(10)))
        func revertsByItself() async throws {
            try await BirdBench.with { bench in
                let ip = try #require(Tool.path("ip"))
                let server = try RealServer(prefix: [ip, "netns", "exec", bench.linux.namespace])
                var device = server.device {
                    $0.user = "root"
                    $0.namespace = bench.linux.namespace
                }
                (device.platform, device.hostname) = (bench.device.platform, bench.device.hostname)
                device.variables = bench.device.variables
                var order = try await bench.linux.order([bench.route("10.2.0.0/24")], revertAfter: .seconds(6))
                order.device = device
                _ = try await LinuxDriver(transport: SSHTransport(secrets: EnvironmentAndFileSecrets())).push(order)
                #expect(await bench.routes() == ["10.2.0.0/24"])
                server.stop()
                #expect(try await bench.linux.settles(on: order.base, order))
                #expect(await bench.routes() == ["10.1.0.0/24"])
                #expect(!(await bench.birdc("configure status").contains("unconfirmed")))
            }
        }

        @Test("with our process on the device gone, BIRD still goes back, and the files are found not to be loaded")
        func ownTimerAlone() async throws {
            try await BirdBench.with { bench in
                let order = try await bench.linux.order([bench.route("10.2.0.0/24")], revertAfter: .seconds(4))
                _ = try await bench.driver.push(order)
                await bench.sh("read a timer b <\(bench.linux.folder)/state/\(order.mark).armed; kill -9 $timer")
                try await Task.sleep(for: .seconds(5))
                #expect(await bench.routes() == ["10.1.0.0/24"])
                let seen = try await bench.linux.config(order)
                #expect(seen.sections[0].lines.first == "not loaded by BIRD")
                await #expect(throws: DriverError.self) { try await bench.driver.confirm(order) }
                #expect(try await bench.driver.rollBack(order).config.isEquivalent(to: order.base))
                #expect(await bench.routes() == ["10.1.0.0/24"])
            }
        }

        @Test("a file with a mistake never runs; BIRD's words say where it is, and going back is clean")
        func mistake() async throws {
            try await BirdBench.with { bench in
                let intent = ResolvedIntent.file(
                    path: bench.file, content: BirdBench.content("10.2.0.0/24") + "GARBAGE\n", mode: "0644",
                    reload: nil)
                let order = try await bench.linux.order([intent])
                let error = await #expect(throws: DriverError.self) { try await bench.driver.push(order) }
                #expect(error?.code == .refused && error?.effect == .possible)
                #expect(error?.message.contains("bird.conf:4:1 syntax error") == true, "\(String(describing: error))")
                #expect(await bench.routes() == ["10.1.0.0/24"])
                let back = try await bench.driver.rollBack(order)
                #expect(back.config.isEquivalent(to: order.base) && back.pendingRevert == nil)
            }
        }

        @Test("somebody else's unconfirmed reconfiguration, and a file that was never loaded, are in the way by name")
        func foreign() async throws {
            try await BirdBench.with { bench in
                let order = try await bench.linux.order([bench.route("10.2.0.0/24")])
                await bench.birdc("configure timeout 100")
                let pending = try await bench.driver.observe(bench.device, scope: order.scope, within: .seconds(20))
                #expect(pending.pendingRevert?.mark == BirdReading.foreignMark)
                let error = await #expect(throws: DriverError.self) { try await bench.driver.push(order) }
                #expect(error?.code == .timerNotArmed && error?.effect == DriverError.Effect.none)
                await bench.birdc("configure confirm")

                try await Task.sleep(for: .milliseconds(1100))
                await bench.sh("echo '# by hand' >> \(bench.file)")
                let refusal = await #expect(throws: DriverError.self) {
                    try await bench.linux.order([bench.route("10.2.0.0/24")])
                }
                #expect(refusal?.message.contains("Load it (birdc configure)") == true)
                await bench.birdc("configure")
                _ = try await bench.linux.order([bench.route("10.2.0.0/24")])

                let reloading = ResolvedIntent.file(
                    path: bench.file, content: "x\n", mode: "0644", reload: "birdc configure")
                await #expect(throws: DriverError.self) { try await bench.linux.order([reloading]) }
                await bench.sh("kill $(cat \(bench.linux.folder)/bird.pid); sleep 0.5")
                let silent = await #expect(throws: DriverError.self) { try await bench.driver.push(order) }
                #expect(silent?.message.contains("birdc cannot ask BIRD") == true)
            }
        }
    }
}
