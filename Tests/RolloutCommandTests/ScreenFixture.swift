import RolloutEngine

@testable import rollout

/// A small rollout at a moment that has a bit of everything: a wave that passed, a device that was refused, one in doubt with
/// its revert timer running, one that waits, and a gate that cannot tell.
struct ScreenFixture {
    static let start = Instant(milliseconds: 1_790_000_000_000)
    let plan: Plan
    private(set) var state = RolloutState()
    private(set) var entries: [JournalEntry] = []
    private(set) var now = Self.start

    init() throws {
        let devices = (1...5).map { number in
            Device(
                name: DeviceName(rawValue: "gra-\(number)"), address: "198.51.100.\(number)", platform: "linux",
                range: "eco", datacentre: "gra", links: ["up"], interfaces: ["eth0"],
                snmp: SNMPSettings(community: .environment("COMMUNITY")))
        }
        let link = Link(
            name: "up", capacity: BitsPerSecond(1_000_000_000),
            counters: LinkCounters(address: "198.51.100.100", interface: "up0"))
        let inventory = Inventory(
            name: "small", devices: devices, links: [link],
            datacentres: [Datacentre(name: "gra", timeZone: "Europe/Paris")], ranges: ["eco"])
        let policy = Policy(
            name: "night", canary: CanaryRule(devices: 1), waveSize: WaveSize(devices: 4, share: .percent(100)),
            soak: .minutes(5), watch: WatchRule(poll: .seconds(10), baseline: .minutes(1)),
            gates: [GateRule(name: "traffic", condition: .interfaces, onFail: .rollBack)])
        let surveyed = devices.map { device in
            let rates: (UInt64, UInt64) = device.name == "gra-5" ? (50, 100) : (100, 200)
            return SurveyedDevice(
                device: device,
                finding: device.name == "gra-4"
                    ? .skip(SkippedDevice(name: device.name, reason: .unreachable, detail: "no connection: timed out"))
                    : .target(Self.target(from: rates.0, to: rates.1)))
        }
        plan = try Planner.plan(
            Planner.Input(
                tool: "test", now: Self.start, inventory: inventory, inputs: [],
                change: Change(
                    name: "double", intents: [.shape(ShapingIntent(interface: "eth0", egressRate: "200Mbit"))]),
                policy: policy, limit: nil, surveyed: surveyed, loads: ["up": .known(BitsPerSecond(300_000_000))]))
    }

    /// The first device confirmed and its wave passed; of the second wave one refused, one in doubt.
    mutating func play() {
        add(.created(planDigest: Digest(of: "plan"), by: "alice"))
        add(.driving(holder: "alice@noc pid 4711"))
        let waves = plan.waves
        add(.waveStarted(wave: 0))
        for device in waves[0].devices { confirm(device) }
        add(.soakStarted(wave: 0))
        wait(.minutes(5))
        add(.judged(wave: 0, verdict(.pass, "traffic of the wave is 201% of before", findings: [])))
        add(.wavePassed(wave: 0))
        add(.waveStarted(wave: 1))
        let refused = DeviceStep(device: waves[1].devices[0], kind: .push, attempt: 1)
        add(.intent(refused))
        add(
            .outcome(
                refused,
                .failed(DriverError(.hostKeyChanged, "the host key of 198.51.100.2:22 changed", effect: .none))))
        let lost = DeviceStep(device: waves[1].devices[1], kind: .push, attempt: 1, revertsBy: now + .minutes(12))
        add(.intent(lost))
        wait(.seconds(8))
        add(
            .outcome(
                lost, .failed(DriverError(.connectionLost, "connection lost while applying", effect: .possible))))
        let asked = DeviceStep(device: waves[1].devices[1], kind: .observe, attempt: 1)
        add(.intent(asked))
        add(.outcome(asked, .failed(DriverError(.timeout, "nothing within 10s", effect: .none))))
        add(.paused(PauseReason(.budget, "1 of 3 devices failed in wave 1, the budget is 0: gra-2 (host key changed)")))
    }

    /// How it stands, driven or not.
    func status(driven: Bool = true) -> RolloutStatus {
        let id = RolloutID(7)
        return RolloutStatus(
            RolloutRecord(
                id: id, title: "double", planDigest: Digest(of: "plan"), createdAt: Self.start, createdBy: "alice"),
            plan: plan, state: state,
            lease: driven
                ? Lease(rollout: id, holder: "alice@noc pid 4711", fence: 1, expiresAt: now + .seconds(30)) : nil,
            at: now)
    }

    mutating func wait(_ span: Timespan) { now = now + span }

    mutating func add(_ fact: Fact) {
        let entry = JournalEntry(sequence: Int64(entries.count) + 1, at: now, fence: 1, fact: fact)
        entries.append(entry)
        state.apply(entry)
    }

    mutating func confirm(_ device: DeviceName) {
        for kind in [DeviceStep.Kind.push, .confirm] {
            let step = DeviceStep(device: device, kind: kind, attempt: 1)
            add(.intent(step))
            wait(.seconds(2))
            add(.outcome(step, .done(revertsAt: kind == .push ? now + .minutes(10) : nil)))
        }
    }

    func verdict(_ outcome: Verdict.Outcome, _ reason: String, findings: [Verdict.Finding]) -> Verdict {
        Verdict(
            gate: "traffic", outcome: outcome, reason: reason, findings: findings,
            before: Verdict.Window(from: now - .minutes(6), to: now - .minutes(5)),
            after: Verdict.Window(from: now - .minutes(5), to: now))
    }

    private static func target(from old: UInt64, to new: UInt64) -> Target {
        func config(_ megabits: UInt64) -> DeviceConfig {
            DeviceConfig(sections: [.init(name: "qdisc eth0", lines: ["tbf rate \(megabits * 1_000_000)bit"])])
        }
        return Target(
            intents: [
                .shape(
                    interface: "eth0", rate: BitsPerSecond(new * 1_000_000), burst: ByteCount(65536), trafficClass: nil)
            ], base: config(old), desired: config(new), growth: BitsPerSecond((new - old) * 1_000_000))
    }
}
