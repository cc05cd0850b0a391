import ConsoleDevices
import Foundation
import RolloutEngine
import RolloutLab
import Testing

/// Routers and switches of ten platforms, played, and real ones of Open vSwitch, BIRD and FRR, beside Linux hosts, each behind a real SSH
/// server in a namespace of its own.
@Suite(
    "A fleet of thirteen platforms", .serialized,
    .enabled(if: Permission.isGranted, "needs root and network namespaces"))
struct MixedFleetTests {
    /// One device of each of the first platforms, and another of the first where they are of an odd number.
    private static func topology(platforms: Int) -> LabTopology {
        LabTopology(
            devicesPerGroup: (platforms + 1) / 2, datacentres: ["gra"],
            ranges: [.init(name: "eco", megabits: 4), .init(name: "adv", megabits: 8)], isMixed: true)
    }

    @Test(
        "one rollout goes over thirteen platforms, a second plan is empty, lines and routes change, and a bad change is put back on all of them",
        .timeLimit(.minutes(10)))
    func mixed() async throws {
        let topology = Self.topology(platforms: LabTopology.Kind.mixture.count)
        try await LentLab.lend("mixed", topology, program: try RolloutProgram.built("rollout").path) { lent in
            let fleet = Fleet(lent)
            try fleet.bearsBusyMachine()
            try await fleet.good()
            try await fleet.lines()
            try await fleet.routes()
            try await fleet.bad()
        }
    }

    /// The links are cut as soon as the device has armed its timer: while its change is on the way, or the answer to it.
    @Test(
        "the links to three routers are cut in the middle of their commits: each ends confirmed and saved, once they are mended",
        .timeLimit(.minutes(10)))
    func cutInMidCommit() async throws {
        let topology = Self.topology(platforms: 6)
        try await LentLab.lend("cut", topology, program: try RolloutProgram.built("rollout").path) { lent in
            let fleet = Fleet(lent)
            let routers = lent.topology.devices.filter { $0.kind.runs == .played }
            // A session with a timer, a commit with one, and line by line behind one.
            let cut = routers.filter { ["arista_eos", "juniper_junos", "cisco_iosxe"].contains($0.kind.platform) }
            let scissors = cut.map { router in Task { try await fleet.cutInMidCommit(router) } }
            try await fleet.reachesGood()
            for cut in scissors { #expect(try await cut.value, "a commit was never seen") }
            for router in routers { try fleet.isSaved(router) }
            try await fleet.isGood()
        }
    }
}

/// One lab, and what is done to it.
private struct Fleet {
    let program: RolloutProgram
    let lab: Lab
    private let topology: LabTopology
    private let doubled: [BitsPerSecond]

    init(_ lent: LentLab) {
        topology = lent.topology
        program = RolloutProgram(state: "\(lent.folder)/state")
        lab = lent.lab
        doubled = lent.topology.devices.map { BitsPerSecond($0.bandwidth.value * 2) }
    }

    /// Fourteen devices and whatever else is tested share a few processors. An agent that got none for some seconds gives no whole
    /// answer, and queues that ran over while they had none leave all at once: such a wave is soaked and judged again.
    func bearsBusyMachine() throws {
        try amendNight([
            ("minimum_rate: 100kbit}", "minimum_rate: 100kbit, inconclusive_limit: 3}"),
            ("on_fail: roll_back}", "on_fail: roll_back, inconclusive_limit: 3}"),
            ("- errors\n", "- {kind: errors, inconclusive_limit: 3}\n"),
            ("- interfaces\n", "- {kind: interfaces, inconclusive_limit: 3}\n"),
            ("- reboot\n", "- {kind: reboot, inconclusive_limit: 3}\n"),
            ("- links\n", "- {kind: links, inconclusive_limit: 3, fail_limit: 3}\n"),
        ])
    }

    /// Writes something else into the policy of the lab's night.
    private func amendNight(_ amendments: [(String, String)]) throws {
        let night = "\(lab.folder.policies)/lab-night.yaml"
        var policy = try String(contentsOfFile: night, encoding: .utf8)
        for (text, amended) in amendments {
            try #require(policy.contains(text))
            policy.replace(text, with: amended)
        }
        try policy.write(toFile: night, atomically: true, encoding: .utf8)
    }

    /// Every platform is changed, confirmed, and does what its configuration says.
    func good() async throws {
        try await carryOut("double-bandwidth")
        try await isGood()
    }

    /// Plans a change of the lab and applies it.
    private func carryOut(_ change: String, endingWith code: Int32 = 0) async throws {
        let plan = "\(program.state)/\(change).plan"
        let planned = try await program.run(
            "plan", "\(lab.folder.policies)/\(change).yaml", "-i", lab.folder.inventory, "-o", plan)
        #expect(planned.code == 0, "\(planned.output)")
        let end = try await program.run("apply", plan, "--yes")
        #expect(end.code == code, "\(end.output)")
    }

