import Foundation
import RolloutEngine
import Synchronization
import Testing

@testable import DeviceDrivers

extension LinuxDevices {
    @Suite("Linux: what is refused")
    struct LinuxRefusalTests {
        /// What `push` throws, with proof that the device was left as it was.
        private func refusal(of order: PushOrder, on bench: LinuxBench, over transport: LocalShellTransport? = nil)
            async throws -> DriverError?
        {
            let look = "tc qdisc show dev e0; ls -lA \(bench.folder)/etc; cat \(bench.folder)/etc/*"
            let before = await bench.sh(look)
            let error = await #expect(throws: DriverError.self) {
                try await LinuxDriver(transport: transport ?? bench.transport).push(order)
            }
            #expect(await bench.sh(look) == before)
            return error
        }

        @Test(
            "a device that answers with another hostname is left alone, and both names are said",
            .timeLimit(.minutes(10)))
        func wrongDevice() async throws {
            try await LinuxBench.with { bench in
                var order = try await bench.order(bench.everything)
                order.device.hostname = "gra-eco-02"
                let error = try await refusal(of: order, on: bench)
                #expect(error?.code == .wrongDevice && error?.effect == DriverError.Effect.none)
                #expect(error?.message.contains("gra-eco-02") == true)
                #expect(error?.message.contains(bench.device.hostname) == true)
                await #expect(throws: DriverError.self) { try await bench.driver.confirm(order) }
                await #expect(throws: DriverError.self) { try await bench.driver.rollBack(order) }
            }
        }

