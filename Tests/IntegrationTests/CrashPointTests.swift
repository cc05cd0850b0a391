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
        let topology = LabTopology(
            devicesPerGroup: 6, datacentres: ["gra"], ranges: [.init(name: "eco", megabits: 4)])
        try await LentLab.lend("crash", topology) { lent in
            let benches = try DeviceBench.all(of: lent.topology, in: lent.lab, folder: lent.folder)
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
        }
    }
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
    static func all(on bench: DeviceBench) async throws -> [CrashPoint] {
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

extension DeviceBench {
    /// How many calls of a kind a night makes in which nothing fails.
    fileprivate func calls(of call: String) async throws -> Int {
        try await makePlan("to count \(call)")
        let count = "\(program.state)/count"
        let end = try await failing(["FAILING_CALL": call, "FAILING_COUNT": count]).run("apply", plan, "--yes")
        #expect(end.code == 0, "\(end.output)")
        try await putBack("after counting \(call)")
        let text = try String(contentsOfFile: count, encoding: .utf8)
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    /// A night that is cut off there comes to a good end all the same.
    fileprivate func passes(_ point: CrashPoint) async throws {
        try await makePlan("\(point)")
        let before = try await rollouts()
        let caught = try await failing(point.environment).run("apply", plan, "--yes")
        // An operating system that says no once is no reason to strand a device, and none to claim anything either.
        #expect([0, 3, 5, 9, 69].contains(caught.code), "\(device), \(point): \(caught.code) \(caught.output)")
        if caught.code != 0 {
            // Without a rollout on record nothing was begun, and the plan can be applied as if for the first time.
            let isOnRecord = try await rollouts() > before
            let last =
                isOnRecord
                ? try await program.run("apply", "--resume", "--yes") : try await program.run("apply", plan, "--yes")
            let resumed = try await goOn(after: last)
            #expect(resumed.code == 0, "\(device), \(point): \(resumed.code) \(resumed.output)")
        }
        try await isChanged("\(point)")
        try await putBack("\(point)")
    }

    private func rollouts() async throws -> Int {
        try await program.run("list", "--json").output.matches(of: /"title"/).count
    }
}
