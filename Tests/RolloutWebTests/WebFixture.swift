import Foundation
import RolloutEngine
import RolloutSimulation

@testable import RolloutWeb

/// A rollout of a few devices in a store in memory, that a test moves on fact by fact, and the server over it.
final class WebFixture: Sendable {
    static let start = Instant(milliseconds: 1_790_000_000_000)
    let store = MemoryJournalStore()
    let clock = TestClock()

    /// A clock that stands still until a test sets it on.
    final class TestClock: EngineClock {
        private let time = SharedInstant(WebFixture.start)
        func now() -> Instant { time.value }
        func uptime() -> Timespan { time.value - WebFixture.start }
        func sleep(until instant: Instant) async {}
        func pass(_ span: Timespan) { time.value = time.value + span }
    }

    /// Makes a rollout of devices with these names in this datacentre, and takes its lease.
    func makeRollout(
        _ names: [String], title: String = "double", datacentre: DatacentreName = "gra", range: RangeName = "eco",
        approvals: [ApprovalRule]? = nil
    ) async throws -> Running {
        var plan = try Self.plan(names, title: title, datacentre: datacentre, range: range)
        plan.policy.approvals = approvals
        let file = try PlanFile(plan)
        let id = try await store.create(
            plan: file.bytes, digest: file.digest, title: title, by: "alice", at: clock.now())
        let lease = try await store.acquireLease(
            of: id, holder: "alice@noc pid 4711", lasting: .minutes(600), steal: false, at: clock.now())
        return Running(fixture: self, id: id, plan: plan, lease: lease)
    }

    /// A rollout that is driven.
    struct Running: Sendable {
        let fixture: WebFixture
        let id: RolloutID
        let plan: Plan
        let lease: Lease

        func add(_ facts: Fact...) async throws {
            _ = try await fixture.store.append(
                facts, to: id, under: lease, claiming: [], releasing: [], at: fixture.clock.now())
        }

        func confirm(_ device: DeviceName) async throws {
            for kind in [DeviceStep.Kind.push, .confirm] {
                let step = DeviceStep(device: device, kind: kind, attempt: 1)
                try await add(.intent(step))
                fixture.clock.pass(.seconds(2))
                try await add(
                    .outcome(step, .done(revertsAt: kind == .push ? fixture.clock.now() + .minutes(10) : nil)))
            }
        }

        /// A canary that passed, a second wave with a device that failed and one in doubt, a gate that failed, a pause.
        func playTrouble() async throws {
            try await add(.driving(holder: lease.holder), .waveStarted(wave: 0))
            for device in plan.waves[0].devices { try await confirm(device) }
            try await add(.soakStarted(wave: 0))
            fixture.clock.pass(.minutes(5))
            try await add(.judged(wave: 0, verdict(.pass, [])), .wavePassed(wave: 0), .waveStarted(wave: 1))
            let devices = plan.waves[1].devices
            let refused = DeviceStep(device: devices[0], kind: .push, attempt: 1)
            try await add(
                .intent(refused),
                .outcome(refused, .failed(DriverError(.hostKeyChanged, "the host key changed", effect: .none))))
            let lost = DeviceStep(
                device: devices[1], kind: .push, attempt: 1, revertsBy: fixture.clock.now() + .minutes(12))
            try await add(
                .intent(lost),
                .outcome(lost, .failed(DriverError(.connectionLost, "connection lost", effect: .possible))))
            for device in devices.dropFirst(2) { try await confirm(device) }
            try await add(.soakStarted(wave: 1))
            fixture.clock.pass(.minutes(5))
            let findings = devices.dropFirst(2).map { name in
                Verdict.Finding(
                    subject: name.rawValue, failed: true, before: 12, after: 41, limit: 5, unit: "/s",
                    series: [1, 2, 3, 40, 41])
            }
            try await add(
                .judged(wave: 1, verdict(.fail, findings)),
                .paused(PauseReason(.gateFailed, "gate traffic failed on \(findings.count) devices")))
        }

