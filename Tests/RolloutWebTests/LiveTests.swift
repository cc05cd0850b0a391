import Foundation
import RolloutEngine
import RolloutSimulation
import Testing

@testable import RolloutWeb

@Suite("Updates", .timeLimit(.minutes(2)))
struct LiveTests {
    @Test("what is written in the journal comes over the wire by itself, with the device's letter and the event")
    func arrives() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout((0..<1000).map { "device-\($0)" })
        try await running.add(.driving(holder: running.lease.holder), .waveStarted(wave: 0))
        let device = running.plan.waves[0].devices[0]
        try await fixture.serve({ $0.looksWithoutToken = true }) { client async throws in
            let wire = try WebClient.Wire(port: client.port)
            try await wire.send(Array("GET /rollouts/1/live?after=1 HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
            // Two entries came after the page was made.
            let whole = await wire.read(until: "wave 0 starts")
            #expect(whole.contains("text/event-stream"))
            #expect(whole.contains(String(repeating: "w", count: 1000)))
            #expect(whole.contains("wave 0 starts"))
            try await running.add(.intent(DeviceStep(device: device, kind: .push, attempt: 1)))
            let update = await wire.read(until: "\n\n")
            #expect(update.contains("[[\"0\",\"p\"]]"), "\(update.prefix(300))")
            #expect(update.contains("push begins"))
        }
    }

    @Test("an image that changed a little is sent as a little, one that changed much as a whole")
    func differences() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout((0..<8).map { "device-\($0)" })
        let fixed = PlannedRollout(try await fixture.store.rollout(running.id), running.plan)
        func image() async throws -> LiveImage {
            let state = try await fixture.store.state(of: running.id)
            let status = RolloutStatus(
                fixed.record, plan: running.plan, state: state, lease: running.lease, at: fixture.clock.now())
            return LiveImage(
                RolloutPage(reading: RolloutReading(fixed: fixed, state: state, status: status), links: []))
        }
        let first = try await image()
        #expect(first.update(from: first, events: []).isEmpty)
        try await running.confirm(running.plan.waves[1].devices[2])
        let second = try await image()
        let little = second.update(from: first, events: [])
        #expect(little.devices == [["3", "c"]] && little.letters == nil)
        #expect(Set(little.parts.keys) == ["head", "wave-1", "why"] || Set(little.parts.keys) == ["head", "wave-1"])
        for device in running.plan.waves[1].devices { try await running.confirm(device) }
        #expect(try await image().update(from: second, events: []).letters == "wccccccc")
    }
}
