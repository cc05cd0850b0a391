import Testing

@testable import RolloutEngine

@Suite("Watch beside the waves")
struct BesideWatchTests {
    @Test(
        "an interface that was down when somebody went on is said only if it came up meanwhile",
        arguments: [
            ([2, 2, 2], false), ([2, 1, 2], true), ([1, 1, 2], true), ([1, 2, 1], false), ([2, 1, 1], false),
        ])
    func downAnew(statuses: [Int], isSaid: Bool) throws {
        let neighbour = Samples.device("core-1", range: "core")
        let policy = Samples.policy()
        let plan = try Planner.plan(Samples.input([Samples.device("d1")], policy: policy))
        let watch = BesideWatch(WatchedBeside(devices: [neighbour], links: [], onFail: .pause), policy)
        // The first of them was heard before somebody went on.
        let wentOn = Samples.start + .seconds(5)
        let samples = statuses.enumerated().map { index, status in
            CounterSample(
                subject: .device("core-1"), at: Samples.start + .seconds(Int64(index) * 10),
                uptime: 1000 + UInt32(index) * 1000,
                interfaces: [InterfaceReading(name: "eth0", operStatus: status)])
        }
        let alarm = watch.alarm(
            [.device("core-1"): samples], before: Verdict.Window(from: wentOn - .seconds(60), to: wentOn),
            until: Samples.start + .seconds(21), beside: plan.waves[0], policy.watch, notAgain: [])
        #expect((alarm?.subjects == ["core-1"]) == isSaid)
    }
}
