import ArgumentParser
import Foundation
import RolloutEngine
import Testing

@testable import rollout

@Suite("What is not applied", .timeLimit(.minutes(1)))
struct ApplyRefusalTests {
    @Test("a plan with a device that has no revert timer, unless its policy allows it")
    func withoutTimer() async throws {
        var plan = try ScreenFixture().plan
        plan.devices[0].target?.hasRevertTimer = false
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-apply-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try PlanFile(plan).bytes.write(to: URL(fileURLWithPath: folder + "/plan"))
        var code: Int32 = 0
        do {
            let command = try ApplyCommand.parse([folder + "/plan", "--yes", "--store", folder + "/store"])
            try await command.run()
        } catch { code = ApplyCommand.exitCode(for: error).rawValue }
        #expect(code == ExitStatus.refused.rawValue)
        let store = try StoreOptions.parse(["--store", folder + "/store"]).open()
        #expect(try await store.rollouts().isEmpty)
    }

    @Test("an approval is recorded with who and why; who created the rollout is refused, with 8")
    func approvals() async throws {
        var plan = try ScreenFixture().plan
        plan.policy.approvals = [ApprovalRule(before: .rollout, people: 2)]
        let file = try PlanFile(plan)
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-approve-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try StoreOptions.parse(["--store", folder + "/store"]).open()
        let now = SystemClock().now()
        for author in ["alice", Wiring.user] {
            _ = try await store.create(plan: file.bytes, digest: file.digest, title: "double", by: author, at: now)
        }
        func run(_ arguments: String...) async throws -> Int32 {
            do {
                let command = try ApproveCommand.parse(arguments + ["--store", folder + "/store"])
                try await command.run()
                return 0
            } catch { return ApproveCommand.exitCode(for: error).rawValue }
        }
        #expect(try await run("1") == ExitStatus.usage.rawValue)
        #expect(try await run("1", "--reason", "looked at it") == 0)
        #expect(try await run("1", "--wave", "0", "--reason", "x") == ExitStatus.refused.rawValue)
        #expect(try await run("1", "--wave", "99", "--reason", "x") == ExitStatus.badInput.rawValue)
        #expect(try await run("2", "--reason", "my own") == ExitStatus.refused.rawValue)
        let first = try await store.state(of: RolloutID(1))
        #expect(first.approvals.map(\.by) == [Wiring.user])
        #expect(try await store.state(of: RolloutID(2)).approvals.isEmpty)
        // What is still missing stands on the screen, with the command.
        let status = RolloutStatus(
            try #require(try await store.rollouts().first { $0.id == RolloutID(1) }), plan: plan, state: first,
            lease: nil, at: now)
        let lines = StatusScreen(status: status, style: Style(color: false, ascii: true)).lines()
        #expect(lines.contains { $0.contains("the rollout waits for the approval of 2 people") })
        #expect(lines.contains("  rollout approve 1 --reason \"WHY\""))
        #expect(try await run("1", "--withdraw") == 0)
        #expect(try await store.state(of: RolloutID(1)).approvals.isEmpty)
    }

    @Test("a rollout of which only failed devices are left is not driven: it is said, with the next command")
    func onlyFailedLeft() async throws {
        let plan = try PlanFile(try ScreenFixture().plan)
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-vain-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try StoreOptions.parse(["--store", folder + "/store"]).open()
        let now = SystemClock().now()
        let id = try await store.create(
            plan: plan.bytes, digest: plan.digest, title: "double", by: "alice", at: now)
        let lease = try await store.acquireLease(
            of: id, holder: "alice@noc pid 4711", lasting: .seconds(30), steal: false, at: now)
        let device = plan.plan.waves[0].devices[0]
        let push = DeviceStep(device: device, kind: .push, attempt: 1)
        let error = DriverError(.locked, "monitor terminal p7 holds the configuration", effect: .none)
        let locked = (1...8).flatMap { attempt in
            let step = DeviceStep(device: device, kind: .push, attempt: attempt)
            return [Fact.intent(step), .outcome(step, .failed(error))]
        }
        _ = try await store.append(
            [.driving(holder: "alice@noc pid 4711"), .waveStarted(wave: 0)] + locked
                + [.paused(PauseReason(.budget, "1 of 1 devices failed in wave 0"))],
            to: id, under: lease, claiming: [], releasing: [], at: now)
        try await store.release(lease)
        let before = try await store.state(of: id)
        #expect(before[push.device].phase == .failed)

        for arguments in [["apply", "--resume", "1"], ["resume", "1"]] {
            var code: Int32 = 0
            do {
                var command = try Rollout.parseAsRoot(arguments + ["--store", folder + "/store"])
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            } catch { code = Rollout.exitCode(for: error).rawValue }
            #expect(code == ExitStatus.paused.rawValue)
        }
        // Nobody took it up, and nothing was asked of anybody.
        #expect(try await store.state(of: id) == before)
        let record = try await store.rollout(id)
        let status = RolloutStatus(record, plan: plan.plan, state: before, lease: nil, at: now)
        let text = try #require(VainResume(status, plan.plan, before)).text
        #expect(text.contains("(\(push.device))"))
        #expect(text.contains("rollout retry 1 --failed"))
        #expect(text.contains("rollout abort 1"))
    }
}
