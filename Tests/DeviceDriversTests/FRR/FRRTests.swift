import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices.FRRDevices {
    @Suite("FRR: a real one behind a real sshd")
    struct FRRTests {
        /// What the driver of a platform's definition reads of a device.
        private func observe(_ device: Device) async throws -> (Observation, Evidence) {
            let secrets = EnvironmentAndFileSecrets()
            let definition = try #require(try PlatformLibrary().definition(named: device.platform))
            let driver = try CLIDriver(definition, over: SSHTransport(secrets: secrets), secrets: secrets)
            let seen = try await driver.observe(device, scope: ConfigScope(), within: .seconds(30))
            let evidence = await driver.collectEvidence(
                device, scope: ConfigScope(interfaces: ["e0"]), within: .seconds(30))
            return (seen, evidence)
        }

        @Test("vtysh as a shell is read: the hostname of its prompt, its version, its configuration")
        func vtysh() async throws {
            try await FRRBench.with { bench in
                let server = try bench.server("/usr/bin/vtysh -N \(bench.name)")
                let device = bench.device(server, "frr", hostname: "edge-1")
                let (seen, evidence) = try await observe(device)
                #expect(seen.hostname == "edge-1" && seen.pendingRevert == nil)
                #expect(await bench.linux.sh("dpkg-query -W frr").contains(try #require(seen.firmware)))
                #expect(evidence.items.contains { $0.title == "show interface e0" && $0.output.contains("before") })
                // It is never changed: there is no timer.
                let definition = try #require(try PlatformLibrary().definition(named: "frr"))
                let secrets = EnvironmentAndFileSecrets()
                let driver = try CLIDriver(definition, over: SSHTransport(secrets: secrets), secrets: secrets)
                let order = PushOrder(
                    device: device, base: seen.config, desired: seen.config, mark: "m", revertAfter: .minutes(1),
                    limit: .seconds(20))
                await #expect(throws: DriverError.self) { try await driver.push(order) }
            }
        }

        @Test("zebra's transactional terminal is read", .enabled(if: Tool.path("busybox") != nil, "needs busybox"))
        func transactional() async throws {
            try await FRRBench.with(transactional: true) { bench in
                let server = try bench.server("busybox telnet 127.0.0.1 2601")
                let (seen, evidence) = try await observe(bench.device(server, "frr_tcli", hostname: "edge-1"))
                #expect(seen.hostname == "edge-1")
                #expect(evidence.items.contains { $0.output.contains("FRRouting") })
            }
        }

        @Test(
            "a change of frr.conf by frr-reload is confirmed, or taken back by the device itself",
            .timeLimit(.minutes(10)), arguments: [true, false])
        func reload(isConfirmed: Bool) async throws {
            try await FRRBench.with { bench in
                let server = try bench.server()
                let driver = LinuxDriver(transport: SSHTransport(secrets: EnvironmentAndFileSecrets()))
                let before = await bench.running()
                #expect(before.contains("description before") && before.contains("10.1.0.0/24"))
                let intent = ResolvedIntent.file(
                    path: bench.file, content: FRRBench.content("after", "10.2.0.0/24") + "\n", mode: "0640",
                    reload: bench.reload)
                var order = try await bench.linux.order([intent], revertAfter: .seconds(isConfirmed ? 60 : 8))
                order.device = bench.device(server, "linux", hostname: bench.linux.device.hostname)
                #expect(try await driver.push(order).pendingRevert?.mark == order.mark)
                let after = await bench.running()
                #expect(after.contains("description after") && after.contains("10.2.0.0/24"))
                #expect(!after.contains("10.1.0.0/24"))
                if isConfirmed {
                    #expect(try await driver.confirm(order).pendingRevert == nil)
                    #expect(await bench.running() == after)
                    #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
                } else {
                    server.stop()
                    #expect(try await bench.linux.settles(on: order.base, order))
                }
                let back = await bench.running()
                #expect(back.contains("description before") && back.contains("10.1.0.0/24"))
                #expect(!back.contains("10.2.0.0/24"))
                #expect(await bench.linux.sh("stat -c %U \(bench.file)") == "frr\n", "the owner is kept")
            }
        }

        @Test("a line that FRR does not know is said, and going back leaves what ran before")
        func mistake() async throws {
            try await FRRBench.with { bench in
                let intent = ResolvedIntent.file(
                    path: bench.file, content: FRRBench.content("after", "10.2.0.0/24") + "\nnonsense here\n",
                    mode: "0640", reload: bench.reload)
                let order = try await bench.linux.order([intent])
                let error = await #expect(throws: DriverError.self) { try await bench.linux.driver.push(order) }
                #expect(error?.code == .refused)
                #expect(error?.message.contains("Unknown command") == true, "\(String(describing: error))")
                #expect(try await bench.linux.driver.rollBack(order).config.isEquivalent(to: order.base))
                let back = await bench.running()
                #expect(back.contains("description before") && !back.contains("10.2.0.0/24"))
            }
        }
    }
}
