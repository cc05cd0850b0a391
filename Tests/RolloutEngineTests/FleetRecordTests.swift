import RolloutEngine
import Testing

@Suite("Record of a fleet")
struct FleetRecordTests {
    /// A rollout whose devices were all confirmed at a time.
    private func confirmed(_ plan: Plan, after span: Timespan, ended: Bool = true) -> RolloutState {
        var facts: [Fact] = [.created(planDigest: Digest(of: "p"), by: "test"), .driving(holder: "test")]
        for device in plan.devices where device.target != nil {
            let name = device.device.name
            for kind in [DeviceStep.Kind.push, .confirm] {
                let step = DeviceStep(device: name, kind: kind, attempt: 1)
                facts += [.intent(step), .outcome(step, .done(revertsAt: nil))]
            }
        }
        if ended { facts.append(.finished(.done)) }
        let entries = facts.enumerated().map { index, fact in
            JournalEntry(sequence: Int64(index + 1), at: Samples.start + span, fence: 1, fact: fact)
        }
        return RolloutState(folding: entries)
    }

    private func plan(_ target: Target) throws -> Plan {
        try Planner.plan(Samples.input([Samples.device("a")], target: target))
    }

    @Test("of two rollouts the later one counts, whichever is taken in first, section by section")
    func later() throws {
        let first = try plan(Samples.target(from: 100, to: 200))
        var other = Samples.target(from: 200, to: 300)
        other.desired.sections.append(.init(name: "file /etc/x", lines: ["1"]))
        let second = try plan(other)
        let rollouts = [
            (RolloutID(1), first, confirmed(first, after: .seconds(1))),
            (RolloutID(2), second, confirmed(second, after: .seconds(2))),
            (RolloutID(3), first, confirmed(first, after: .seconds(3))),
        ]
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            var record = FleetRecord()
            for index in order {
                let (id, plan, state) = rollouts[index]
                record.take(id, plan: plan, digest: Digest(of: "p"), state: state)
            }
            let held = try #require(record["a"])
            #expect(held.rollout == RolloutID(3))
            // Rollout 3 confirmed the shaping anew, and says nothing of the file.
            #expect(held.config.sections.map(\.name) == ["file /etc/x", "qdisc eth0"])
            #expect(held.config.sections[1] == Samples.config(200).sections[0])
            #expect(ConfigScope(of: held.config) == ConfigScope(interfaces: ["eth0"], files: ["/etc/x"]))
            #expect(record.ownMarks.isEmpty)
        }
        #expect(FleetRecord()["a"] == nil)
    }

    @Test("a device that says another name is not compared, and one that says nothing is not called unchanged")
    func notCompared() throws {
        let plan = try plan(Samples.target())
        var record = FleetRecord()
        record.take(
            RolloutID(1), plan: plan, digest: Digest(of: "p"), state: confirmed(plan, after: .zero, ended: false))
        #expect(record.ownMarks == [PushOrder.mark(of: RolloutID(1), planDigest: Digest(of: "p"))])
        let device = Samples.device("a")
        let right = Observation(hostname: "a", config: Samples.config(200))
        func standing(_ reading: Result<Observation, DriverError>) -> DriftReport.Standing? {
            DriftReport(record, [(device, reading)]).devices.first?.standing
        }
        #expect(standing(.success(right)) == .asConfirmed)
        #expect(standing(.success(Observation(hostname: "b", config: Samples.config(200)))) == .unread)
        #expect(standing(.failure(DriverError(.timeout, "x", effect: .none))) == .unread)
        #expect(standing(.success(Observation(hostname: "a", config: Samples.config(100)))) == .drifted)
        #expect(standing(.success(Observation(hostname: "a", config: DeviceConfig(sections: [])))) == .drifted)
    }
}
