import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension LinuxDevices {
    @Suite("Linux: a broken wire")
    struct LinuxFaultTests {
        /// What may befall a command.
        static let faults: [LocalShellTransport.Fault] = [
            .lostBefore, .lostAfter, .inputCut(1000), .inputCut(-15), .inputCut(-1), .outputCut(0), .outputCut(400),
            .outputCut(-1),
            .killed(5), .killed(15), .killed(30), .killed(60),
        ]

        @Test(
            "wherever a push is cut, the device ends on its base by itself", .timeLimit(.minutes(10)),
            arguments: ["the reading", "the arming", "the change"])
        func cutPush(command: String) async throws {
            let index = ["the reading", "the arming", "the change"].firstIndex(of: command) ?? 0
            try await withThrowingTaskGroup(of: Void.self) { group in
                for fault in Self.faults {
                    group.addTask { try await cutPush(at: index, fault) }
                }
                try await group.waitForAll()
            }
        }

        @Test(
            "a command that was not sent leaves what was sent before it, and pushing again tells of it",
            .timeLimit(.minutes(10)))
        func notSent() async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything)
                for index in 0...1 {
                    let error = await #expect(throws: DriverError.self) {
                        try await bench.driver([index: .notSent]).push(order)
                    }
                    #expect(error?.effect == DriverError.Effect.none)
                    #expect(await bench.sh("ls -A \(bench.folder)/state 2>/dev/null") == "")
                }
                let error = await #expect(throws: DriverError.self) {
                    try await bench.driver([2: .notSent]).push(order)
                }
                #expect(error?.effect == .possible, "the timer was armed before")
                let again = try await bench.driver.push(order)
                guard case .pendingBase = Standing(again, under: order) else {
                    Issue.record("\(again)")
                    return
                }
                #expect(try await bench.driver.rollBack(order).pendingRevert == nil)
                #expect(try await bench.driver.push(order).pendingRevert?.isComplete == true)
            }
        }

        private func cutPush(at index: Int, _ fault: LocalShellTransport.Fault) async throws {
            try await LinuxBench.with { bench in
                await bench.sh("printf 'old\\n' > \(bench.folder)/etc/old.conf")
                let order = try await bench.order(bench.everything, revertAfter: .seconds(4))
                let error = await #expect(throws: DriverError.self, "\(index) \(fault)") {
                    try await bench.driver([index: fault]).push(order)
                }
                #expect(error?.effect == (index == 0 ? DriverError.Effect.none : .possible), "\(index) \(fault)")
                if index == 0 { #expect(await bench.sh("ls -A \(bench.folder)/state 2>/dev/null") == "") }
                #expect(try await bench.settles(on: order.base, order), "\(index) \(fault)")
                #expect(await bench.sh("cat \(bench.folder)/etc/old.conf") == "old\n", "\(index) \(fault)")
            }
        }

        @Test(
            "a confirm that is cut leaves a target that stays or a base that came back, and confirming again tells which",
            .timeLimit(.minutes(10)),
            arguments: [
                (0, .lostBefore), (0, .lostAfter), (1, .lostBefore), (1, .lostAfter), (1, .inputCut(-20)),
                (1, .outputCut(300)),
                (1, .killed(15)), (1, .killed(50)),
            ] as [(Int, LocalShellTransport.Fault)])
        func cutConfirm(index: Int, fault: LocalShellTransport.Fault) async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything, revertAfter: .seconds(12))
                _ = try await bench.driver.push(order)
                _ = await #expect(throws: DriverError.self) { try await bench.driver([index: fault]).confirm(order) }
                let again = try await bench.driver.confirm(order)
                #expect(again.config.isEquivalent(to: order.desired) && again.pendingRevert == nil)
            }
        }

        @Test(
            "a rollback that is cut can be done again, and the timer waits on meanwhile", .timeLimit(.minutes(10)),
            arguments: [
                (0, .lostAfter), (1, .inputCut(-20)), (1, .lostAfter), (1, .killed(15)), (1, .killed(60)),
            ] as [(Int, LocalShellTransport.Fault)])
        func cutRollBack(index: Int, fault: LocalShellTransport.Fault) async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything, revertAfter: .seconds(15))
                _ = try await bench.driver.push(order)
                _ = await #expect(throws: DriverError.self) { try await bench.driver([index: fault]).rollBack(order) }
                let now = try await bench.driver.observe(bench.device, scope: order.scope, within: .seconds(10))
                #expect(now.pendingRevert != nil || now.config.isEquivalent(to: order.base))
                let again = try await bench.driver.rollBack(order)
                #expect(again.config.isEquivalent(to: order.base) && again.pendingRevert == nil)
            }
        }

        @Test("a script that arrives only in part runs nothing, wherever it is cut", .timeLimit(.minutes(10)))
        func partialScripts() async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything)
                let scripts = try RevertScripts(order)
                for script in [
                    scripts.arm(revertAfter: .seconds(60)), scripts.apply(), scripts.disarm(), scripts.rollBack(),
                ] {
                    let bytes = Array(script.text.utf8)
                    let whole = bytes.count - "rollout_main </dev/null\n".utf8.count
                    for cut in Array(stride(from: 1, to: whole, by: max(1, whole / 40))) + Array(whole..<(whole + 12)) {
                        let result = await LocalShell.run("/bin/sh -s", input: Array(bytes.prefix(cut)))
                        #expect(result?.output == [], "cut at \(cut)")
                    }
                }
                #expect(await bench.sh("ls -A \(bench.folder)") == "etc\n")
            }
        }

        @Test("a shell that talks before it obeys, or is slow, does no harm", .timeLimit(.minutes(10)))
        func noisyShell() async throws {
            try await LinuxBench.with { bench in
                let order = try await bench.order(bench.everything)
                var transport = bench.transport
                transport.wrapping =
                    "echo 'Welcome! @hostname 0 4'; printf '@@begin x\\nno newline'; echo; sleep 0.3; "
                    + bench.transport.wrapping
                let driver = LinuxDriver(transport: transport)
                _ = try await driver.push(order)
                #expect(try await driver.confirm(order).config.isEquivalent(to: order.desired))
            }
        }

        @Test(
            "the scripts are understood by other shells", .timeLimit(.minutes(10)),
            arguments: ["dash", "bash", "bash --posix"])
        func otherShells(shell: String) async throws { try await cycle(in: shell) }

        @Test(
            "the scripts are understood by busybox", .timeLimit(.minutes(10)),
            .enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/busybox"), "busybox is not installed"))
        func busybox() async throws { try await cycle(in: "busybox sh") }

        private func cycle(in shell: String) async throws {
            try await LinuxBench.with { bench in
                await bench.sh("printf 'old\\n' > \(bench.folder)/etc/old.conf")
                let order = try await bench.order(bench.everything)
                var transport = bench.transport
                transport.shell = shell
                let driver = LinuxDriver(transport: transport)
                #expect(try await driver.push(order).pendingRevert?.mark == order.mark)
                #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
                _ = try await driver.push(order)
                #expect(try await driver.confirm(order).config.isEquivalent(to: order.desired))
            }
        }
    }
}
