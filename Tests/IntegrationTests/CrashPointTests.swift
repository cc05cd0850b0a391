import Foundation
import Glibc
import RolloutEngine
import RolloutLab
import Testing

/// The program itself, on real hosts, ended or refused by the system at its n-th call: at every write to SSH and every write
/// and sync of the journal. A few of the points at a time; all of them with CRASH_POINTS=all.
@Suite(
    "The n-th call", .serialized, .enabled(if: Permission.isGranted, "needs root and network namespaces"))
struct CrashPointTests {
    @Test(
        "killed or refused at any write to SSH or the journal: whoever resumes brings the device to its end, once",
        .timeLimit(.minutes(120)))
    func points() async throws {
        let name = "c" + String(UInt32.random(in: .min ... .max), radix: 36)
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-crash-\(name)").path
        let lab = Lab(LabFolder("\(folder)/lab"))
        let topology = LabTopology(
            prefix: name, devicesPerGroup: 6, datacentres: ["gra"], ranges: [.init(name: "eco", megabits: 4)])
        do {
            #expect(try await lab.up(topology) == .built)
            let change = "\(lab.folder.policies)/quick.yaml"
            try Self.quick.write(toFile: change, atomically: true, encoding: .utf8)
            let benches = try topology.devices.map { device in
                try CrashBench(device: device.name, lab: lab, change: change, folder: "\(folder)/\(device.name)")
            }
            var points = try await CrashPoint.all(on: benches[0])
            if ProcessInfo.processInfo.environment["CRASH_POINTS"] != "all" { points = CrashPoint.some(of: points) }
            // One device a bench, so that they do not meet.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, bench) in benches.enumerated() {
                    let share = points.indices.filter { $0 % benches.count == index }.map { points[$0] }
                    group.addTask { for point in share { try await bench.passes(point) } }
                }
                try await group.waitForAll()
            }
        } catch {
            try await lab.down()
            throw error
        }
        try await lab.down()
        try FileManager.default.removeItem(atPath: folder)
    }

    /// Nothing is waited for, so that a night takes seconds.
    private static let quick = """
        change:
          name: quick
          shape: [{interface: e0, egress_rate: "{{ doubled }}Mbit"}]
        policy:
          name: quick
          soak: 2s
          watch: {poll: 1s, baseline: 2s}
          gates: []
          isolate: []
          headroom: 100%
          revert_timer: 1m
          deadlines: {push: 20s, confirm: 20s, roll_back: 30s, wave: 2m}

        """
}

/// Where the program is caught.
private struct CrashPoint: CustomStringConvertible {
    var call: String
    var number: Int
    var how: String

    var description: String { "\(call) \(number), \(how)" }
    var environment: [String: String] {
        ["FAILING_CALL": call, "FAILING_AT": "\(number)", "FAILING_HOW": how]
    }

    /// Every point of one night.
    static func all(on bench: CrashBench) async throws -> [CrashPoint] {
        var points: [CrashPoint] = []
        for (call, ways) in [
            ("send", ["before", "after", "\(EPIPE)"]), ("fdatasync", ["before", "after", "\(EIO)"]),
            ("pwrite64", ["before", "after", "\(ENOSPC)"]),
        ] {
            let count = try await bench.calls(of: call)
            #expect(count > 5, "\(call) is not counted")
            points += ways.flatMap { how in (1...count).map { CrashPoint(call: call, number: $0, how: how) } }
        }
        return points
    }

    /// Two of each kind, by chance.
    static func some(of points: [CrashPoint]) -> [CrashPoint] {
        Dictionary(grouping: points) { "\($0.call) \($0.how)" }.values.flatMap { $0.shuffled().prefix(2) }
    }
}

/// One real device and a store of its own.
private struct CrashBench {
    let device: String
    let lab: Lab
    let change: String
    let program: RolloutProgram

    private var plan: String { "\(program.state)/crash.plan" }

    init(device: String, lab: Lab, change: String, folder: String) throws {
        (self.device, self.lab, self.change) = (device, lab, change)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        program = RolloutProgram(state: folder)
    }

    /// How many calls of a kind a night makes in which nothing fails.
    func calls(of call: String) async throws -> Int {
        try await makePlan("to count \(call)")
        let count = "\(program.state)/count"
        let end = try await failing(["FAILING_CALL": call, "FAILING_COUNT": count]).run("apply", plan, "--yes")
        #expect(end.code == 0, "\(end.output)")
        try await putBack("after counting \(call)")
        let text = try String(contentsOfFile: count, encoding: .utf8)
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    /// A night that is cut off there comes to a good end all the same.
    func passes(_ point: CrashPoint) async throws {
        try await makePlan("\(point)")
        let before = try await rollouts()
        let caught = try await failing(point.environment).run("apply", plan, "--yes")
        // An operating system that says no once is no reason to strand a device, and none to claim anything either.
        #expect([0, 3, 5, 9, 69].contains(caught.code), "\(device), \(point): \(caught.code) \(caught.output)")
        if caught.code != 0 {
            // Without a rollout on record nothing was begun, and the plan can be applied as if for the first time.
            let resumed = try await goOn(isOnRecord: try await rollouts() > before)
            #expect(resumed.code == 0, "\(device), \(point): \(resumed.code) \(resumed.output)")
        }
        #expect(try await cap() == BitsPerSecond(8_000_000), "\(device), \(point)")
        let again = try await program.run(
            "plan", change, "-i", lab.folder.inventory, "-l", device, "--detailed-exitcode")
        #expect(again.code == 0, "\(device), \(point): \(again.output)")
        try await putBack("\(point)")
    }

    private func rollouts() async throws -> Int {
        try await program.run("list", "--json").output.matches(of: /"title"/).count
    }

    private func goOn(isOnRecord: Bool) async throws -> RolloutProgram.Ending {
        var last =
            isOnRecord
            ? try await program.run("apply", "--resume", "--yes") : try await program.run("apply", plan, "--yes")
        // What paused for a person goes on when the person says so.
        if last.code == 3 { last = try await program.run("resume", "latest") }
        if last.code == 3 { last = try await program.run("retry", "latest", "--failed") }
        return last
    }

    private func makePlan(_ why: String) async throws {
        let made = try await program.run("plan", change, "-i", lab.folder.inventory, "-l", device, "-o", plan)
        try #require(made.code == 0, "\(device), \(why): \(made.output)")
    }

    private func putBack(_ why: String) async throws {
        let back = try await program.run("rollback", "latest")
        #expect(back.code == 4, "\(device), \(why): \(back.output)")
        #expect(try await cap() == BitsPerSecond(4_000_000), "\(device), \(why)")
    }

    private func cap() async throws -> BitsPerSecond? {
        try await lab.status().devices.first { $0.name == device }?.cap
    }

    private func failing(_ environment: [String: String]) throws -> RolloutProgram {
        var program = program
        program.environment = environment
        program.environment["LD_PRELOAD"] = try RolloutProgram.built("libFailingCalls.so").path
        return program
    }
}
