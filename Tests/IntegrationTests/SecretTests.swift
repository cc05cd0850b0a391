import Foundation
import Glibc
import PostgresBench
import RolloutLab
import Testing

/// A whole rollout at the highest verbosity with a secret of its own in every place that takes one, and then everything that
/// was written is searched for them.
@Suite(
    "Secrets of a rollout", .serialized,
    .enabled(if: Permission.isGranted && PostgresServer.isAvailable, "needs root, network namespaces, PostgreSQL 15"))
struct SecretTests {
    @Test(
        "a community, a passphrase, a password, a gate's token or database are in no output, log, store, plan, core or argument",
        .timeLimit(.minutes(10)))
    func canaries() async throws {
        let topology = LabTopology(
            devicesPerGroup: 3, datacentres: ["gra"], ranges: [.init(name: "eco", megabits: 4)])
        try await LentLab.lend("canary", topology) { try await search($0) }
    }

    private func search(_ lent: LentLab) async throws {
        let (lab, folder) = (lent.lab, lent.folder)
        let (server, database) = (try AskedServer(in: folder), try SecuredServer())
        var canaries = Canaries()
        for name in ["passphrase", "password", "enable", "auth", "priv", "token", "metrics", "signature"] {
            canaries.add(name)
        }
        // Nobody listens there.
        canaries.add("hook", url: { "https://127.0.0.1:9/\($0)" })
        let tls = ["sslmode=verify-full", "sslrootcert=\(database.root())"].joined(separator: "&")
        canaries.add("database", url: { database.url(tls, password: $0) }, holding: database.password)
        let search = SecretSearch(secrets: try lent.secrets.secrets + canaries.secrets)
        let inventory = try canaries.plantInventory(lab, folder: folder)
        var program = RolloutProgram(state: "\(folder)/state")
        program.environment = canaries.environment
        let policies = lab.folder.policies
        let plan = "\(folder)/state/night.plan"
        let change = try canaries.plantGates(asking: try await server.port, policies: policies)
        let notify = try canaries.plantChannel(in: folder)

        var outputs: [String] = []
        func run(_ arguments: String..., expecting codes: Set<Int32>) async throws {
            let end = try await program.start(arguments).wait()
            #expect(codes.contains(end.code), "\(arguments): \(end.code) \(end.output)")
            outputs.append(end.output)
        }
        try await run("inventory", "show", "-i", inventory, expecting: [0, 64])
        try await run("doctor", "-i", inventory, expecting: [0, 1, 3, 5, 69])
        // The device with a password does not let us in, and the error must not say with what we tried.
        try await run(
            "plan", "\(policies)/double-bandwidth.yaml", "-i", inventory, "-o", plan, expecting: [0, 2, 3, 5, 8])
        try await run(
            "plan", "\(policies)/typo.yaml", "-i", inventory, "-l", "gra-eco-01", "-o", plan, expecting: [0])
        let apply = try program.start(["apply", plan, "--yes"])
        // It lives as long as its baseline at least.
        try await apply.prints("driven by")
        let arguments = try String(contentsOfFile: "/proc/\(apply.process.processIdentifier)/cmdline", encoding: .utf8)
        outputs.append(arguments)
        // A bad change: there is evidence and an alarm.
        outputs.append(await apply.wait().output)
        for verb in ["status", "explain", "events", "history"] {
            try await run(verb, "latest", expecting: [0, 3, 4, 5])
            outputs.append(try await program.run(verb, "latest", "--json").output)
        }
        // Ended in the middle, as somebody would who wants a core.
        try await run("plan", change, "-i", inventory, "-l", "gra-eco-01", "-o", plan, expecting: [0])
        try await run("notify", "lint", notify, expecting: [0])
        try await run("notify", "test", "canary", "--notify", notify, expecting: [1, 69])
        program.via = ["sh", "-c", "cd '\(folder)/state'; ulimit -c unlimited; exec \"$@\"", "sh"]
        let crashed = try program.start(["apply", plan, "--yes"])
        program.via = []
        try await crashed.prints("push begins")
        kill(crashed.process.processIdentifier, SIGABRT)
        outputs.append(await crashed.wait().output)

        // They were really used.
        #expect(outputs.joined().contains("gra-eco-03"), "the device with a password was not tried")
        for name in ["token", "metrics"] { #expect(try server.asked.contains(canaries[name]), "\(name) was not shown") }
        #expect(database.log.contains("SELECT 1"), "the database was not asked")
        for (index, output) in outputs.enumerated() {
            #expect(search.found(in: Data(output.utf8)) == [], "output \(index): \(output)")
        }
        #expect(search.found(in: Data(database.log.utf8)) == [])
        let files = try search.files(in: "\(folder)/state")
        #expect(files.holding == [:])
        #expect(files.names.count > 8, "there was nothing to search")
        #expect(!files.names.contains { $0.hasPrefix("core") }, "a core was written")
    }
}
