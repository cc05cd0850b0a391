import ArgumentParser
import Foundation
import RolloutEngine
import RolloutLab

/// `rollout lab`: a fleet to try things on.
struct LabCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab",
        abstract: "Build a fleet of real Linux hosts out of network namespaces, to try things on.",
        discussion: """
            Nothing is added to the machine's own network. `down` ends exactly what `up` started. Needs root; without,
            `up --simulated` makes a simulated fleet.
            """,
        subcommands: [
            LabUp.self, LabStatusCommand.self, LabFaultCommand.self, LabDown.self, LabConsoleCommand.self,
        ])
}

/// Where a lab is written down.
struct LabOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The lab's folder. Default: lab in rollout's XDG state folder.", valueName: "folder"),
        completion: .directory)
    var dir: String?

    /// The folder.
    var folder: LabFolder { LabFolder(dir) }
}

/// `rollout lab up`.
struct LabUp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Build the lab: 24 devices in two datacentres, with traffic on them.")

    @Option(help: "How many devices each of the three product ranges has in each of the two datacentres.")
    var devicesPerGroup = 4

    @Option(help: "What the names of the namespaces begin with.")
    var prefix = "rlab"

    @Flag(help: "Make a simulated fleet, which needs no rights.")
    var simulated = false

    @Flag(
        help:
            "Put routers and switches among the hosts: ten platforms played, and real Open vSwitch, BIRD and FRR; see docs/console-devices.md."
    )
    var mixed = false

    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if mixed && simulated { throw ValidationError("--mixed is a lab of real sessions: leave out --simulated") }
    }

    func run() async throws {
        try await Command.run(output) {
            let topology = LabTopology(prefix: prefix, devicesPerGroup: devicesPerGroup, isMixed: mixed)
            let folder = lab.folder
            let outcome: Lab.Outcome
            let start = ContinuousClock.now
            if simulated {
                outcome = try await SimulatedLab(folder).up(topology)
            } else {
                outcome = try await Lab(folder, say: { say($0) }).up(topology)
            }
            let seconds = String(format: "%.1f s", (ContinuousClock.now - start) / .seconds(1))
            switch outcome {
            case .built: say("the lab is up: \(topology.devices.count) devices, \(seconds)")
            case .unchanged: say("the lab is up already: \(topology.devices.count) devices")
            }
            if output.json {
                try output.data(["folder": folder.path, "inventory": folder.inventory, "policies": folder.policies])
            } else {
                show(
                    """
                    next:
                      rollout lab status\(folder.options)
                      rollout plan \(folder.policies)/double-bandwidth.yaml -i \(folder.inventory) -o tonight.plan
                      rollout apply tonight.plan
                      rollout lab down\(folder.options)
                    """)
            }
            return .done
        }
    }
}

/// `rollout lab status`.
struct LabStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what runs, what each device is shaped to, and what it sends.")

    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let folder = lab.folder
            let isSimulated = try Lab(folder).record()?.kind == .simulated
            let status = isSimulated ? try await SimulatedLab(folder).status() : try await Lab(folder).status()
            if output.json {
                try output.data(status)
            } else {
                output.data(LabScreen(style: output.style).lines(status))
            }
            return .done
        }
    }
}

/// `rollout lab down`.
struct LabDown: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "End everything that `up` started, and remove what it wrote.")

    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let wasThere = try await Lab(lab.folder).down()
            say(wasThere ? "the lab is gone" : "there is no lab in \(lab.folder.path): nothing to do")
            return .done
        }
    }
}

/// `rollout lab fault`.
struct LabFaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault", abstract: "Make something go wrong in the lab, and make it good again.",
        discussion: """
            drop DEVICE            the SSH server stops, with its sessions
            hostkey DEVICE         the SSH server has another host key
            snmp DEVICE            the SNMP agent keeps silent; with 'all', also those of the uplinks
            cut DEVICE             management packets vanish: no SSH, no SNMP, no refusal
            slow DEVICE            every command takes two seconds longer
            strangle DEVICE RATE   the traffic meets a second cap behind the device
            clear DEVICE           all of these are taken away
            """)

    @Argument(help: "drop, hostkey, snmp, cut, slow, strangle or clear.")
    var fault: String

    @Argument(help: "The device, or 'all'.")
    var device: String

    @Argument(help: "For strangle: the rate, such as 500kbit.")
    var rate: String?

    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let fault = try kind()
            if try Lab(lab.folder).record()?.kind == .simulated {
                try await SimulatedLab(lab.folder).set(fault, on: device)
            } else if let fault {
                try await Lab(lab.folder).set(fault, on: device)
            } else {
                try await Lab(lab.folder).clearFaults(on: device)
            }
            say(fault == nil ? "\(device): no faults" : "\(device): \(self.fault) \(rate ?? "")")
            return .done
        }
    }

    /// The fault that is meant; nil to clear all.
    private func kind() throws -> LabFault? {
        guard (fault == "strangle") == (rate != nil) else {
            throw CommandFailure(
                .usage, "only strangle has a rate, and it needs one: rollout lab fault strangle DEVICE 500kbit")
        }
        switch fault {
        case "drop": return .drop
        case "hostkey": return .hostKey
        case "snmp": return .silence
        case "cut": return .cut
        case "slow": return .slow
        case "clear": return nil
        case "strangle":
            guard let rate = rate.flatMap(BitsPerSecond.init), rate > .zero else {
                throw CommandFailure(.usage, "'\(rate ?? "")' is not a rate such as 500kbit")
            }
            return .strangle(rate)
        default:
            throw CommandFailure(
                .usage, "'\(fault)' is no fault: expected drop, hostkey, snmp, cut, slow, strangle or clear")
        }
    }
}
