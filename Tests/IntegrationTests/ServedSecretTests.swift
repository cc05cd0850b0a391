import Foundation
import Glibc
import RolloutEngine
import Testing

/// The service at the highest verbosity, with a secret of its own in every place where somebody proves to it, or it to somebody,
/// who asks; and then everything that was written or answered is searched for them.
@Suite("Secrets of the service", .serialized)
struct ServedSecretTests {
    @Test(
        "those of hooks, tokens, sessions, channels, histories and inventories are in no output, log, answer, store or argument",
        .timeLimit(.minutes(5)))
    func canaries() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-told-\(UUID().uuidString)").path
        let state = "\(folder)/state"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try AskedServer(in: folder)
        let address = "http://127.0.0.1:\(try await server.port)"
        var canaries = Canaries()
        for name in ["hooks", "signature", "netbox", "history"] { canaries.add(name) }
        canaries.add("hook", url: { "\(address)/\($0)" })
        let program = RolloutProgram(state: state, environment: canaries.environment)

        var outputs: [String] = []
        @discardableResult func run(_ arguments: String..., expecting codes: Set<Int32> = [0]) async throws -> String {
            let end = try await program.start(arguments).wait()
            #expect(codes.contains(end.code), "\(arguments): \(end.code) \(end.output)")
            outputs.append(end.output)
            return end.output
        }
        // Shown once, to whoever asked for it; that is not kept.
        let issuing = try program.start(["token", "issue", "alertmanager", "--role", "admin"])
        let issued = await issuing.wait().output
        try FileManager.default.removeItem(atPath: issuing.log)
        let token = String(try #require(issued.firstMatch(of: /rlt_\S+/)?.output))

        let notify = try canaries.plantChannel(in: folder)
        let serve = try program.start([
            "serve", "--page", "--listen", "127.0.0.1:0", "--hook-secret", "env:CANARY_HOOKS", "--notify", notify,
        ])
        try await serve.prints("the page is at")
        let page = String(try #require(serve.output.firstMatch(of: /page is at (http:\S+\d)/)?.1))
        outputs.append(
            try String(contentsOfFile: "/proc/\(serve.process.processIdentifier)/cmdline", encoding: .utf8))

        let browser = Browser(page: page, folder: folder)
        let body = #"{"version": "4", "status": "firing", "alerts": []}"#
        let now = Int(Date().timeIntervalSince1970)
        for (key, answer) in [(canaries["hooks"], "200"), (canaries["hooks"] + "x", "401")] {
            let code = MessageCode.code(of: Array("\(now).\(body)".utf8), secret: Array(key.utf8))
            let said = try await browser.ask("/hooks/alertmanager", ["X-Rollout-Signature: t=\(now),v1=\(code)"], body)
            #expect(said.hasPrefix("HTTP/1.1 \(answer)"), "\(said)")
            outputs.append(said)
        }
        for (proof, answer) in [(token, "200"), (token + "x", "401")] {
            for path in ["/api/v1/rollouts", "/", "/metrics"] {
                let said = try await browser.ask(path, ["Authorization: Bearer \(proof)"])
                #expect(said.hasPrefix("HTTP/1.1 \(answer)"), "\(path): \(said)")
                outputs.append(said)
            }
        }
        outputs.append(try await browser.ask("/sign-in", ["Origin: \(page)"], "token=\(token)x"))
        // The one answer that holds a session is the one that gives it.
        let entrance = try await browser.ask("/sign-in", ["Origin: \(page)"], "token=\(token)")
        let session = String(try #require(entrance.firstMatch(of: /rollout_session=([^;]+);/)?.1))
        let inside = try await browser.ask("/", ["Cookie: rollout_session=\(session)"])
        #expect(inside.hasPrefix("HTTP/1.1 200") && inside.contains("alertmanager"), "\(inside)")
        outputs.append(inside)

        // Every channel hears of it.
        try await run("stop-the-line", "--reason", "fibre cut")
        for _ in 0..<200 where try !server.asked.contains(canaries["hook"].dropFirst(address.count)) {
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(try server.asked.contains(canaries["hook"].dropFirst(address.count)), "nothing was told")
        try await run("notify", "list")
        try await run("notify", "test", "canary", "--notify", notify)

        let history = "\(folder)/history.yaml"
        try "url: \(address)\ntoken: env:CANARY_HISTORY\n".write(toFile: history, atomically: true, encoding: .utf8)
        let policy = "\(folder)/policy.yaml"
        try "policy: {name: night, gates: [errors]}\n".write(toFile: policy, atomically: true, encoding: .utf8)
        try await run("gate", "rehearse", policy, "--from", "prometheus:\(history)", expecting: [65, 69])
        try await run(
            "inventory", "import", "netbox", "\(address)/api/dcim/devices/", "-o", "\(state)/imported.yaml", "--token",
            "env:CANARY_NETBOX", expecting: [0, 65])
        for name in ["history", "netbox"] {
            #expect(try server.asked.contains(canaries[name]), "\(name) was not shown")
        }
        try await run("audit")
        kill(serve.process.processIdentifier, SIGTERM)
        let ended = await serve.wait()
        #expect(ended.code == 0)
        outputs.append(ended.output)

        let search = SecretSearch(secrets: canaries.secrets + [token, session])
        for (index, output) in outputs.enumerated() {
            #expect(search.found(in: Data(output.utf8)) == [], "output \(index): \(output)")
        }
        let files = try search.files(in: state)
        #expect(files.holding == [:])
        #expect(files.names.contains("rollout.db"), "there was nothing to search")
    }
}

/// Asks the page, and keeps what it asks out of the folder that is searched.
private struct Browser {
    let page: String
    let folder: String

    /// The whole answer, with its head.
    func ask(_ path: String, _ headers: [String] = [], _ body: String? = nil) async throws -> String {
        let answer = "\(folder)/answer"
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/curl")
        process.arguments = ["-s", "-i", "-m", "20", "-o", answer] + headers.flatMap { ["-H", $0] }
        if let body {
            let type = body.hasPrefix("{") ? "application/json" : "application/x-www-form-urlencoded"
            process.arguments? += ["-H", "Content-Type: \(type)", "-d", body]
        }
        process.arguments?.append(page + path)
        try process.run()
        while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        return try String(contentsOfFile: answer, encoding: .utf8)
    }
}
