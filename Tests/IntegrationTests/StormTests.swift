import FaultyWire
import Foundation
import Glibc
import RolloutEngine
import RolloutLab
import Testing

/// Everything at once on real hosts, for as long as one likes: `make storm MINUTES=30`.
@Suite(
    "A storm on real hosts", .serialized,
    .enabled(if: Storm.minutes != nil && Permission.isGranted, "takes long, and root: make storm MINUTES=30"))
struct StormTests {
    @Test(
        "after kill -9, stopped processes, faults, bad wires, a set clock and a full disk, journal and devices agree",
        .timeLimit(.minutes(180))
    )
    func storm() async throws {
        let name = "s" + String(UInt32.random(in: .min ... .max), radix: 36)
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-storm-\(name)").path
        let state = "\(folder)/state"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        // A disk that can fill up.
        try #require(mount("tmpfs", state, "tmpfs", 0, "size=48m") == 0)
        let lab = Lab(LabFolder("\(folder)/lab"))
        // Little traffic, as forty devices of it take a small machine's cores from what is tested.
        let topology = LabTopology(
            prefix: name, devicesPerGroup: Storm.devicesPerGroup,
            ranges: zip(["eco", "adv", "hg"], [1, 2, 3]).map { LabTopology.LabRange(name: $0, megabits: $1) })
        do {
            #expect(try await lab.up(topology) == .built)
            let storm = try Storm(in: lab, topology, state: state, clock: try SteppedClock(in: folder))
            try await storm.rages()
            try await storm.isOver()
        } catch {
            _ = try? await lab.down()
            umount2(state, Int32(MNT_DETACH))
            throw error
        }
        try await lab.down()
        umount2(state, Int32(MNT_DETACH))
        try FileManager.default.removeItem(atPath: folder)
    }
}

/// What happens in a storm. Every decision is random; what it did is said as it goes.
private struct Storm {
    let program: RolloutProgram
    let lab: Lab
    let state: String
    let clock: SteppedClock
    /// Before the SSH server of every third device.
    private let wires: [WireProxy]

    static let minutes = ProcessInfo.processInfo.environment["STORM_MINUTES"].flatMap(Double.init)
    static let devicesPerGroup = ProcessInfo.processInfo.environment["STORM_DEVICES"].flatMap(Int.init) ?? 7

    private static let faults: [LabFault] = [.drop, .hostKey, .silence, .cut, .slow]

    init(in lab: Lab, _ topology: LabTopology, state: String, clock: SteppedClock) throws {
        (self.lab, self.state, self.clock) = (lab, state, clock)
        var program = RolloutProgram(state: state)
        program.environment = clock.environment
        program.environment["LD_PRELOAD"] = try RolloutProgram.built("libFailingCalls.so").path
        self.program = program
        let behindWires = topology.devices.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
        wires = try behindWires.map { device in
            try #require(WireProxy(on: 2222, to: 22, inNamespace: device.namespace))
        }
        try Self.useWires(of: behindWires, in: lab.folder)
    }

    /// Their devices are reached by the wires' port, and show their own host keys there.
    private static func useWires(of devices: [LabDevice], in folder: LabFolder) throws {
        let inventory = "\(folder.inventory)/inventory.yaml"
        let known = "\(folder.path)/known_hosts"
        var text = try String(contentsOfFile: inventory, encoding: .utf8)
        var keys = try String(contentsOfFile: known, encoding: .utf8)
        for device in devices {
            text = text.replacing(
                "{address: \(device.management),", with: "{address: \(device.management), ssh: {port: 2222},")
            for line in keys.split(separator: "\n") where line.hasPrefix("\(device.management) ") {
                keys += "[\(device.management)]:2222\(line.dropFirst(device.management.count))\n"
            }
        }
        try text.write(toFile: inventory, atomically: true, encoding: .utf8)
        try keys.write(toFile: known, atomically: true, encoding: .utf8)
    }

