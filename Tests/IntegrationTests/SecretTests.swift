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
        try await LentLab.lend("canary", topology) { try await search($0.lab, in: $0.folder) }
    }

    private func search(_ lab: Lab, in folder: String) async throws {
        let community = try String(contentsOfFile: "\(lab.folder.path)/community", encoding: .utf8)
        let canaries = Canaries(community: community.trimmingCharacters(in: .whitespacesAndNewlines))
        let inventory = try canaries.plant(in: lab, folder: folder)
        var program = RolloutProgram(state: "\(folder)/state")
        program.environment = canaries.environment
        let policies = lab.folder.policies
        let plan = "\(folder)/state/night.plan"

        var outputs: [String] = []
        func run(_ arguments: String..., expecting codes: Set<Int32>) async throws {
            let end = try await program.start(arguments + ["-vvv"]).wait()
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
        let apply = try program.start(["apply", plan, "--yes", "-vvv"])
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
            "plan", "\(policies)/double-bandwidth.yaml", "-i", inventory, "-l", "gra-eco-01", "-o", plan,
            expecting: [0])
        program.via = ["sh", "-c", "cd '\(folder)/state'; ulimit -c unlimited; exec \"$@\"", "sh"]
        let crashed = try program.start(["apply", plan, "--yes", "-vvv"])
        program.via = []
        try await crashed.prints("push begins")
        kill(crashed.process.processIdentifier, SIGABRT)
        outputs.append(await crashed.wait().output)

        #expect(outputs.joined().contains("gra-eco-03"), "the device with a password was not tried")
        for (index, output) in outputs.enumerated() {
            #expect(canaries.found(in: Data(output.utf8)) == [], "output \(index): \(output)")
        }
        var files = 0
        for case let file as URL in try #require(
            FileManager.default.enumerator(at: URL(filePath: "\(folder)/state"), includingPropertiesForKeys: nil))
        where !file.hasDirectoryPath {
            files += 1
            #expect(!file.lastPathComponent.hasPrefix("core"), "a core was written")
            #expect(canaries.found(in: try Data(contentsOf: file)) == [], "\(file.path)")
        }
        #expect(files > 8, "there was nothing to search")
    }
}

/// A secret for every place that takes one.
private struct Canaries {
    let community: String
    let passphrase = "canary-passphrase-\(UInt64.random(in: .min ... .max))"
    let password = "canary-password-\(UInt64.random(in: .min ... .max))"

    var environment: [String: String] { ["CANARY_PASSPHRASE": passphrase, "CANARY_PASSWORD": password] }

    /// An inventory like the lab's: one device with a password only, and a key that needs a passphrase for the others.
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
                with: "gra-eco-03: {ssh: {key_file: \(folder)/stranger, password: env:CANARY_PASSWORD}, ")
            try text.write(toFile: "\(path)/\(file)", atomically: true, encoding: .utf8)
        }
        return path
    }

    /// Those that are in there, plainly or in a usual disguise.
    func found(in data: Data) -> [String] {
        [community, passphrase, password].filter { secret in
            let bytes = Data(secret.utf8)
            let hexadecimal = bytes.map { String(format: "%02x", $0) }.joined()
            let disguises = [bytes, Data(bytes.base64EncodedString().dropLast(4).utf8), Data(hexadecimal.utf8)]
            return disguises.contains { data.range(of: $0) != nil }
        }
    }
}
