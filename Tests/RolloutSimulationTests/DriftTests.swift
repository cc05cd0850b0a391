import Foundation
import RolloutEngine
import Synchronization
import Testing

@testable import RolloutSimulation

/// Real rollouts against the simulated fleet, then devices on which somebody laid hands.
@Suite("Drift", .timeLimit(.minutes(10)))
struct DriftTests {
    private func report(_ night: Night, progress: @Sendable @escaping (Int) -> Void = { _ in }) async throws
        -> DriftReport
    {
        var record = FleetRecord()
        for rollout in try await night.store.rollouts() {
            record.take(
                rollout.id, plan: night.plan.plan, digest: rollout.planDigest,
                state: RolloutState(folding: try await night.store.entries(of: rollout.id, after: 0)))
        }
        let devices = night.plan.plan.devices.map(\.device)
        let survey = Survey(
            drivers: DriverRegistry([SimulatedDriver(night.fleet)]), counters: SimulatedCounterSource(night.fleet),
            clock: night.clock)
        let wanted: [(device: Device, scope: ConfigScope)] = devices.map {
            ($0, record[$0.name].map { ConfigScope(of: $0.config) } ?? ConfigScope())
        }
        let readings = try night.loop.run {
            await survey.observe(wanted, atOnce: 8, within: .seconds(30), progress: progress)
        }
        return DriftReport(record, zip(devices, readings).map { ($0, $1) })
    }

    private func standing(_ report: DriftReport, _ device: DeviceName) -> DriftReport.Item? {
        report.devices.first { $0.device == device }
    }

    @Test("after a rollout nothing has drifted; what somebody changes by hand is found, and nothing is written")
    func byHand() async throws {
        let night = try await Night()
        #expect(try await night.drive().ending == .done)
        var report = try await self.report(night)
        #expect(report.devices(standing: .asConfirmed).count == night.devices.count)
        #expect(!report.hasDrift)

        let touched = night.devices[0]
        try night.fleet.edit(touched, section: "qdisc e0", lines: ["tbf rate 7000000bit"])
        let before = try night.devices.map { try night.fleet.device($0).writes }
        report = try await self.report(night)
        let item = try #require(standing(report, touched))
        #expect(item.standing == .drifted)
        #expect(item.rollout == night.id)
        let lines = try #require(item.difference?.sections.first?.lines)
        #expect(lines.contains { $0.kind == .removed && $0.text.contains("20000000bit") })
        #expect(lines.contains { $0.kind == .added && $0.text.contains("7000000bit") })
        #expect(report.hasDrift)
        #expect(report.devices(standing: .drifted).count == 1)
        #expect(try night.devices.map { try night.fleet.device($0).writes } == before)
    }

    @Test("a device that cannot be read is not called unchanged")
    func unread() async throws {
        let night = try await Night()
        #expect(try await night.drive().ending == .done)
        try night.fleet.inject(.unreachable, on: night.devices[1])
        let report = try await self.report(night)
        #expect(standing(report, night.devices[1])?.standing == .unread)
        #expect(report.devices(standing: .asConfirmed).count == night.devices.count - 1)
        #expect(!report.hasDrift)
    }

    @Test("a device that was out of reach for a moment is asked once more, after all others, and counted once")
    func outOfReachForAMoment() async throws {
        let night = try await Night()
        #expect(try await night.drive().ending == .done)
        let device = night.devices[1]
        try night.fleet.inject(.unreachable, on: device)
        let counts = Mutex<[Int]>([])
        let report = try await self.report(night) { count in
            counts.withLock { $0.append(count) }
            if count == night.devices.count - 1 { try? night.fleet.heal(device) }
        }
        #expect(counts.withLock(\.self) == Array(1...night.devices.count))
        #expect(report.devices(standing: .asConfirmed).count == night.devices.count)
    }

    @Test("what was put back was never confirmed")
    func putBack() async throws {
        let night = try await Night(rate: "1Mbit")
        #expect(try await night.drive().ending == .rolledBack)
        let report = try await self.report(night)
        #expect(report.devices(standing: .neverChanged).count == report.devices.count)
        #expect(!report.hasDrift)
    }

    @Test("while a rollout is under way its devices are not called drifted, and its timers are its own")
    func underWay() async throws {
        let night = try await Night()
        try await night.driveAndDie(after: 12)
        let report = try await self.report(night)
        #expect(report.devices(standing: .drifted).isEmpty)
        #expect(report.devices.allSatisfy { $0.foreignTimer == nil })
    }

    @Test("an armed timer of somebody else is named, on devices that were never changed, too")
    func foreignTimer() async throws {
        let night = try await Night()
        let device = try #require(night.plan.plan.devices.first?.device)
        let driver = SimulatedDriver(night.fleet)
        let scope = ConfigScope(interfaces: ["e0"])
        try night.loop.run {
            let base = try await driver.observe(device, scope: scope, within: .seconds(30)).config
            let wanted = ResolvedIntent.shape(
                interface: "e0", rate: BitsPerSecond(3_000_000), burst: ByteCount(65_536), trafficClass: nil)
            _ = try await driver.push(
                PushOrder(
                    device: device, base: base, desired: try driver.render([wanted], onto: base, for: device),
                    mark: "somebody-else", revertAfter: .minutes(10), limit: .seconds(30)))
        }
        let report = try await self.report(night)
        let item = try #require(standing(report, device.name))
        #expect(item.standing == .neverChanged)
        #expect(item.foreignTimer?.hasPrefix("somebody-else") == true)
        #expect(report.hasDrift)
    }
}
