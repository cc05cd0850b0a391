import ArgumentParser
import ConsoleDevices
import DeviceDrivers
import Foundation
import RolloutEngine
import RolloutLab

/// `rollout lab console`: a session at a router or switch that is played, for sshd to start.
struct LabConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console", abstract: "Be the command line of a router or switch whose state is in a folder.",
        discussion: """
            With `ForceCommand rollout lab console FOLDER` sshd makes a device of it: each session is a process, and all
            share the folder. See docs/console-devices.md.
            """,
        shouldDisplay: false)

    @Argument(help: "The device's folder.", completion: .directory)
    var folder: String

    @Option(help: "Whose session it is.")
    var user = Environment.value("USER") ?? "admin"

    @Option(name: .short, help: "One command, instead of a dialogue. Default: what an ssh client asked for.")
    var command: String?

    @Option(help: "Make a device of that platform in the folder.")
    var make: String?

    @Option(help: "With --make: its name.")
    var hostname = "console"

    @Option(help: "With --make: its ports, apart by commas; PORT=NETDEV where a network device stands for one.")
    var ports = ""

    @Option(help: "With --make: what each port is shaped to, such as 50mbit.")
    var rate = "50mbit"

    @Option(help: "With --make: a file whose first line is what `enable` asks for.", completion: .file())
    var enablePassword: String?

    @Option(help: "Set what goes wrong, as JSON such as '{\"commitFails\":true}'; '{}' for nothing.")
    var faults: String?

    @Flag(help: "Carry out what is due, and say nothing.")
    var tick = false

    @Flag(help: "Go on carrying out what is due, and shape the network devices as the configuration says.")
    var forward = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        var status: Int32 = 0
        try await Command.run(output) {
            if forward { try await playHardware() } else { status = try act() }
            return .done
        }
        if status != 0 { throw ExitCode(status) }
    }

    @Sendable private static func now() -> Moment { Moment(milliseconds: Int(Date.now.timeIntervalSince1970 * 1000)) }

    private func act() throws -> Int32 {
        let device = ConsoleFolder(folder)
        if let make {
            try create(make, at: Self.now())
        } else if let faults {
            guard let read = try? JSONDecoder().decode(ConsoleFaults.self, from: Data(faults.utf8)) else {
                throw CommandFailure(
                    .usage, "'\(faults)' says no faults: expected JSON such as '{\"commitFails\":true}'")
            }
            try device.set(read)
        } else if tick {
            try device.tick(at: Self.now())
        } else {
            return try ConsoleStream(device, user: user, now: Self.now).run(
                command ?? Environment.value("SSH_ORIGINAL_COMMAND"))
        }
        return 0
    }

    /// What the hardware of a real one does: it follows the configuration. Looks only where something was written or is due.
    private func playHardware() async throws {
        let file = ConsoleFolder(folder)
        var shaped: [String: Int] = [:]
        var written: Date?
        var isWaiting = false
        while !Task.isCancelled {
            if isWaiting { try file.tick(at: Self.now()) }
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/device.json")
            let lastWritten = attributes[.modificationDate] as? Date
            if written == nil || lastWritten != written {
                written = lastWritten
                let device = try file.device()
                isWaiting = device.isArmed
                for interface in device.interfaces {
                    let rate = device.shapedRates[interface.name]
                    guard let netdev = interface.netdev, shaped[netdev] != rate ?? 0 else { continue }
                    try PortShaper.shape(netdev, to: rate.map { BitsPerSecond(UInt64($0)) })
                    shaped[netdev] = rate ?? 0
                }
            }
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    private func create(_ name: String, at now: Moment) throws {
        guard let platform = ConsolePlatform(rawValue: name) else {
            let known = ConsolePlatform.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure(.usage, "'\(name)' is not played: expected one of \(known)")
        }
        guard let rate = BitsPerSecond(rate) else {
            throw CommandFailure(.usage, "'\(self.rate)' is not a rate such as 50mbit")
        }
        let interfaces = ports.split(separator: ",").map { port in
            let parts = port.split(separator: "=").map(String.init)
            return ConsoleInterface(parts[0], netdev: parts.count > 1 ? parts[1] : nil)
        }
        if let strange = interfaces.first(where: { !platform.isPort($0.name) }) {
            throw CommandFailure(
                .usage, "'\(strange.name)' is no name of a port of \(name): write it out as its configuration does")
        }
        let password = try enablePassword.map { try EnvironmentAndFileSecrets().resolve(.file($0)).reveal { $0 } }
        let device = ConsoleDevice.make(
            platform: platform, hostname: hostname, interfaces: interfaces, rate: Int(rate.value),
            enablePassword: password ?? "enable", at: now)
        _ = try ConsoleFolder.make(folder, device: device)
    }
}
