import Foundation
import PostgresBench
import Testing

/// The password of a store and what opens the key of a certificate, sought wherever the program leaves words.
@Suite(
    "The password of a store in PostgreSQL", .timeLimit(.minutes(10)),
    .enabled(if: PostgresServer.isAvailable, "a server of PostgreSQL 15 can only be started as root"))
struct PostgresSecretTests {
    @Test("it is in no output, no list of arguments, neither of ours nor of pg_dump's, and not in the server's log")
    func nowhere() async throws {
        let secured = try SecuredServer()
        let folder = secured.folder
        let url = secured.url(
            "sslmode=verify-full", "sslrootcert=\(secured.root())", "channel_binding=require",
            password: secured.password)
        // The real pg_dump, and beside it a note of what it was called with.
        try "#!/bin/sh\ntr '\\0' ' ' < /proc/$$/cmdline >> '\(folder)/called'\nexec /usr/bin/pg_dump \"$@\"\n"
            .write(toFile: folder + "/pg_dump", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/pg_dump")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
        let program = RolloutProgram(
            state: folder, environment: ["ROLLOUT_STORE": url, "PATH": "\(folder):\(path)"])
        var outputs: [String] = []
        func run(_ words: String..., expecting code: Int32 = 0) async throws {
            let end = try await program.start(words).wait()
            #expect(end.code == code, "\(words): \(end.output)")
            outputs.append(end.output)
        }
        try await run("db", "migrate")
        try await run("list")
        try await run("db", "check")
        try await run("db", "backup", folder + "/dump")
        let serve = try program.start(["serve"])
        try await serve.prints("serving as")
        outputs.append(
            try String(contentsOfFile: "/proc/\(serve.process.processIdentifier)/cmdline", encoding: .utf8))
        serve.process.terminate()
        outputs.append(await serve.wait().output)
        // Refused, it is not said with what; and on the command line it is not even tried.
        let other = url.replacing("canary", with: "dead-canary")
        let wrong = try await RolloutProgram(state: folder, environment: ["ROLLOUT_STORE": other]).run("list")
        #expect(wrong.code == 69 && wrong.output.contains("Expected the password of driver"), "\(wrong.output)")
        outputs.append(wrong.output)
        try await run("list", "--store", url, expecting: 65)
        #expect(outputs.last?.contains("PGPASSFILE") == true)
        outputs.append(try String(contentsOfFile: folder + "/called", encoding: .utf8))
        #expect(outputs.last?.contains("--dbname=") == true)

        // The same with a certificate whose key is locked.
        var certified = program
        func tell(_ passphrase: String) {
            certified.environment["ROLLOUT_STORE"] = url + "&" + secured.certificate(openedWith: passphrase)
        }
        tell(secured.passphrase)
        let listed = try await certified.run("list")
        #expect(listed.code == 0, "\(listed.output)")
        let refused = try await certified.run("db", "backup", folder + "/second")
        #expect(refused.code == 69 && refused.output.contains("openssl pkey"), "\(refused.output)")
        tell(secured.passphrase + "x")
        let locked = try await certified.run("list")
        #expect(locked.code == 69 && locked.output.contains("client.key"), "\(locked.output)")
        outputs += [listed.output, refused.output, locked.output]

        outputs.append(secured.log)
        let search = SecretSearch(secrets: [secured.password, secured.passphrase])
        for output in outputs { #expect(search.found(in: Data(output.utf8)) == [], "\(output)") }
    }
}
