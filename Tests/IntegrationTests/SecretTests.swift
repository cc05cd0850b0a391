import Foundation
import Glibc
import RolloutLab
import Testing

/// A whole rollout at the highest verbosity with a secret of its own in every place that takes one, and then everything that
/// was written is searched for them.
@Suite("Secrets", .serialized, .enabled(if: Permission.isGranted, "needs root and network namespaces"))
struct SecretTests {
    @Test(
        "a community, a passphrase and a password are in no output, log, database, plan, core or list of arguments",
        .timeLimit(.minutes(10)))
    func canaries() async throws {
        let topology = LabTopology(
            devicesPerGroup: 3, datacentres: ["gra"], ranges: [.init(name: "eco", megabits: 4)])
        try await LentLab.lend("canary", topology) { try await search($0) }
    }

    private func search(_ lent: LentLab) async throws {
        let (lab, folder) = (lent.lab, lent.folder)
        let canaries = Canaries()
        let search = SecretSearch(secrets: try lent.secrets.secrets + canaries.all)
        let inventory = try canaries.plant(in: lab, folder: folder)
        var program = RolloutProgram(state: "\(folder)/state")
        program.environment = canaries.environment
        let policies = lab.folder.policies
        let plan = "\(folder)/state/night.plan"
        let server = try AskedServer(in: folder)
        defer { server.process.terminate() }
        let beside = try canaries.plantBeside(try await server.port, in: policies, folder: folder)

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
        try await apply.prints("push begins")
        let arguments = try String(contentsOfFile: "/proc/\(apply.process.processIdentifier)/cmdline", encoding: .utf8)
        outputs.append(arguments)
        // A bad change: there is evidence and an alarm.
        outputs.append(await apply.wait().output)
        for verb in ["status", "explain", "events", "history"] {
            try await run(verb, "latest", expecting: [0, 3, 4, 5])
            outputs.append(try await program.run(verb, "latest", "--json").output)
        }
        // Ended in the middle, as somebody would who wants a core.
        try await run(
            "plan", beside.change, "-i", inventory, "-l", "gra-eco-01", "-o", plan, expecting: [0])
        try await run("notify", "lint", beside.notify, expecting: [0])
        try await run("notify", "test", "canary", "--notify", beside.notify, expecting: [1, 69])
        program.via = ["sh", "-c", "cd '\(folder)/state'; ulimit -c unlimited; exec \"$@\"", "sh"]
        let crashed = try program.start(["apply", plan, "--yes"])
        program.via = []
        try await crashed.prints("push begins")
        kill(crashed.process.processIdentifier, SIGABRT)
        outputs.append(await crashed.wait().output)

        #expect(outputs.joined().contains("gra-eco-03"), "the device with a password was not tried")
        #expect(try server.log.contains("GET /"), "the server was not asked")
        for (index, output) in outputs.enumerated() {
            #expect(search.found(in: Data(output.utf8)) == [], "output \(index): \(output)")
        }
        let files = try search.files(in: "\(folder)/state")
        #expect(files.holding == [:])
        #expect(files.names.count > 8, "there was nothing to search")
        #expect(!files.names.contains { $0.hasPrefix("core") }, "a core was written")
    }
}

/// Something that answers on loopback, on a port of its own.
private struct AskedServer {
    let process = Process()
    private let folder: URL

    init(in place: String) throws {
        folder = URL(filePath: place).appending(path: "asked")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "log")
        try Data().write(to: file)
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
        process.currentDirectoryURL = folder
        process.standardOutput = try FileHandle(forWritingTo: file)
        process.standardError = process.standardOutput
        try process.run()
    }

    /// What it was asked, and on which port it says it serves.
    var log: String { get throws { try String(contentsOf: folder.appending(path: "log"), encoding: .utf8) } }

    var port: Int {
        get async throws {
            while process.isRunning {
                if let said = try log.firstMatch(of: /port (\d+)/), let port = Int(said.1) { return port }
                try await Task.sleep(for: .milliseconds(50))
            }
            throw CocoaError(.fileReadUnknown)
        }
    }
}

