import Foundation
import RolloutEngine
import RolloutStore

/// The journal of a rollout as a runner writes it, without the time in which things happen.
actor FilledJournal {
    private let id: RolloutID
    private let store: any JournalStore
    private let lease: Lease
    private var state = RolloutState()
    private var keptUntil: Int64 = 0
    private(set) var now = Instant(milliseconds: 1_770_000_000_000)
    private var bytes = 0

    init(of id: RolloutID, in store: any JournalStore) async throws {
        self.id = id
        self.store = store
        lease = try await store.acquireLease(
            of: id, holder: "benchmark", lasting: .minutes(60_000), steal: false, at: now)
        state = try await store.state(of: id)
    }

    var facts: Int64 { state.sequence }
    var kibibytes: Int { bytes / 1024 }

    func write(_ facts: [Fact]) async throws {
        now = now + .seconds(1)
        let entries = try await store.append(
            facts, to: id, after: nil, under: lease, claiming: [], releasing: [], at: now)
        for entry in entries {
            state.apply(entry)
            bytes += try JSONEncoder().encode(entry.fact).count
        }
        // As often as a runner does.
        guard state.sequence - keptUntil >= RolloutRunner.Configuration(holder: "").factsPerSnapshot else { return }
        keptUntil = state.sequence
        try await store.keep(try StateSnapshot(of: state), of: id)
    }

    func change(_ names: [DeviceName], of wave: Wave) async throws {
        try await write([.waveStarted(wave: wave.index)])
        let until = now + .minutes(2)
        try await go(.push, names, revertsBy: until, .done(revertsAt: until))
        try await go(.confirm, names, .done(revertsAt: nil))
        try await write([.soakStarted(wave: wave.index)])
    }

    func putBack(_ names: [DeviceName], of wave: Wave) async throws {
        try await write([.rollingBack(.wave(wave.index), devices: names, because: "somebody asked")])
        try await go(.rollBack, names, .found(.base))
        try await write([.requested(OperatorRequest(.retryFailed, by: "somebody"))])
    }

    func pass(_ wave: Wave) async throws {
        let window = Verdict.Window(from: now - .minutes(5), to: now)
        let findings = wave.devices.map { name in
            Verdict.Finding(
                subject: name.rawValue, before: 412_345_678.25, after: 405_987_654.5, limit: 288_641_974.775,
                unit: "bit/s", series: (0..<20).map { 400_000_000 + Double($0) * 1_234_567.5 })
        }
        try await write(
            ["traffic", "errors", "interfaces"].map { gate in
                .judged(
                    wave: wave.index,
                    Verdict(
                        gate: gate, outcome: .pass, reason: "as before", findings: findings, before: window,
                        after: window))
            })
        try await write([.wavePassed(wave: wave.index)])
    }

    func close() async throws { try await store.release(lease) }

    private func go(
        _ kind: DeviceStep.Kind, _ names: [DeviceName], revertsBy: Instant? = nil, _ result: StepResult
    ) async throws {
        let steps = names.map {
            DeviceStep(device: $0, kind: kind, attempt: state[$0].attempts[kind] + 1, revertsBy: revertsBy)
        }
        try await write(steps.map(Fact.intent))
        try await write(steps.map { .outcome($0, result) })
    }
}
