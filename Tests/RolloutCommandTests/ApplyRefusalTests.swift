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
}