/// A secret for every place that takes one.
private struct Canaries {
    /// Each by the variable that holds it.
    let environment: [String: String]

    var all: [String] { environment.values.map { $0.split(separator: "/").last.map(String.init) ?? $0 } }

    init() {
        func canary(_ name: String) -> String { "canary-\(name)-\(UInt64.random(in: .min ... .max))" }
        let names = ["passphrase", "password", "enable", "auth", "priv", "token", "signature"]
        var values = Dictionary(uniqueKeysWithValues: names.map { ("CANARY_\($0.uppercased())", canary($0)) })
        values["CANARY_HOOK"] = "https://127.0.0.1:9/\(canary("hook"))"
        environment = values
    }

    private var passphrase: String { environment["CANARY_PASSPHRASE"] ?? "" }

    /// An inventory like the lab's: one device with a password only and SNMP v3, and a key that needs a passphrase for the others.
    func plant(in lab: Lab, folder: String) throws -> String {
        let key = "\(folder)/locked-key"
        try FileManager.default.copyItem(atPath: "\(lab.folder.path)/key", toPath: key)
        chmod(key, 0o600)
        let locked = Process()
        locked.executableURL = URL(filePath: "/usr/bin/ssh-keygen")
        locked.arguments = ["-q", "-p", "-P", "", "-N", passphrase, "-f", key]
        locked.standardOutput = FileHandle.nullDevice
        try locked.run()
        locked.waitUntilExit()
        try #require(locked.terminationStatus == 0)
        // Nobody knows this key, so the password is what is left.
        let stranger = try Process.run(
            URL(filePath: "/usr/bin/ssh-keygen"),
            arguments: ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "\(folder)/stranger"])
        stranger.waitUntilExit()
        let path = "\(folder)/canary"
        try FileManager.default.copyItem(atPath: lab.folder.inventory, toPath: path)
        for file in try FileManager.default.contentsOfDirectory(atPath: path) {
            var text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
            text = text.replacing(
                "key_file: \(lab.folder.path)/key",
                with: "key_file: \(key)\n    key_passphrase: env:CANARY_PASSPHRASE"
            ).replacing(
                "gra-eco-03: {",
                with: "gra-eco-03: {ssh: {key_file: \(folder)/stranger, password: env:CANARY_PASSWORD, "
                    + "enable_password: env:CANARY_ENABLE}, snmp: {version: 3, user: canary, auth: sha256, "
                    + "auth_key: env:CANARY_AUTH, priv: aes128, priv_key: env:CANARY_PRIV}, ")
            try text.write(toFile: "\(path)/\(file)", atomically: true, encoding: .utf8)
        }
        return path
    }

    /// A change whose gate asks a server with a token, and a file of a channel whose address and signature are secret.
    func plantBeside(_ port: Int, in policies: String, folder: String) throws -> (change: String, notify: String) {
        let night = try String(contentsOfFile: "\(policies)/lab-night.yaml", encoding: .utf8)
        let gate =
            "{kind: http, name: asked, url: \"http://127.0.0.1:\(port)/\", status: 200, token: \"env:CANARY_TOKEN\"}"
        try night.replacing("name: lab-night", with: "name: canary-night").replacing(
            "gates:", with: "gates:\n    - \(gate)"
        )
        .write(toFile: "\(policies)/canary-night.yaml", atomically: true, encoding: .utf8)
        let double = try String(contentsOfFile: "\(policies)/double-bandwidth.yaml", encoding: .utf8)
        let (change, notify) = ("\(policies)/canary.yaml", "\(folder)/notify.yaml")
        try double.replacing("lab-night.yaml", with: "canary-night.yaml")
            .write(toFile: change, atomically: true, encoding: .utf8)
        let channel = "{kind: generic, url: env:CANARY_HOOK, secret: env:CANARY_SIGNATURE, allow: [127.0.0.0/8]}"
        try "channels:\n  canary: \(channel)\n".write(toFile: notify, atomically: true, encoding: .utf8)
        return (change, notify)
    }
}
