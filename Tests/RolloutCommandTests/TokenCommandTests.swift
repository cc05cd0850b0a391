import ArgumentParser
import Foundation
import RolloutEngine
import Testing

@testable import rollout

@Suite("Tokens on the command line", .timeLimit(.minutes(1)))
struct TokenCommandTests {
    private func run(_ words: [String], in folder: String) async -> Int32 {
        do {
            var command = try Rollout.parseAsRoot(["token"] + words + ["--store", folder + "/store"])
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return 0
        } catch { return Rollout.exitCode(for: error).rawValue }
    }

    @Test("a token is kept with its role and reach and without its secret, and a revoked one is of no use")
    func issueAndRevoke() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-token-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let words = [
            "issue", "alice", "--role", "operator", "--datacentre", "gra", "--expires", "12h", "--reason", "nights",
        ]
        #expect(await run(words, in: folder) == 0)
        let store = try StoreOptions.parse(["--store", folder + "/store"]).open()
        let now = SystemClock().now()
        let known = try #require(try await store.serviceState().tokens.first)
        #expect(known.token.name == "alice" && known.token.role == .operator)
        #expect(known.token.datacentres == ["gra"] && known.token.ranges.isEmpty)
        #expect(known.isUsable(at: now) && !known.isUsable(at: now + .minutes(12 * 60)))
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
            #expect(bytes.range(of: Data("rlt_".utf8)) == nil, "\(name)")
        }
        #expect(await run(["revoke", "t1", "--reason", "left"], in: folder) == 0)
        let revoked = try #require(try await store.serviceState().tokens.first)
        #expect(!revoked.isUsable(at: SystemClock().now()))
        let entries = try await store.serviceEntries(after: 0)
        #expect(entries.map(\.reason) == ["nights", "left"])
    }

    @Test(
        "what is no token is refused with its own code",
        arguments: [
            (["issue", "alice", "--role", "king"], RolloutEngine.ExitStatus.usage), (["issue", " "], .usage),
            (["issue", "a\u{1B}[31m"], .usage), (["issue", "alice", "--expires", "never"], .usage),
            (["revoke", "t7"], .badInput),
        ])
    func mistakes(_ words: [String], _ code: RolloutEngine.ExitStatus) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-token-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(await run(words, in: folder) == code.rawValue)
    }
}
