import ArgumentParser
import DeviceDrivers
import Foundation
import RolloutEngine
import RolloutStore

/// `rollout doctor`: whether everything that a night needs is there, before the night.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "See whether the store, the inventory, every device's SSH, its host key and its SNMP work. Changes nothing."
    )
    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    private struct Finding: Encodable {
        var subject: String
        var isGood: Bool
        var detail: String
    }

    func run() async throws {
        try await Command.run(output) {
            var findings = [examineStore()]
            let loaded = try inventory.load()
            let devices = try inventory.devices(of: loaded.inventory)
            findings.append(
                Finding(
                    subject: "inventory", isGood: true,
                    detail: "\(loaded.inventory.devices.count) devices, \(loaded.inventory.links.count) links, "
                        + "\(loaded.warnings.count) warnings"))
            let fleet = try Wiring.fleet(ManagementCaps(), devices: devices, verbosity: output.verbose)
            findings += await examine(devices, fleet)
            let names = Set(devices.flatMap(\.links))
            for link in loaded.inventory.links where names.contains(link.name) {
                findings.append(await examine(link.watchedAgent, "link \(link.name)", fleet))
            }
            if output.json {
                show(try JSONOutput.pretty(findings))
            } else {
                for finding in findings {
                    let mark = finding.isGood ? output.style.paint("ok  ", .good) : output.style.paint("BAD ", .bad)
                    show("\(mark) \(padded(SafeText.line(finding.subject), 22)) \(SafeText.line(finding.detail))")
                }
            }
            return findings.allSatisfy(\.isGood) ? .done : .unavailable
        }
    }

    private func examineStore() -> Finding {
        do {
            _ = try store.open()
            return Finding(subject: "store", isGood: true, detail: "opens, journal is written through to the disk")
        } catch {
            return Finding(subject: "store", isGood: false, detail: "\(error)")
        }
    }

    private func examine(_ devices: [Device], _ fleet: Wiring.Fleet) async -> [Finding] {
        await withTaskGroup(of: (Int, [Finding]).self) { group in
            var next = 0
            var results = [[Finding]](repeating: [], count: devices.count)
            func start() {
                guard next < devices.count else { return }
                let index = next
                next += 1
                group.addTask { (index, await self.examine(devices[index], fleet)) }
            }
            for _ in 0..<20 { start() }
            while let (index, findings) = await group.next() {
                results[index] = findings
                start()
            }
            return results.flatMap { $0 }
        }
    }

    private func examine(_ device: Device, _ fleet: Wiring.Fleet) async -> [Finding] {
        var findings: [Finding] = []
        do {
            let start = ContinuousClock.now
            let driver = try fleet.drivers.driver(for: device)
            let observed = try await driver.observe(
                device, scope: ConfigScope(interfaces: device.interfaces),
                within: device.ssh.connectTimeout + device.ssh.commandTimeout)
            let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
            let mismatch = device.mismatch(with: observed)
            // OpenSSH is a process that has to be started, twice for a command line.
            let (client, usual) = fleet.speaksOpenSSH(to: device) ? (" by OpenSSH", 3000) : ("", 1000)
            findings.append(
                Finding(
                    subject: device.name.rawValue, isGood: mismatch == nil,
                    detail: mismatch
                        ?? "ssh\(client) \(milliseconds) ms\(milliseconds > usual ? ": slow, look at the account's login shell" : ""), \(observed.firmware ?? "firmware unknown")"
                ))
        } catch {
            findings.append(Finding(subject: device.name.rawValue, isGood: false, detail: error.description))
        }
        if let agent = device.watchedAgent {
            findings.append(await examine(agent, "\(device.name) snmp", fleet))
        } else {
            findings.append(
                Finding(
                    subject: "\(device.name) snmp", isGood: false,
                    detail: "no gate can see it: no community or user, or no interfaces"))
        }
        return findings
    }

    private func examine(_ agent: WatchedAgent, _ subject: String, _ fleet: Wiring.Fleet) async -> Finding {
        let sample = await fleet.counters.sample(agent)
        if let reason = sample.unknown ?? sample.interfaces.compactMap(\.unknown).first {
            return Finding(subject: subject, isGood: false, detail: reason.description)
        }
        let wide = sample.interfaces.allSatisfy { if case .bits64 = $0.inOctets { true } else { false } }
        return Finding(
            subject: subject, isGood: true,
            detail:
                "answers SNMP \(agent.snmp.spoken.rawValue), \(sample.interfaces.count) interfaces, \(wide ? "64" : "32")-bit counters"
        )
    }
}

/// `rollout lock`: who may drive a rollout.
struct LockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Show who drives a rollout, and which failure domains are held.")
    @OptionGroup var rollout: RolloutArgument
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let store = try store.open()
            let record = try await rollout.find(in: store)
            let now = SystemClock().now()
            let lease = try await store.lease(of: record.id)
            if let lease {
                let state = lease.living(at: now) == nil ? "gone or run out" : "until \(lease.expiresAt)"
                show("rollout \(record.id) is driven by \(SafeText.line(lease.holder)), fence \(lease.fence), \(state)")
                show("take it over: rollout apply --resume \(record.id.number) --steal")
            } else {
                show("nobody drives rollout \(record.id)")
            }
            for held in try await store.claims() {
                show(SafeText.line("\(held.claim.domain) is held by \(held.claim.device) of rollout \(held.rollout)"))
            }
            return .done
        }
    }
}

/// `rollout completion`: what a shell needs to complete commands.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print a completion script: source <(rollout completion bash)")
    @Argument(help: "bash, zsh or fish.") var shell: String

    func run() throws {
        guard let shell = CompletionShell(rawValue: shell) else {
            throw ValidationError("'\(shell)' is none of bash, zsh, fish")
        }
        print(Rollout.completionScript(for: shell))
    }
}

/// `rollout version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() { print("rollout \(Wiring.version)") }
}
