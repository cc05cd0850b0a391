import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices.FRRDevices {
    @Suite("FRR: a real one behind a real sshd")
    struct FRRTests {
        /// The driver of a platform's definition.
        private func driver(for platform: PlatformName) throws -> CLIDriver {
            let secrets = EnvironmentAndFileSecrets()
            let definition = try #require(try PlatformLibrary().definition(named: platform))
            return try CLIDriver(definition, over: SSHTransport(secrets: secrets), secrets: secrets)
        }

        /// What that driver reads of a device.
        private func observe(_ device: Device) async throws -> (Observation, Evidence) {
            let driver = try driver(for: device.platform)
            let seen = try await driver.observe(device, scope: ConfigScope(), within: .seconds(30))
            let evidence = await driver.collectEvidence(
                device, scope: ConfigScope(interfaces: ["e0"]), within: .seconds(30))
            return (seen, evidence)
        }

        @Test("vtysh as a shell: the hostname of its prompt, its version, its configuration, and lines without a timer")
        func vtysh() async throws {
            try await FRRBench.with { bench in
                let server = try bench.server("/usr/bin/vtysh -N \(bench.name)")
                let device = bench.device(server, "frr", hostname: "edge-1")
                let (seen, evidence) = try await observe(device)
                #expect(seen.hostname == "edge-1" && seen.pendingRevert == nil)
                #expect(await bench.linux.sh("dpkg-query -W frr").contains(try #require(seen.firmware)))
                #expect(evidence.items.contains { $0.title == "show interface e0" && $0.output.contains("before") })
                // There is no timer: it is changed only where that is allowed.
                var (driver, order) = try await lines(
                    bench, server, Self.present + "\nip route 10.2.0.0/16 blackhole", to: "frr")
                let refused = await #expect(throws: DriverError.self) { try await driver.push(order) }
                #expect(refused?.code == .unsupported)
                order.withoutTimer = true
                #expect(try await driver.push(order).config.isEquivalent(to: order.desired))
                _ = try await driver.confirm(order)
                #expect(await bench.running().contains("10.2.0.0/16"))
                #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
                #expect(await !bench.running().contains("10.2.0.0/16"))
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

        private static let present = """
            interface e0
             description after
            ip prefix-list CUSTOMERS seq 5 permit 10.0.0.0/8
            """

        /// An order of lines for zebra's transactional terminal, or for vtysh, behind a server.
        private func lines(
            _ bench: FRRBench, _ server: RealServer, _ present: String = present, to platform: PlatformName = "frr_tcli"
        ) async throws -> (CLIDriver, PushOrder) {
            let device = bench.device(server, platform, hostname: "edge-1")
            let driver = try driver(for: platform)
            let intents = [ResolvedIntent.lines(present: present, absent: "")]
            let base = try await driver.observe(device, scope: try driver.scope(of: intents), within: .seconds(30))
                .config
            let desired = try driver.render(intents, onto: base, for: device)
            return (
                driver,
                PushOrder(
                    device: device, base: base, desired: desired, mark: "rollout-217-abc", revertAfter: .seconds(60),
                    limit: .seconds(60))
            )
        }

        private static let terminal = "busybox telnet 127.0.0.1 2601"

        @Test(
            "zebra's transactional terminal: lines under its own timer, read back over a fresh session, confirmed, saved, rolled back",
            .enabled(if: Tool.path("busybox") != nil, "needs busybox"), .timeLimit(.minutes(5)))
        func transaction() async throws {
            try await FRRBench.with(transactional: true) { bench in
                let server = try bench.server(Self.terminal)
                let (driver, order) = try await lines(bench, server)
                let pushed = try await driver.push(order)
                #expect(pushed.config.isEquivalent(to: order.desired) && pushed.pendingRevert?.mark == order.mark)
                let left = try #require(pushed.pendingRevert?.remaining)
                #expect(left > .seconds(30) && left <= .seconds(60))
                #expect(await bench.running().contains("description after"))
                // A second change is kept out meanwhile, by the lock of the one that waits.
                var other = order
                other.mark = "rollout-218-def"
                let locked = await #expect(throws: DriverError.self) { try await driver.push(other) }
                #expect(locked?.code == .timerNotArmed, "\(String(describing: locked))")
                #expect(try await driver.confirm(order).pendingRevert == nil)
                let file = "/etc/frr/\(bench.name)/zebra.conf"
                let saved = await LocalShell.run("cat \(file)")
                #expect(saved?.text.contains("CUSTOMERS") == true)
                let (_, again) = try await lines(bench, server)
                #expect(again.base.isEquivalent(to: again.desired), "the second plan is empty")
                #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
                #expect(await bench.running().contains("CUSTOMERS") == false)
                _ = try await driver.push(order)
                #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
            }
        }

        @Test(
            "nobody confirms, or the session that would have is gone: FRR goes back by itself",
            .enabled(if: Tool.path("busybox") != nil, "needs busybox"), .timeLimit(.minutes(5)),
            arguments: [true, false])
        func goesBack(isCut: Bool) async throws {
            try await FRRBench.with(transactional: true) { bench in
                let server = try bench.server(Self.terminal)
                let (driver, order) = try await lines(bench, server)
                _ = try await driver.push(order)
                if isCut { await bench.cutSessions() }
                let start = ContinuousClock.now
                while await bench.running().contains("description after"), .now - start < .seconds(90) {
                    try await Task.sleep(for: .milliseconds(500))
                }
                #expect(await !bench.running().contains("CUSTOMERS"))
                if isCut {
                    #expect(.now - start < .seconds(30))
                } else {
                    let error = await #expect(throws: DriverError.self) { try await driver.confirm(order) }
                    #expect(error?.code == .verifyMismatch)
                    #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
                }
            }
        }

        @Test(
            "lines that FRR would carry out at once are refused",
            .enabled(if: Tool.path("busybox") != nil, "needs busybox"),
            arguments: [
                "interface e0\n bandwidth 77", "hostname other", "ip route 10.9.0.0/16 blackhole",
                // To go back would take an interface away that is up, which FRR fails to do.
                "interface lo\n description new",
            ])
        func atOnce(_ text: String) async throws {
            try await FRRBench.with(transactional: true) { bench in
                let server = try bench.server(Self.terminal)
                let before = await bench.running()
                let error = await #expect(throws: DriverError.self) { _ = try await lines(bench, server, text) }
                #expect(error?.code == .unsupported && error?.message.contains("is not among the lines") == true)
                #expect(await bench.running() == before)
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
