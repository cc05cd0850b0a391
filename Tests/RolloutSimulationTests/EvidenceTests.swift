import RolloutEngine
import Testing

@testable import RolloutSimulation

/// Evidence before a device is put back: limited in time and size, whatever its driver does.
@Suite("Evidence", .timeLimit(.minutes(5)))
struct EvidenceTests {
    @Test("a driver that never comes back with evidence delays a rollback by its limit, and no longer")
    func endless() async throws {
        let night = try await Night(rate: "1Mbit")
        let victim = try #require(night.plan.plan.waves[0].devices.first)
        try night.fleet.inject(.liar, on: victim)
        let state = try await night.drive(through: StubbornDriver(fleet: night.fleet, does: .hangs))
        #expect(state[victim].hasEvidence)
        let entries = try await night.store.entries(of: night.id, after: 0)
        let failed = try #require(
            entries.first {
                if case .outcome(let step, .failed) = $0.fact { step.device == victim } else { false }
            })
        let back = try #require(
            entries.first {
                if case .intent(let step) = $0.fact { step.device == victim && step.kind == .rollBack } else { false }
            })
        #expect(back.at - failed.at >= .seconds(4))
        #expect(back.at - failed.at <= .seconds(5))
        let evidence = try #require(entries.lazy.compactMap(\.evidence).first)
        #expect(evidence.items.map(\.output) == ["none could be collected within 5s"])
    }

    @Test("evidence without end is cut to what the journal takes, and says so")
    func tooMuch() async throws {
        let night = try await Night(rate: "1Mbit")
        let victim = try #require(night.plan.plan.waves[0].devices.first)
        try night.fleet.inject(.liar, on: victim)
        _ = try await night.drive(through: StubbornDriver(fleet: night.fleet, does: .talksWithoutEnd))
        let entries = try await night.store.entries(of: night.id, after: 0)
        let evidence = try #require(entries.lazy.compactMap(\.evidence).first)
        let bytes = evidence.items.reduce(0) { $0 + $1.output.utf8.count }
        #expect(bytes > 900_000 && bytes <= Evidence.mostBytes + 100)
        #expect(evidence.items.allSatisfy { $0.output.utf8.count <= Evidence.longestOutput + 100 })
        #expect(evidence.items[0].output.hasPrefix("(the first 34464 bytes are left out)\n"))
        #expect(evidence.items[0].output.hasSuffix("newest"))
        #expect(evidence.items.last?.output == "35 more were left out: too much")
    }
}

extension JournalEntry {
    fileprivate var evidence: Evidence? { if case .evidence(_, let evidence) = fact { evidence } else { nil } }
}

/// A simulated driver that keeps its contract, except for evidence.
private struct StubbornDriver: DeviceDriver {
    private let driver: SimulatedDriver
    private let manner: Manner

    enum Manner { case hangs, talksWithoutEnd }

    init(fleet: SimulatedFleet, does manner: Manner) { (driver, self.manner) = (SimulatedDriver(fleet), manner) }

    var platforms: [PlatformName] { driver.platforms }
    var armsRevertTimer: Bool { driver.armsRevertTimer }

    func render(_ intents: [ResolvedIntent], onto base: DeviceConfig, for device: Device) throws(DriverError)
        -> DeviceConfig
    {
        try driver.render(intents, onto: base, for: device)
    }
    func observe(_ device: Device, scope: ConfigScope, within limit: Timespan) async throws(DriverError) -> Observation
    {
        try await driver.observe(device, scope: scope, within: limit)
    }
    func push(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        try await driver.push(order, permit: permit)
    }
    func confirm(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        try await driver.confirm(order, permit: permit)
    }
    func rollBack(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        try await driver.rollBack(order, permit: permit)
    }

    func collectEvidence(_ device: Device, scope: ConfigScope, within limit: Timespan) async -> Evidence {
        switch manner {
        case .hangs:
            let (never, hold) = AsyncStream.makeStream(of: Never.self)
            for await _ in never {}
            withExtendedLifetime(hold) {}
            return Evidence(items: [])
        case .talksWithoutEnd:
            let long = String(repeating: "x", count: 99_994) + "newest"
            return Evidence(items: (0..<50).map { .init(title: "log \($0)", output: long) })
        }
    }
}
