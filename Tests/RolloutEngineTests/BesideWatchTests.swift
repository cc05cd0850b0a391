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
            since: wentOn, until: Samples.start + .seconds(21), beside: plan.waves[0], policy.watch, notAgain: [])
        #expect((alarm?.subjects == ["core-1"]) == isSaid)
    }

    @Test("what broke while nobody looked is said, although a wave began only after it", arguments: [false, true])
    func brokeUnseen(restarts: Bool) throws {
        let neighbour = Samples.device("core-1", range: "core")
        let policy = Samples.policy()
        let plan = try Planner.plan(Samples.input([Samples.device("d1")], policy: policy))
        let watch = BesideWatch(WatchedBeside(devices: [neighbour], links: [], onFail: .pause), policy)
        let samples = (0..<8).map { index in
            let isBroken = index >= 5
            return CounterSample(
                subject: .device("core-1"), at: Samples.start + .seconds(Int64(index) * 10),
                uptime: restarts && isBroken ? UInt32(index - 4) * 1000 : 100_000 + UInt32(index) * 1000,
                interfaces: [InterfaceReading(name: "eth0", operStatus: isBroken && !restarts ? 2 : 1)])
        }
        let wentOn = Samples.start + .seconds(5)
        // Its first push came after the first reading that shows it.
        let begun = Samples.start + .seconds(51)
        let alarm = watch.alarm(
            [.device("core-1"): samples], before: Verdict.Window(from: begun - .seconds(40), to: begun), since: wentOn,
            until: Samples.start + .seconds(71), beside: plan.waves[0], policy.watch, notAgain: [])
        #expect(alarm?.subjects == ["core-1"])
        #expect(alarm?.reason.contains(restarts ? "restarted: core-1" : "down: core-1") == true)
    }
}
