import Foundation
import RolloutEngine
import RolloutSimulation
import Testing

@Suite("A simulated fleet", .timeLimit(.minutes(10)))
struct FleetTests {
    let at: FleetFixture

    init() throws { at = try FleetFixture() }

    @Test("whoever opens it later sees the same devices, and timers go on while nobody looks")
    func shared() async throws {
        let order = try await at.order()
        _ = try await at.driver.push(order)
        at.clock.advance(by: .minutes(4))
        let other = SimulatedDriver(try SimulatedFleet.open(folder: at.folder, clock: at.clock))
        let seen = try await other.observe(at.device, scope: at.scope, within: .seconds(1))
        #expect(seen.config.isEquivalent(to: order.desired))
        #expect(seen.pendingRevert == PendingRevert(mark: order.mark, remaining: .minutes(6)))
        at.clock.advance(by: .minutes(6))
        #expect(try await other.observe(at.device, scope: at.scope, within: .seconds(1)).config == order.base)
    }

    @Test("what others change is seen at once by who has read before, however often and fast")
    func fresh() throws {
        let other = try SimulatedFleet.open(folder: at.folder, clock: at.clock)
        for rate in 1...200 {
            try other.setDemand(BitsPerSecond(UInt64(100 + rate)), of: "gra-eco-01")
            #expect(try at.truth().demand == BitsPerSecond(UInt64(100 + rate)))
        }
    }

    @Test("many at once lose none of each other's changes")
    func concurrent() async throws {
        let (folder, clock) = (at.folder, at.clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<20 {
                group.addTask {
                    let fleet = try SimulatedFleet.open(folder: folder, clock: clock)
                    try fleet.edit(
                        index % 2 == 0 ? "gra-eco-01" : "gra-eco-02", section: "file /\(index)", lines: ["x"])
                }
            }
            try await group.waitForAll()
        }
        #expect(try at.fleet.device("gra-eco-01").writes == 10)
        #expect(try at.fleet.device("gra-eco-02").writes == 10)
    }

    @Test("kill -9 of processes that change it loses nothing that was acknowledged, and never locks others out")
    func killed() async throws {
        var acknowledged = [0, 0]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<6 {
            let writers = try ["gra-eco-01", "gra-eco-02"].map { try CrashWriter("fleet", at.folder, $0, "\(Int.max)") }
            try await Task.sleep(for: .milliseconds(Int.random(in: 30...200, using: &generator)))
            for writer in writers { writer.kill() }
            for (index, writer) in writers.enumerated() { acknowledged[index] += writer.acknowledged().count }
        }
        #expect(acknowledged.allSatisfy { $0 > 6 }, "the writers were killed before they wrote anything")
        let writes = try ["gra-eco-01", "gra-eco-02"].map { try at.fleet.device(DeviceName(rawValue: $0)).writes }
        // At most one write of each killed process was made and not acknowledged.
        for index in 0..<2 { #expect(acknowledged[index]...(acknowledged[index] + 6) ~= writes[index]) }
    }

    @Test("what a process that was killed left half written harms nobody")
    func halfWritten() throws {
        try Data("{\"devi".utf8).write(to: URL(fileURLWithPath: at.folder + "/fleet.json.new"))
        try at.fleet.setDemand(BitsPerSecond(1), of: "gra-eco-01")
        #expect(try at.truth().demand == BitsPerSecond(1))
    }

    @Test("there is one fleet in a folder, and no fleet in an empty one or in garbage")
    func folders() throws {
        #expect(throws: SimulationError.self) {
            try SimulatedFleet.create(folder: at.folder, inventory: FleetFixture.inventory(), clock: at.clock)
        }
        #expect(throws: SimulationError.self) {
            try SimulatedFleet.open(folder: at.folder + "/nowhere", clock: at.clock)
        }
        try Data("{}".utf8).write(to: URL(fileURLWithPath: at.folder + "/fleet.json"))
        #expect(throws: SimulationError.self) { try at.fleet.state() }
    }

    @Test("variables that are no rates and addresses that two devices share are refused by name")
    func badInventory() {
        for variable in [Variable.text("fast"), .number(20), .flag(true)] {
            let error = #expect(throws: SimulationError.self) {
                try SimulatedFleet.create(
                    folder: at.folder + "/x", inventory: FleetFixture.inventory(demand: variable), clock: at.clock)
            }
            #expect(error?.message.contains("gra-eco-01") == true)
        }
        var inventory = FleetFixture.inventory()
        inventory.devices[1].address = inventory.devices[0].address
        let error = #expect(throws: SimulationError.self) {
            try SimulatedFleet.create(folder: at.folder + "/x", inventory: inventory, clock: at.clock)
        }
        #expect(error?.message.contains("gra-eco-01 and gra-eco-02") == true)
    }

    @Test("a restart loses what nobody confirmed, keeps what was confirmed, and is away for its time")
    func reboots() async throws {
        let order = try await at.order()
        _ = try await at.driver.push(order)
        try at.fleet.reboot("gra-eco-01", taking: .seconds(90))
        #expect(await trouble { _ = try await at.observe() }?.code == .unreachable)
        at.clock.advance(by: .seconds(90))
        let seen = try await at.observe()
        #expect(seen.config == order.base)
        #expect(seen.pendingRevert == nil)

        var again = try await at.order(mark: "rollout-2-gra-eco-01")
        again.revertAfter = .minutes(1)
        _ = try await at.driver.push(again)
        _ = try await at.driver.confirm(again)
        try at.fleet.reboot("gra-eco-01")
        #expect(try await at.observe().config.isEquivalent(to: again.desired))
        #expect(try at.truth().boots == 3)
    }

    @Test("every fault reads as it is written", arguments: Fault.examples)
    func faultsInWords(_ text: String) {
        #expect(Fault(text)?.description == text)
    }

    @Test(
        "what is no fault is refused",
        arguments: [
            "", "slow", "slow 5", "unreachable now", "errors -1", "errors nan", "drops", "drops all", "strangled 5",
        ])
    func noFaults(_ text: String) {
        #expect(Fault(text) == nil)
    }
}