    /// Lines of nine languages say where the time comes from, and a second plan is empty.
    func lines() async throws {
        try await carryOut("new-ntp-server")
        let told = topology.devices.filter { $0.kind.runs == .played && $0.kind.platform != "mikrotik_routeros" }
        for router in told {
            let text = try console(router).device().runningText
            #expect(text.contains("10.0.0.7") && !text.contains("10.0.0.6"), "\(router.name): \(text)")
            try isSaved(router)
        }
        let again = try await program.run(
            "plan", "\(lab.folder.policies)/new-ntp-server.yaml", "-i", lab.folder.inventory, "--detailed-exitcode")
        #expect(again.code == 0 && again.output.contains("No change  \(told.count)"), "\(again.output)")
    }

    /// BIRD and FRR get another route, by a file that each of them is told to read, and run it.
    func routes() async throws {
        for (name, runs, question) in [
            ("bird", LabTopology.Kind.Program.bird, ["birdc", "show", "route"]),
            ("frr", .frr, ["vtysh", "-c", "show running-config"]),
        ] {
            let router = try #require(topology.devices.first { $0.kind.runs == runs })
            #expect(try await !inside(router, question).contains("192.0.2.128/25"))
            try await carryOut("new-route-\(name)")
            let says = try await inside(router, question)
            #expect(says.contains("192.0.2.0/25") && says.contains("192.0.2.128/25"), "\(says)")
            guard runs == .bird else { continue }
            #expect(try await !inside(router, ["birdc", "show", "status"]).contains("unconfirmed"))
        }
    }

    /// What a program says that is run on a device.
    private func inside(_ device: LabDevice, _ words: [String]) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["nsenter", "-t", String(try keeper(device)), "-m", "-n"] + words
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
        return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    /// The same, by a person who goes on each time that it stands still because a link is cut.
    func reachesGood() async throws {
        try amendNight([("revert_timer: 2m", "revert_timer: 1m")])
        let plan = "\(program.state)/cut.plan"
        let planned = try await program.run(
            "plan", "\(lab.folder.policies)/double-bandwidth.yaml", "-i", lab.folder.inventory, "-o", plan)
        #expect(planned.code == 0, "\(planned.output)")
        var end = try await program.run("apply", plan, "--yes")
        for _ in 0..<20 where end.code != 0 {
            try #require(end.code == 3, "\(end.output)")
            try await Task.sleep(for: .seconds(5))
            // A session that was cut off may hold its device's lock until the link is mended: that is waited out, and no failure.
            #expect(!end.output.contains("failed, as it was"), "\(end.output)")
            end = try await program.run("resume", "latest")
        }
        #expect(end.code == 0, "\(end.output)")
    }

    /// Cuts the link to a router once it has a timer armed, and mends it a while later. Returns whether it ever had one.
    func cutInMidCommit(_ router: LabDevice) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(400)
        while try console(router).device().pending == nil {
            guard .now < end else { return false }
            try await Task.sleep(for: .milliseconds(20))
        }
        try await setLink(router, "down")
        try await Task.sleep(for: .seconds(12))
        try await setLink(router, "up")
        return true
    }

    /// Nothing is pending on a router, and it would start with what it runs.
    func isSaved(_ router: LabDevice) throws {
        let device = try console(router).device()
        #expect(device.pending == nil, "\(router.name) has a timer armed")
        #expect(device.running == device.startup, "\(router.name) would start with something else")
    }

    /// Every platform does what was ordered, and a second plan is empty on each.
    func isGood() async throws {
        #expect(try await caps() == doubled)
        let again = try await program.run(
            "plan", "\(lab.folder.policies)/double-bandwidth.yaml", "-i", lab.folder.inventory, "--detailed-exitcode")
        #expect(again.code == 0 && again.output.contains("No change  \(doubled.count)"), "\(again.output)")
    }

    private func console(_ router: LabDevice) throws -> ConsoleFolder {
        ConsoleFolder("/proc/\(try keeper(router))/root/run/rollout-lab/console")
    }

    /// A process that sees a device's files.
    private func keeper(_ device: LabDevice) throws -> Substring {
        let pids = try String(contentsOfFile: "\(lab.folder.path)/run/\(device.namespace).pid", encoding: .utf8)
        return try #require(pids.split(separator: " ").first)
    }

    private func setLink(_ router: LabDevice, _ way: String) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let core = router.namespace.dropLast(router.name.count) + "core"
        process.arguments = ["ip", "-n", String(core), "link", "set", router.name, way]
        try process.run()
        while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
        #expect(process.terminationStatus == 0)
    }

    /// A tenth of what was meant: seen by the traffic, and put back on whatever it was done to.
    func bad() async throws {
        try await carryOut("typo", endingWith: 4)
        #expect(try await caps() == doubled)
    }

    /// What every device shapes to, in the order of the topology, once what is played has followed.
    private func caps() async throws -> [BitsPerSecond?] {
        try await Task.sleep(for: .seconds(1))
        return try await lab.status().devices.map(\.cap)
    }
}
