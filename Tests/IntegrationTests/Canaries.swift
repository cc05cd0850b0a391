import Foundation
import RolloutLab
import Testing

/// A secret for every place of an inventory, a policy and a file of channels that takes one.
struct Canaries {
    /// Each, or the address that holds it, by the variable that the program reads.
    private(set) var environment: [String: String] = [:]
    /// All of them.
    private(set) var secrets: [String] = []

    /// Makes one up.
    ///
    /// - Parameters:
    ///   - url: The address that is secret for it; the secret alone unless given.
    ///   - known: A secret that there is already.
    mutating func add(_ name: String, url: (_ secret: String) -> String = { $0 }, holding known: String? = nil) {
        let secret = known ?? "canary-\(name)-\(UInt64.random(in: .min ... .max))"
        environment["CANARY_\(name.uppercased())"] = url(secret)
        secrets.append(secret)
    }

    /// The one of a name.
    subscript(name: String) -> String { environment["CANARY_\(name.uppercased())"] ?? "" }

    /// An inventory like the lab's: one device with a password only and SNMP v3, and a key that needs a passphrase for the others.
    func plantInventory(_ lab: Lab, folder: String) throws -> String {
        let key = "\(folder)/locked-key"
        try FileManager.default.copyItem(atPath: "\(lab.folder.path)/key", toPath: key)
        chmod(key, 0o600)
        try sshKeygen("-p", "-P", "", "-N", self["passphrase"], "-f", key)
        // Nobody knows this key, so the password is what is left.
        try sshKeygen("-t", "ed25519", "-N", "", "-C", "", "-f", "\(folder)/stranger")
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

    /// A change with a gate of each kind that proves who asks.
    func plantGates(asking port: Int, policies: String) throws -> String {
        let server = "http://127.0.0.1:\(port)"
        let night = try String(contentsOfFile: "\(policies)/lab-night.yaml", encoding: .utf8)
        let gates = [
            "{kind: http, name: asked, url: '\(server)/', status: 200, token: 'env:CANARY_TOKEN'}",
            "{kind: prometheus, name: counted, url: '\(server)', query: up, maximum: 2, token: 'env:CANARY_METRICS'}",
            "{kind: sql, name: queried, url: 'env:CANARY_DATABASE', query: 'SELECT 1', maximum: 2}",
        ]
        try night.replacing("name: lab-night", with: "name: canary-night").replacing(
            "gates:", with: "gates:" + gates.map { "\n    - \($0)" }.joined()
        ).write(toFile: "\(policies)/canary-night.yaml", atomically: true, encoding: .utf8)
        let double = try String(contentsOfFile: "\(policies)/double-bandwidth.yaml", encoding: .utf8)
        let change = "\(policies)/canary.yaml"
        try double.replacing("lab-night.yaml", with: "canary-night.yaml")
            .write(toFile: change, atomically: true, encoding: .utf8)
        return change
    }

    /// A file with a channel whose address and signature are secret.
    func plantChannel(in folder: String) throws -> String {
        let path = "\(folder)/notify.yaml"
        let channel = "{kind: generic, url: env:CANARY_HOOK, secret: env:CANARY_SIGNATURE, allow: [127.0.0.0/8]}"
        try "channels:\n  canary: \(channel)\n".write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func sshKeygen(_ words: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/ssh-keygen")
        process.arguments = ["-q"] + words
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
