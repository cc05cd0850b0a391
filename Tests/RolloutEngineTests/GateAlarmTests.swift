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

    @Test("an untouched device with two interfaces is one device")
    func besideWithTwoInterfaces() throws {
        let wave = try Planner.plan(Samples.input([Samples.device("d1")])).waves[0]
        func alarms(failing: Set<DeviceName>) -> [GateAction] {
            let treated = Samples.device("d1")
            let control = ["c1", "c2"].map { name in
                var device = Samples.device(name)
                device.interfaces = ["eth0", "eth1"]
                return device
            }
            var samples: [WatchedAgent.Subject: [CounterSample]] = [:]
            for device in [treated] + control {
                samples[.device(device.name)] = (0...12).map { poll in
                    let isDown = poll >= 9 && failing.contains(device.name)
                    return CounterSample(
                        subject: .device(device.name), at: Samples.start + .seconds(Int64(poll) * 10),
                        uptime: 1000 + UInt32(poll) * 1000,
                        interfaces: device.interfaces.map { InterfaceReading(name: $0, operStatus: isDown ? 2 : 1) })
                }
            }
            let changed = Samples.start + .seconds(60)
            let input = GateInput(
                wave: wave, treated: [treated], control: control, links: [], rules: Samples.policy().gates,
                watch: Samples.policy().watch, samples: samples,
                before: Verdict.Window(from: Samples.start, to: changed),
                after: Verdict.Window(from: changed, to: changed + .seconds(61)), changedAt: ["d1": changed])
            return GateEvaluator.alarms(input).map(\.action)
        }
        #expect(alarms(failing: ["c1"]) == [.observe])
        #expect(alarms(failing: ["c1", "c2"]) == [.pause])
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

    @Test("one silent answer is no silence; nothing at all is one, of an agent that spoke before")
    func fewAnswers() {
        func alarms(keeping isKept: (CounterSample) -> Bool) -> [GateAlarm] {
            var fixture = GateFixture { agent, isTreated, number in
                if isTreated && number == 2 { agent.silentSince = 640 }
            }
            fixture.end = 660
            var input = fixture.input
            let kept = input.samples[.device("gra-eco-3")]?.filter(isKept) ?? []
            input.samples[.device("gra-eco-3")] = kept.isEmpty ? nil : kept
            return GateEvaluator.alarms(input)
        }
        let first = AgentModel.instant(649)
        #expect(alarms { $0.at < AgentModel.instant(600) || $0.silence != nil && $0.at < first }.isEmpty)
        let unread = alarms { $0.at < AgentModel.instant(600) }
        #expect(unread.map(\.subjects) == [["gra-eco-3"]])
        #expect(unread.first?.reason.contains("it was not read") ?? false, "\(unread)")
        #expect(alarms { _ in false }.isEmpty)
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
            // One of many: it is worth a look, and puts nothing back.
            #expect(alarms.first?.action == .pause)
        }
    }

    /// Traffic that flows evenly, or comes and goes a minute each, and stops when the wave is touched.
    private func lost(isRestless: Bool) -> (Double) -> Double {
        { second in
            guard second < GateFixture.touched else { return 0 }
            guard isRestless else { return 80_000_000 }
            return Int(second / 60) % 2 == 1 ? 10_000_000 : 200_000_000
        }
    }

    @Test("a single restless interface that falls silent is reported and pauses nothing; the verdict decides")
    func lone() throws {
        func alter(_ agent: inout AgentModel, _ isTreated: Bool, _ number: Int) {
            if isTreated && number == 1 { agent.rate = lost(isRestless: true) }
        }
        let alarms = alarms(until: 645, alter)
        #expect(alarms.map(\.gate) == ["traffic"])
        #expect(alarms.map(\.action) == [.observe])
        #expect(alarms.first?.subjects == ["gra-eco-2"])
        #expect(alarms.first?.reason.contains("the end of the soak decides") ?? false, "\(alarms)")
        let verdict = try GateFixture(alter).verdict("traffic")
        #expect(verdict.outcome == .fail)
        #expect(verdict.reason.contains("gra-eco-2"))
    }

    @Test("half of a wave that falls silent is put back at once, however restless it is", arguments: [1, 2, 4])
    func half(treated: Int) {
        var fixture = GateFixture(treated: treated) { agent, isTreated, number in
            if isTreated && number < max(1, treated / 2) { agent.rate = lost(isRestless: true) }
        }
        fixture.end = 645
        let alarms = GateEvaluator.alarms(fixture.input)
        #expect(alarms.map(\.gate) == ["traffic"])
        #expect(alarms.map(\.action) == [.rollBack])
    }

    @Test("half of a wave that falls silent with nothing to compare with pauses, and puts nothing back")
    func halfWithoutControl() {
        let alarms = alarms(until: 645, control: 0) { agent, isTreated, number in
            if isTreated && number < 2 { agent.rate = lost(isRestless: false) }
        }
        #expect(alarms.map(\.gate) == ["traffic"])
        #expect(alarms.map(\.action) == [.pause])
        #expect(alarms.first?.reason.contains("no untouched device is left to compare with") ?? false, "\(alarms)")
    }

    @Test("a restless interface and a steady one that fall silent at once are told apart")
    func loneOfBoth() {
        var fixture = GateFixture(treated: 8) { agent, isTreated, number in
            if isTreated && number < 2 { agent.rate = lost(isRestless: number == 0) }
        }
        fixture.end = 645
        let alarms = GateEvaluator.alarms(fixture.input)
        #expect(alarms.map(\.action) == [.pause, .observe])
        #expect(alarms.map(\.subjects) == [["gra-eco-2"], ["gra-eco-1"]])
    }

    @Test("a wave that was let through does not pause either for a single restless interface")
    func relapse() {
        for (isSteady, actions) in [(false, [GateAction]()), (true, [.pause])] {
            var fixture = GateFixture { agent, isTreated, number in
                if isTreated && number == 1 { agent.rate = lost(isRestless: !isSteady) }
            }
            fixture.end = 645
            #expect(GateEvaluator.relapses(fixture.input).map(\.action) == actions)
        }
    }

    @Test("of a wave that was let through whatever fails pauses; its links and gates that observe say nothing")
    func relapsesPause() {
        var link = AgentModel()
        link.subject = .link("up-gra")
        link.interface = "up"
        link.rate = { $0 < 605 ? 5_000_000_000 : 9_500_000_000 }
        var fixture = GateFixture { agent, isTreated, number in
            if isTreated && number == 0 { agent.downSince = 630 }
        }
        fixture.links = [link]
        fixture.end = 660
        #expect(Set(GateEvaluator.alarms(fixture.input).map(\.gate)) == ["interfaces", "links"])
        let relapses = GateEvaluator.relapses(fixture.input)
        #expect(relapses.map(\.gate) == ["interfaces"])
        #expect(relapses.map(\.action) == [.pause])
        for index in fixture.rules.indices { fixture.rules[index].onFail = .observe }
        #expect(GateEvaluator.relapses(fixture.input).isEmpty)
    }

    @Test("a link that was full before anything was changed is no alarm of the wave")
    func fullBefore() {
        var link = AgentModel()
        link.subject = .link("up-gra")
        link.interface = "up"
        link.rate = { $0 < GateFixture.touched ? 9_500_000_000 : 5_000_000_000 }
        #expect(alarms(until: 604, links: [link]).isEmpty)
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
