import Testing

@testable import RolloutEngine

@Suite("What is expected of a rollout")
struct ForecastTests {
    /// Four waves of two devices, 20 minutes of soak each, from 22:00 to 23:30 in Paris, which is UTC+1.
    private func plan(_ alter: (inout Datacentre) -> Void = { _ in }) throws -> Plan {
        var policy = Samples.policy()
        policy.canary.devices = 0
        policy.waveSize = WaveSize(devices: 2, share: .percent(100))
        policy.soak = .minutes(20)
        policy.deadlines = Deadlines(push: .minutes(2), confirm: .minutes(2), rollBack: .minutes(2), wave: .minutes(60))
        var input = Samples.input((1...8).map { Samples.device("d\($0)") }, policy: policy)
        input.inventory.datacentres[0].window = MaintenanceWindow(startMinute: 22 * 60, endMinute: 23 * 60 + 30)
        alter(&input.inventory.datacentres[0])
        return try Planner.plan(input)
    }

    private func clock(_ text: String) throws -> Instant { try #require(Instant("2026-02-\(text).000Z")) }

    @Test("waves follow each other in the hours of their datacentre, and what does not fit goes on the next night")
    func nights() throws {
        let forecast = Forecast(of: try plan(), RolloutState(), at: try clock("10T12:00:00"))
        // 26 minutes are needed to begin: the fourth wave would have to begin by 22:04 UTC.
        #expect(
            forecast.waves.map(\.begins) == [
                try clock("10T21:00:00"), try clock("10T21:20:02"), try clock("10T21:40:04"), try clock("10T22:00:06"),
            ])
        #expect(forecast.endsAt == (try clock("10T22:20:08")))
        #expect(forecast.endsTonight && forecast.wavesTonight == 4)

        let late = Forecast(of: try plan(), RolloutState(), at: try clock("10T21:30:00"))
        // Watched for a minute first.
        #expect(
            late.waves.map(\.begins) == [
                try clock("10T21:31:00"), try clock("10T21:51:02"), try clock("11T21:00:00"), try clock("11T21:20:02"),
            ])
        #expect(!late.endsTonight && late.wavesTonight == 2)
        #expect(late.tonightUntil == (try clock("10T22:30:00")))
    }

    @Test("what has passed is not counted, what soaks needs only the rest of its soak, and a blackout is stepped over")
    func underWay() throws {
        let day = try #require(CalendarDay("2026-02-11"))
        let plan = try plan { $0.blackouts = [Blackout(first: day, last: day)] }
        var state = RolloutState()
        func add(_ fact: Fact, _ text: String) throws {
            state.apply(JournalEntry(sequence: state.sequence + 1, at: try clock(text), fence: 1, fact: fact))
        }
        for wave in 0...1 {
            try add(.waveStarted(wave: wave), "10T21:30:00")
            for device in plan.waves[wave].devices {
                try add(.intent(DeviceStep(device: device, kind: .push, attempt: 1)), "10T21:30:00")
                try add(.outcome(DeviceStep(device: device, kind: .push, attempt: 1), .found(.target)), "10T21:30:02")
            }
            try add(.soakStarted(wave: wave), "10T21:50:00")
            if wave == 0 { try add(.wavePassed(wave: 0), "10T21:50:00") }
        }
        let forecast = Forecast(of: plan, state, at: try clock("10T22:05:00"))
        #expect(forecast.waves.map(\.index) == [1, 2, 3])
        #expect(forecast.waves.first?.ends == (try clock("10T22:10:00")))
        #expect(forecast.waves.dropFirst().map(\.begins) == [try clock("12T21:00:00"), try clock("12T21:20:02")])
        let left = plan.left(after: state)
        #expect(left.waves.map(\.index) == [1, 2, 3])
        #expect(left.waves[0].after.isEmpty && left.waves[1].after == [1])
        #expect(left.devices.count { $0.target != nil } == 6)
    }

    @Test("a wave that fits into no hours leaves the end open")
    func neverFits() throws {
        let plan = try plan { $0.window = MaintenanceWindow(startMinute: 22 * 60, endMinute: 22 * 60 + 20) }
        let forecast = Forecast(of: plan, RolloutState(), at: try clock("10T12:00:00"))
        #expect(forecast.waves.isEmpty && forecast.endsAt == nil && !forecast.endsTonight)
    }
}
