import Foundation
import Testing

/// `rollout serve --notify` killed while somebody is being told.
@Suite("Notices over kill -9", .serialized, .timeLimit(.minutes(5)))
struct NoticeCrashTests {
    @Test(
        "what was being told is told again under the same name by the next service, once; and nothing that came after is lost"
    )
    func killed() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-notice-\(UUID().uuidString)").path
        let state = "\(folder)/state"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try AskedServer(in: folder)
        var canaries = Canaries()
        canaries.add("signature")
        let port = try await server.port
        canaries.add("hook", url: { "http://127.0.0.1:\(port)/slow/\($0)" })
        let program = RolloutProgram(state: state, environment: canaries.environment)
        let notify = try canaries.plantChannel(in: folder)

        func serve() async throws -> RolloutProgram.Running {
            let running = try program.start(["serve", "--notify", notify])
            try await running.prints("serving as")
            return running
        }
        func run(_ arguments: String...) async throws {
            let end = try await program.start(arguments).wait()
            #expect(end.code == 0, "\(arguments): \(end.output)")
        }
        /// The names of the messages that came, in their order. Half a minute after the first one the next is due.
        func told() throws -> [String] {
            try server.asked.split(separator: "\n").filter { $0.hasPrefix("POST /slow/") }
                .compactMap { $0.split(separator: " ").last.map(String.init) }
        }
        func waits(for count: Int) async throws {
            for _ in 0..<2400 where try told().count < count { try await Task.sleep(for: .milliseconds(50)) }
            #expect(try told().count >= count)
        }

        var running = try await serve()
        // What there is at its first start is not told; it has to have looked once.
        try await Task.sleep(for: .seconds(3))
        try await run("stop-the-line", "--reason", "fibre cut")
        try await waits(for: 1)
        // The receiver has it, and has not said so yet.
        _ = await running.kill()
        try await run("release-the-line", "--reason", "spliced")
        running = try await serve()
        try await waits(for: 3)
        // Nothing more comes.
        try await Task.sleep(for: .seconds(8))
        let names = try told()
        #expect(names.count == 3 && names[0] == names[1] && names[2] != names[0], "\(names)")
        kill(running.process.processIdentifier, SIGTERM)
        #expect(await running.wait().code == 0)
        let listed = try await program.run("notify", "list")
        #expect(listed.code == 0 && !listed.output.contains("being sent"), "\(listed.output)")
    }
}