        @Test("a configuration that somebody changed since it was planned is left alone", .timeLimit(.minutes(10)))
        func drift() async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything)
                await bench.sh("tc qdisc replace dev e0 root tbf rate 1mbit burst 16k latency 20ms")
                let error = try await refusal(of: order, on: bench)
                #expect(error?.code == .drifted && error?.effect == DriverError.Effect.none)
                #expect(error?.message.contains("+tbf rate 1000000bit burst 16384b latency 20000us") == true)
            }
        }

        @Test("without the right to drive nothing is sent that changes the device", .timeLimit(.minutes(10)))
        func permit() async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything)
                let none = Permit { false }
                let refused = await #expect(throws: DriverError.self) {
                    try await bench.driver.push(order, permit: none)
                }
                #expect(refused?.code == .leaseOver && refused?.effect == DriverError.Effect.none)
                #expect(try await bench.config(order).isEquivalent(to: order.base))
                // It ends between arming and applying: what was armed is told.
                let uses = Mutex(0)
                let once = Permit {
                    uses.withLock { uses in
                        uses += 1
                        return uses == 1
                    }
                }
                let cut = await #expect(throws: DriverError.self) {
                    try await bench.driver.push(order, permit: once)
                }
                #expect(cut?.code == .leaseOver && cut?.effect == .possible)
                let seen = try await bench.driver.observe(bench.device, scope: order.scope, within: .seconds(20))
                #expect(seen.config.isEquivalent(to: order.base) && seen.pendingRevert?.mark == order.mark)
                for call in [bench.driver.confirm, bench.driver.rollBack] {
                    let error = await #expect(throws: DriverError.self) { try await call(order, none) }
                    #expect(error != nil)
                }
                #expect(
                    try await bench.driver.observe(bench.device, scope: order.scope, within: .seconds(20))
                        .pendingRevert?
                        .mark == order.mark)
                _ = try await bench.driver.rollBack(order)
            }
        }

        @Test("nothing is pushed beside the timer of another change", .timeLimit(.minutes(10)))
        func foreignTimer() async throws {
            try await LinuxBench.with { bench in
                await bench.sh("echo x > \(bench.folder)/etc/other")
                let other = try await bench.order(
                    [.file(path: bench.folder + "/etc/other", content: "y\n", mode: "644", reload: nil)],
                    mark: "rollout-1.armed")
                let order = try await bench.order(bench.everything)
                _ = try await bench.driver.push(other)
                let error = try await refusal(of: order, on: bench)
                #expect(error?.code == .timerNotArmed && error?.effect == DriverError.Effect.none)
                #expect(error?.message.contains("rollout-1.armed") == true)
                #expect(
                    try await bench.driver.observe(bench.device, scope: order.scope, within: .seconds(9)).pendingRevert?
                        .mark == other.mark)
                _ = try await bench.driver.confirm(other)
                _ = try await bench.driver.push(order)
            }
        }

        @Test(
            "a timer that cannot be armed, because the disk is full, stops the push", .timeLimit(.minutes(10)),
            arguments: ["0", "1"])
        func fullDisk(kibibytesLeft: String) async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything)
                let state = bench.folder + "/state"
                var transport = bench.transport
                // A small disk that only this shell sees, filled to the brim.
                transport.wrapping =
                    "exec ip netns exec \(bench.namespace) unshare -m sh -c 'mount -t tmpfs -o size=64k none \(state)"
                    + " && { dd if=/dev/zero of=\(state)/fill bs=1k count=\(64 - (Int(kibibytesLeft) ?? 0) * 4) 2>/dev/null; SHELL; }'"
                await bench.sh("mkdir -p \(state)")
                let error = try await refusal(of: order, on: bench, over: transport)
                #expect(error?.code == .timerNotArmed, "\(String(describing: error))")
                #expect(error?.effect == DriverError.Effect.none)
            }
        }

        @Test("a state folder that cannot be made stops the push", .timeLimit(.minutes(10)))
        func noStateFolder() async throws {
            try await LinuxBench.with { bench in
                await bench.sh("touch \(bench.folder)/state")
                let order = try await bench.order(bench.everything)
                let error = try await refusal(of: order, on: bench)
                #expect(error?.code == .timerNotArmed && error?.effect == DriverError.Effect.none)
            }
        }

        @Test("success that tc only claims is found out by reading back", .timeLimit(.minutes(10)))
        func lyingDevice() async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything, revertAfter: .seconds(5))
                await bench.sh(
                    "mkdir \(bench.folder)/bin; printf '#!/bin/sh\\ncase $2 in replace|change) exit 0;; esac\\nexec \(await bench.sh("command -v tc").trimmingCharacters(in: .newlines)) \"$@\"\\n' > \(bench.folder)/bin/tc; chmod +x \(bench.folder)/bin/tc"
                )
                var transport = bench.transport
                transport.wrapping = "export PATH=\(bench.folder)/bin:$PATH; " + transport.wrapping
                let error = await #expect(throws: DriverError.self) {
                    try await LinuxDriver(transport: transport).push(order)
                }
                #expect(error?.code == .verifyMismatch && error?.effect == .possible)
                #expect(error?.message.contains("qdisc e0: -tbf rate 20000000bit") == true)
                #expect(try await bench.settles(on: order.base, order))
            }
        }

        @Test(
            "a revert script that arrives altered stops the push before anything is changed", .timeLimit(.minutes(10)))
        func alteredScript() async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything, revertAfter: .seconds(5))
                let base64 = await bench.sh("command -v base64").trimmingCharacters(in: .newlines)
                await bench.sh(
                    "mkdir \(bench.folder)/bin; printf '#!/bin/sh\\n\(base64) \"$@\"\\necho \"# a line more\"\\n' > \(bench.folder)/bin/base64; chmod +x \(bench.folder)/bin/base64"
                )
                var transport = bench.transport
                transport.wrapping = "export PATH=\(bench.folder)/bin:$PATH; " + transport.wrapping
                let error = await #expect(throws: DriverError.self) {
                    try await LinuxDriver(transport: transport).push(order)
                }
                #expect(error?.code == .timerNotArmed, "\(String(describing: error))")
                #expect(error?.message.contains("cannot be proved") == true)
                #expect(try await bench.settles(on: order.base, order))
            }
        }

        @Test(
            "a reload command that fails is a refused change, and the device goes back by itself",
            .timeLimit(.minutes(10)))
        func failingReload() async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(
                    [.file(path: bench.folder + "/etc/x", content: "x\n", mode: "644", reload: "ls /no/such/service")],
                    revertAfter: .seconds(5))
                let error = await #expect(throws: DriverError.self) { try await bench.driver.push(order) }
                #expect(error?.code == .refused && error?.effect == .possible)
                #expect(error?.message.contains("No such file") == true)
                let unproven = await #expect(throws: DriverError.self) { try await bench.driver.confirm(order) }
                #expect(unproven?.message.contains("not every command") == true)
                try await Task.sleep(for: .seconds(6))
                #expect(try await bench.config(order).isEquivalent(to: order.base))
            }
        }

        @Test("a change that was cut off is told from a whole one, and put back", .timeLimit(.minutes(10)))
        func cutOff() async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything)
                let whole = try await bench.driver.push(order)
                #expect(whole.pendingRevert?.isComplete == true)
                // As if whoever sent it had died before the last command was through.
                await bench.sh("rm \(bench.folder)/state/*.applied")
                let found = try await bench.driver.observe(bench.device, scope: order.scope, within: .seconds(9))
                guard case .pendingPart = Standing(found, under: order) else {
                    Issue.record("\(found)")
                    return
                }
                #expect(try await bench.driver.rollBack(order).config.isEquivalent(to: order.base))
            }
        }

        @Test("a timer whose process died is shown, without a time", .timeLimit(.minutes(10)))
        func deadTimer() async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything)
                _ = try await bench.driver.push(order)
                await bench.sh("kill -9 $(cut -d' ' -f2 \(bench.folder)/state/*.armed)")
                let found = try await bench.driver.observe(bench.device, scope: order.scope, within: .seconds(9))
                #expect(found.pendingRevert == PendingRevert(mark: order.mark, remaining: nil))
                #expect(try await bench.driver.rollBack(order).config.isEquivalent(to: order.base))
            }
        }

        @Test(
            "what could not be put back is read, named, and not rendered onto", .timeLimit(.minutes(10)),
            arguments: [
                ("tc qdisc replace dev e0 root handle 5: pfifo limit 10", "pfifo 5: root limit=10"),
                (
                    "tc qdisc replace dev e0 root tbf rate 1mbit burst 16k latency 20ms peakrate 2mbit minburst 1540",
                    "tbf"
                ),
                ("tc qdisc replace dev e0 root tbf rate 1mbit burst 16k latency 20ms overhead 20 linklayer atm", "tbf"),
                (
                    "tc qdisc replace dev e0 root handle 1: htb; tc class add dev e0 parent 1: classid 1:1 htb rate 1mbit mpu 64",
                    "class htb 1:1 with mpu 64b"
                ),
            ])
        func foreignShaping(command: String, named: String) async throws {
            try await LinuxBench.with { bench in
                await bench.sh(command)
                let error = await #expect(throws: DriverError.self) { try await bench.order(bench.everything) }
                #expect(error?.code == .unsupported && error?.effect == DriverError.Effect.none)
                #expect(error?.message.contains(named) == true, "\(String(describing: error))")
            }
        }

        @Test(
            "files that are not small regular text are refused", .timeLimit(.minutes(10)),
            arguments: [
                "printf 'a\\000b' > PATH", "printf '\\377' > PATH", "head -c 1048577 /dev/zero | tr '\\0' x > PATH",
                "mkdir PATH",
                "ln -s /etc/hostname PATH", "mkfifo PATH",
            ])
        func oddFiles(making: String) async throws {
            try await LinuxBench.with { bench in
                let path = bench.folder + "/etc/odd"
                await bench.sh(making.replacing("PATH", with: path))
                let error = await #expect(throws: DriverError.self) {
                    try await bench.order([.file(path: path, content: "x", mode: "644", reload: nil)])
                }
                #expect(error?.code == .unsupported && error?.effect == DriverError.Effect.none)
            }
        }

        @Test("a large file travels both ways", .timeLimit(.minutes(10)))
        func largeFile() async throws {
            try await LinuxBench.with { bench in
                let path = bench.folder + "/etc/large"
                await bench.sh("head -c 300000 /dev/zero | tr '\\0' \"'\" > \(path)")
                let content = String(repeating: "a'$(x)\\\n", count: 30_000)
                let order = try await bench.order([.file(path: path, content: content, mode: "644", reload: nil)])
                #expect(try await bench.driver.push(order).config.isEquivalent(to: order.desired))
                #expect(await bench.sh("cat \(path)") == content)
                #expect(try await bench.driver.rollBack(order).config.isEquivalent(to: order.base))
            }
        }

        @Test(
            "evidence holds counters and the timer's log, and an unreachable interface is no reason to fail",
            .timeLimit(.minutes(10)))
        func evidence() async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything, revertAfter: .seconds(5))
                _ = try await bench.driver.push(order)
                #expect(try await bench.settles(on: order.base, order))
                var scope = order.scope
                scope.interfaces.append("nosuch0")
                let found = await bench.driver.collectEvidence(bench.device, scope: scope, within: .seconds(20))
                #expect(found.items.contains { $0.title.contains("tc -s qdisc") && $0.output.contains("Sent") })
                #expect(
                    found.items.contains { $0.output.contains("not confirmed in time: put the base back, reverted") })
                #expect(found.items.contains { $0.output.contains("Cannot find device") })
                #expect(found.items.allSatisfy { $0.output.utf8.count <= 65536 })
            }
        }
    }
}