        private func verdict(_ outcome: Verdict.Outcome, _ findings: [Verdict.Finding]) -> Verdict {
            let now = fixture.clock.now()
            return Verdict(
                gate: "traffic", outcome: outcome, reason: "traffic of the wave is 201% of before", findings: findings,
                before: Verdict.Window(from: now - .minutes(6), to: now - .minutes(5)),
                after: Verdict.Window(from: now - .minutes(5), to: now))
        }
    }

    /// Makes a token and gives its secret.
    func token(
        _ role: TokenRole, name: String = "bob", datacentres: [DatacentreName] = [], ranges: [RangeName] = [],
        expiresAt: Instant? = nil
    ) async throws -> String {
        let secret = TokenSecret.make()
        let count = try await store.serviceState().tokens.count
        _ = try await store.append(
            .tokenIssued(
                TokenRecord(
                    id: "t\(count + 1)", name: name, role: role, ranges: ranges, datacentres: datacentres,
                    secretDigest: TokenSecret.digest(of: secret), expiresAt: expiresAt)),
            by: "root", reason: nil, after: nil, at: clock.now())
        return secret
    }

    /// Serves while the body runs.
    func serve<Result: Sendable>(
        limits: RequestLimits = RequestLimits(), _ change: (inout WebSettings) -> Void = { _ in },
        _ body: @Sendable (WebClient) async throws -> Result
    ) async throws -> Result {
        var settings = WebSettings()
        settings.port = 0
        settings.requestsPerSecond = 10_000
        change(&settings)
        let server = try WebServer(store: store, settings: settings, clock: clock, limits: limits)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let result = try await body(WebClient(port: server.port))
            group.cancelAll()
            return result
        }
    }

    private static func plan(
        _ names: [String], title: String, datacentre: DatacentreName, range: RangeName
    ) throws -> Plan {
        let devices = names.enumerated().map { number, name in
            Device(
                name: DeviceName(rawValue: name), address: "198.51.100.\(number % 250 + 1)", platform: "linux",
                range: range, datacentre: datacentre, links: ["up"], interfaces: ["eth0"],
                snmp: SNMPSettings(community: .environment("COMMUNITY")))
        }
        let link = Link(
            name: "up", capacity: BitsPerSecond(10_000_000_000_000),
            counters: LinkCounters(address: "198.51.100.254", interface: "up0"))
        let inventory = Inventory(
            name: "small", devices: devices, links: [link],
            datacentres: [Datacentre(name: datacentre, timeZone: "Europe/Paris")], ranges: [range])
        let policy = Policy(
            name: "night", canary: CanaryRule(devices: 1), waveSize: WaveSize(devices: 500, share: .percent(100)),
            soak: .minutes(5), watch: WatchRule(poll: .seconds(10), baseline: .minutes(1)),
            gates: [GateRule(name: "traffic", condition: .interfaces, onFail: .pause)])
        let surveyed = devices.map { device in
            SurveyedDevice(device: device, finding: .target(target()))
        }
        return try Planner.plan(
            Planner.Input(
                tool: "test", now: start, inventory: inventory, inputs: [],
                change: Change(name: title, intents: [.shape(ShapingIntent(interface: "eth0", egressRate: "200Mbit"))]),
                policy: policy, limit: nil, surveyed: surveyed, loads: ["up": .known(BitsPerSecond(300_000_000))]))
    }

    private static func target() -> Target {
        func config(_ megabits: UInt64) -> DeviceConfig {
            DeviceConfig(sections: [.init(name: "qdisc eth0", lines: ["tbf rate \(megabits * 1_000_000)bit"])])
        }
        return Target(
            intents: [
                .shape(
                    interface: "eth0", rate: BitsPerSecond(200_000_000), burst: ByteCount(65536), trafficClass: nil)
            ], base: config(100), desired: config(200), growth: BitsPerSecond(100_000_000))
    }
}