    func rages() async throws {
        let end = ContinuousClock.now + .seconds((Self.minutes ?? 1) * 60)
        let tally = Tally()
        let names = try await lab.status().devices.map(\.name)
        var apply = try await start()
        // What is to be mended when. Not by tasks beside this one: a lab takes one command at a time.
        var mends: [(due: ContinuousClock.Instant, device: String?)] = []
        while ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(Int.random(in: 2000...12_000)))
            let due = mends.filter { $0.due <= .now }
            mends.removeAll { $0.due <= .now }
            for mend in due {
                if let device = mend.device {
                    try await lab.clearFaults(on: device)
                } else {
                    for wire in wires { wire.fault = nil }
                }
            }
            if !apply.process.isRunning {
                tally.add("ended with \(apply.process.terminationStatus)")
                apply = try goOn()
            }
            let name = names.randomElement() ?? ""
            switch Int.random(in: 0..<14) {
            case 0...2:
                _ = await apply.kill()
                tally.add("kill -9")
                // Nothing may be claimed of a device that nobody drives any more.
                let status = try await program.run("status", "latest")
                #expect([0, 3, 4, 5].contains(status.code), "\(status.output)")
                apply = try program.start(["apply", "--resume", "--yes"])
            case 3:
                let stopped = apply
                kill(stopped.process.processIdentifier, SIGSTOP)
                tally.add("stopped beyond its lease")
                apply = try program.start(["apply", "--resume", "--yes", "--steal"])
                try await Task.sleep(for: .seconds(35))
                kill(stopped.process.processIdentifier, SIGCONT)
                // It finds that it lost its lease. Or it had not taken it yet, drives on after the other one, and stays with a
                // rollout that an operator paused.
                let patience = ContinuousClock.now + .seconds(180)
                while stopped.process.isRunning, .now < patience, !stopped.output.contains("paused:") {
                    try await Task.sleep(for: .seconds(1))
                }
                if stopped.process.isRunning {
                    let old = await stopped.kill()
                    #expect(old.output.contains("paused:"), "\(old.output.suffix(600))")
                } else {
                    let old = await stopped.wait()
                    #expect([6, 0, 3, 4].contains(old.code), "\(old.output.suffix(600))")
                }
            case 4...6:
                let fault = Self.faults.randomElement() ?? .drop
                try await lab.set(fault, on: name)
                tally.add("\(fault) on \(name)")
                mends.append((.now + .seconds(Int.random(in: 5...45)), name))
            case 7:
                tally.add("full disk")
                fill()
                try await Task.sleep(for: .seconds(Int.random(in: 3...15)))
                unlink(ballast)
            case 8:
                tally.add("pause")
                _ = try await program.run("pause", "latest", "--no-drive")
                try await Task.sleep(for: .seconds(Int.random(in: 1...10)))
                _ = try await program.run("resume", "latest", "--no-drive")
            case 9:
                let step = Int64.random(in: -3600...3600)
                tally.add("clock set")
                try clock.set(step)
            case 10...12:
                for wire in wires where Bool.random() {
                    wire.fault = Self.anyWireFault()
                    wire.hangUp()
                }
                tally.add("bad wires")
                mends.append((.now + .seconds(Int.random(in: 5...45)), nil))
            default: _ = try await program.run("resume", "latest", "--no-drive")
            }
        }
        unlink(ballast)
        try await lab.clearFaults(on: "all")
        for wire in wires { wire.fault = nil }
        _ = await apply.kill()
        print("the storm: \(tally)")
    }

    private static func anyWireFault() -> WireProxy.Fault {
        let kinds: [WireProxy.Fault.Kind] = [
            .stall, .reset, .halfClose, .trickle, .delay(UInt32.random(in: 10...500)),
        ]
        return WireProxy.Fault(
            kind: kinds.randomElement() ?? .stall, isToServer: Bool.random(), bytes: Int.random(in: 0...20_000))
    }

    /// Mended, with a patient operator: it comes to an end, and everybody says the same of every device.
    func isOver() async throws {
        var last = try await program.run("resume", "latest")
        for round in 0..<8 where ![0, 4].contains(last.code) {
            print("it rests with \(last.code): \(last.output.suffix(300))")
            last =
                round % 2 == 0
                ? try await program.run("retry", "latest", "--failed") : try await program.run("resume", "latest")
        }
        try await agrees()
        let back = try await program.run("rollback", "latest")
        #expect([0, 4].contains(back.code), "\(back.output.suffix(2000))")
        try await agrees()
        // As on the first night: every device is there, on its old configuration, and may be changed.
        let again = try await program.run("plan", change, "-i", lab.folder.inventory)
        let count = try await lab.status().devices.count
        #expect(
            again.code == 0 && again.output.contains("\(count) change, 0 no change, 0 unreachable, 0 left out"),
            "\(again.output.suffix(2000))")
    }

    private func agrees() async throws {
        let said = try await program.run("status", "latest", "--json")
        let why = said.code == 5 ? try await program.run("explain", "latest").output : ""
        #expect(said.code != 5, "\(why)")
        let status = try JSONDecoder().decode(RolloutStatus.self, from: Data(said.output.utf8))
        let phases = Dictionary(
            status.waves.flatMap(\.devices).map { ($0.name.rawValue, $0.state) },
            uniquingKeysWith: { first, _ in first })
        let plan = try await program.run("show", planFile, "--json")
        let targets = try JSONDecoder().decode(Plan.self, from: Data(plan.output.utf8)).devices
        let caps = Dictionary(
            try await lab.status().devices.map { ($0.name, $0.cap) }, uniquingKeysWith: { first, _ in first })
        for planned in targets {
            guard let target = planned.target else { continue }
            let name = planned.device.name.rawValue
            let config = phases[name] == .confirmed ? target.desired : target.base
            let text = config.sections.flatMap(\.lines).joined()
            let cap = caps[name].flatMap(\.self)
            #expect(
                cap.map { text.contains("rate \($0.value)bit") } == true,
                "\(name) is \(phases[name].map { "\($0)" } ?? "-"), its cap is \(cap.map { "\($0)" } ?? "-"), not \(text)"
            )
        }
    }

    /// What was done, how often; said as it happens, so that a storm that goes wrong can be followed.
    private final class Tally: CustomStringConvertible {
        private var counts: [String: Int] = [:]

        func add(_ what: String) {
            counts[what, default: 0] += 1
            let now = Date.now.formatted(.iso8601.time(includingFractionalSeconds: false))
            // Not print: what is said must be there when the storm is cut short.
            FileHandle.standardError.write(Data("\(now) \(what)\n".utf8))
        }

        var description: String {
            counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        }
    }

    private var change: String { "\(lab.folder.policies)/double-bandwidth.yaml" }
    private var planFile: String { "\(state)/storm.plan" }
    private var ballast: String { "\(state)/ballast" }

    private func start() async throws -> RolloutProgram.Running {
        let made = try await program.run("plan", change, "-i", lab.folder.inventory, "-o", planFile)
        try #require(made.code == 0, "\(made.output)")
        return try program.start(["apply", planFile, "--yes"])
    }

    /// What an operator would say next to a rollout that stands still or has ended.
    private func goOn() throws -> RolloutProgram.Running {
        let verbs = [
            ["retry", "latest", "--failed"], ["resume", "latest"], ["apply", "--resume", "--yes"],
            ["rollback", "latest"],
        ]
        return try program.start(verbs.randomElement() ?? [])
    }

    /// Takes all room that is left.
    private func fill() {
        guard let file = fopen(ballast, "w") else { return }
        let block = [UInt8](repeating: 7, count: 65_536)
        while fwrite(block, 1, block.count, file) == block.count {}
        fclose(file)
    }
}
