import ArgumentParser
import DeviceDrivers
import Foundation
import RolloutEngine

/// `rollout hostkey`: which host keys are trusted. Nothing is ever trusted on first use during a rollout.
struct HostkeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hostkey", abstract: "See, compare and accept the host keys of devices.",
        subcommands: [HostkeyScanCommand.self, HostkeyAcceptCommand.self, HostkeyListCommand.self])
}

/// A device's key as it is offered, beside the one that is trusted.
private struct ScannedKey: Encodable {
    var device: DeviceName
    var type: String?
    var fingerprint: String?
    var standing: String
    var trusted: [String] = []
}

/// Scans devices, some at a time.
private enum KeyScan {
    static func run(_ devices: [Device], trusting: Bool, replacing: Bool) async -> [ScannedKey] {
        let secrets = EnvironmentAndFileSecrets()
        let transport = ChosenTransport(
            library: SSHTransport(secrets: secrets), program: OpenSSHTransport(secrets: secrets))
        var results: [ScannedKey] = []
        // One after the other when keys are written: they go into one file.
        for device in devices {
            results.append(await scan(device, transport, trusting: trusting, replacing: replacing))
        }
        return results
    }

    private static func scan(_ device: Device, _ transport: ChosenTransport, trusting: Bool, replacing: Bool) async
        -> ScannedKey
    {
        guard let path = device.ssh.knownHosts else {
            return ScannedKey(
                device: device.name, standing: "no known_hosts file: set ssh.known_hosts in the inventory")
        }
        let file = HostKeyFile(path: path)
        do {
            let key = try await transport.scanHostKey(of: device, within: device.ssh.connectTimeout)
            var scanned = ScannedKey(device: device.name, type: key.type, fingerprint: key.fingerprint, standing: "")
            let known = try file.keys(of: device.address, port: device.ssh.port)
            scanned.trusted = known.map(\.fingerprint)
            if known.contains(key) {
                scanned.standing = "trusted"
            } else if trusting {
                try file.accept(key, address: device.address, port: device.ssh.port, replacing: replacing)
                scanned.standing = "accepted"
            } else {
                scanned.standing = known.isEmpty ? "unknown" : "CHANGED"
            }
            return scanned
        } catch {
            return ScannedKey(device: device.name, standing: error.description)
        }
    }

    static func show(_ keys: [ScannedKey], _ output: OutputOptions) throws {
        if output.json { return rollout.show(try JSONOutput.pretty(keys)) }
        for key in keys {
            let device = padded(SafeText.line(key.device.rawValue), 18)
            rollout.show(
                "\(device) \(padded(key.type ?? "-", 22)) \(key.fingerprint ?? "-")  \(SafeText.line(key.standing))")
            if key.standing == "CHANGED" {
                for trusted in key.trusted { rollout.show("\(padded("", 18)) trusted until now:    \(trusted)") }
            }
        }
    }
}

/// `rollout hostkey scan`: what keys devices offer, without logging in.
struct HostkeyScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Ask devices for their host keys and compare. Sends no credential, changes nothing.")
    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let devices = try inventory.devices(of: try inventory.load().inventory)
            let keys = await KeyScan.run(devices, trusting: false, replacing: false)
            try KeyScan.show(keys, output)
            return keys.allSatisfy { $0.standing == "trusted" } ? .done : .error
        }
    }
}

/// `rollout hostkey accept`: trust the keys that devices offer now.
struct HostkeyAcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Trust the host keys that devices offer now. Compare the fingerprints first.")
    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Also replace keys that changed. Be sure that the device was really reinstalled.") var replace = false

    func run() async throws {
        try await Command.run(output) {
            let devices = try inventory.devices(of: try inventory.load().inventory)
            let keys = await KeyScan.run(devices, trusting: true, replacing: replace)
            try KeyScan.show(keys, output)
            return keys.allSatisfy { $0.standing == "trusted" || $0.standing == "accepted" } ? .done : .error
        }
    }
}

/// `rollout hostkey list`: the keys that are trusted.
struct HostkeyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the host keys that are trusted.")
    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let devices = try inventory.devices(of: try inventory.load().inventory)
            let keys = try devices.map { device in
                let known = try device.ssh.knownHosts.map {
                    try HostKeyFile(path: $0).keys(of: device.address, port: device.ssh.port)
                }
                return ScannedKey(
                    device: device.name, type: known?.first?.type, fingerprint: known?.first?.fingerprint,
                    standing: known?.isEmpty ?? true ? "unknown" : "trusted", trusted: known?.map(\.fingerprint) ?? [])
            }
            try KeyScan.show(keys, output)
            return .done
        }
    }
}
