import Testing

@testable import RolloutEngine

@Suite("Gates: alarms while a wave is under way")
struct GateAlarmTests {
    private func alarms(
        until end: Double, poll: Double = 10, control: Int = 6, links: [AgentModel] = [],
        _ alter: (inout AgentModel, Bool, Int) -> Void = { _, _, _ in }
    ) -> [GateAlarm] {
        var fixture = GateFixture(control: control, alter)
        fixture.end = end
        fixture.poll = poll
        fixture.links = links
        return GateEvaluator.alarms(fixture.input)
    }

    @Test("a healthy wave raises none, at any moment and any poll", arguments: [1.0, 2, 5, 10])
    func quiet(poll: Double) {
        for end in stride(from: 601.0, to: 680, by: 3.7) {
            #expect(alarms(until: end, poll: poll).isEmpty, "until \(end)")
        }
    }

    @Test("an interface that goes down is an alarm at the next poll, with the gate's own action")
    func down() {
        let alarms = alarms(until: 671) { agent, isTreated, number in
            if isTreated && number == 0 { agent.downSince = 661 }
        }
        #expect(alarms.map(\.gate) == ["interfaces"])
        #expect(alarms.first?.action == .rollBack)
        #expect(alarms.first?.subjects == ["gra-eco-1"])
    }

    @Test("an untouched device that fails is reported; several of them pause")
    func beside() {
        func control(_ count: Int) -> [GateAlarm] {
            alarms(until: 671) { agent, isTreated, number in
                if !isTreated && number < count { agent.downSince = 650 }
            }
        }
        #expect(control(1).map(\.action) == [.observe])
        #expect(control(2).map(\.action) == [.pause])
        #expect(control(2).first?.reason == "on devices that this wave did not touch: no longer up: gra-hg-1, gra-hg-2")
    }

    @Test("a restart is an alarm at the next poll")
    func restart() {
        let alarms = alarms(until: 671) { agent, isTreated, number in
            if isTreated && number == 0 { agent.restarts = [661] }
        }
        #expect(alarms.map(\.gate) == ["reboot"])
    }

    @Test("errors and discards far above their limit are alarms; a little above is left to the gate")
    func counts() {
        func alarms(_ rate: Double) -> [GateName] {
            self.alarms(until: 650) { agent, isTreated, number in
                guard isTreated && number == 0 else { return }
                agent.errors = { $0 < 600 ? 0 : rate }
                agent.discards = { $0 < 600 ? 0 : rate * 5 }
            }.map(\.gate)
        }
        #expect(alarms(20) == ["errors", "discards"])
        #expect(alarms(1.3).isEmpty)
    }

    @Test("two polls without an answer pause, whoever is silent of the wave and its links")
    func silence() {
        var link = AgentModel()
        link.subject = .link("up-gra")
        link.interface = "up"
        link.silentSince = 640
        let alarms = alarms(until: 670, links: [link]) { agent, isTreated, number in
            if isTreated && number == 2 { agent.silentSince = 640 }
        }
        #expect(alarms.count == 1)
        #expect(alarms.first?.action == .pause)
        #expect(alarms.first?.subjects == ["gra-eco-3", "up-gra"])
        #expect(alarms.first?.reason.contains("timeout: no answer") ?? false)
        let one = self.alarms(until: 648) { agent, isTreated, number in
            if isTreated && number == 2 { agent.silentSince = 640 }
        }
        #expect(one.isEmpty)
    }

    @Test("one silent untouched device is no alarm; most of them are")
    func silentControl() {
        func silent(_ count: Int) -> [GateAlarm] {
            alarms(until: 670) { agent, isTreated, number in
                if !isTreated && number < count { agent.silentSince = 630 }
            }
        }
        #expect(silent(1).isEmpty)
        #expect(silent(5).map(\.action) == [.pause])
    }

    @Test("traffic that vanishes is an alarm within four polls, and at once when it drips on")
    func vanished() {
        for left in [0.0, 500_000] {
            let alarms = alarms(until: 645) { agent, isTreated, number in
                if isTreated && number == 1 { agent.rate = { $0 < 600 ? 80_000_000 : left } }
            }
            #expect(alarms.map(\.gate) == ["traffic"], "left \(left)")
            #expect(alarms.first?.subjects == ["gra-eco-2"])
        }
    }

    @Test("a link is an alarm when it is over its headroom in every interval, not for one burst")
    func links() {
        func alarms(_ rate: @escaping (Double) -> Double) -> [GateName] {
            var link = AgentModel()
            link.subject = .link("up-gra")
            link.interface = "up"
            link.rate = rate
            return self.alarms(until: 660, links: [link]).map(\.gate)
        }
        #expect(alarms { $0 < 605 ? 5_000_000_000 : 9_500_000_000 } == ["links"])
        #expect(alarms { $0 > 642 && $0 < 650 ? 30_000_000_000 : 5_000_000_000 }.isEmpty)
    }

    @Test("restless traffic raises no alarm in 100 nights")
    func restless() {
        for seed: UInt64 in 0..<100 {
            var fixture = GateFixture { agent, isTreated, number in
                let noise = NoisyTraffic(seed: seed &* 7919 &+ UInt64(number) &+ (isTreated ? 500 : 0))
                agent.rate = { noise($0) }
            }
            fixture.end = 600 + Double(seed % 30) * 5 + 5
            #expect(GateEvaluator.alarms(fixture.input).isEmpty, "seed \(seed)")
        }
    }
}
