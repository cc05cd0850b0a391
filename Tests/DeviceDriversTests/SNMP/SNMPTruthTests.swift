import Foundation
import RolloutEngine
import Synchronization
import Testing

@testable import DeviceDrivers

/// A true traffic function, played through a real agent on the wire, the real poller and the real rates, with one fault at a
/// time. A rate that is reported is true; where none can be, there is a reason; and two polls after the fault rates are back.
@Suite("SNMP rates through every fault", .timeLimit(.minutes(10)))
struct SNMPTruthTests {
    /// What goes wrong, at the poll with number `Play.fault`.
    enum Fault: String, CaseIterable, CustomTestStringConvertible, Sendable {
        case none, wrap32, reset64, discontinuity, reboot, rebootUnnoticed, uptimeWrap, renumbered, aliasMoved
        case duplicate, late, foreign, repeated, noSuchInstance, noSuchObject, tooBig, genErr, nonIncreasing, silence
        case timeWindow, engineReboot, wrongType, cutOff

        var testDescription: String { rawValue }
        var is32Bit: Bool { self == .wrap32 }
        var isVersion3: Bool { self == .timeWindow || self == .engineReboot }
    }

    /// Two interfaces with different steady rates: a mix-up shows.
    private static let rates: [(octets: UInt64, name: String)] = [(1_250_000, "eth0"), (40_000, "eth1")]
    private static let step: UInt64 = 10
    private static let polls = 12
    private static let faultAt = 6

    @Test("every rate that is reported is true, and rates are back within two polls", arguments: Fault.allCases)
    func truth(_ fault: Fault) async throws {
        let agent = try ScriptedAgent(AgentTable(interfaces: []))
        defer { agent.stop() }
        if fault.isVersion3 { agent.changeEngine { $0 = ScriptedEngine() } }
        let clock = SteppedNow()
        let source = SNMPCounterSource(secrets: FixedSecrets()) { clock.now }
        var watched = fault.isVersion3 ? agent.watchedByUser() : agent.watched()
        if fault == .aliasMoved { watched.interfaces = ["alias:customer", "eth1"] }
        watched.snmp.timeout = .milliseconds(60)
        var samples: [CounterSample] = []
        for poll in 0..<Self.polls {
            clock.seconds = UInt64(poll) * Self.step
            let table = Self.table(at: poll, fault)
            agent.change { $0 = table }
            agent.follow(Self.script(fault, isNow: poll == Self.faultAt))
            agent.changeEngine { engine in
                guard engine != nil else { return }
                engine?.time = 1000 + UInt32(clock.seconds)
                guard poll >= Self.faultAt else { return }
                if fault == .timeWindow { engine?.time += 100_000 }
                if fault == .engineReboot {
                    engine?.boots += poll == Self.faultAt ? 1 : 0
                    engine?.time = UInt32(poll - Self.faultAt) * 10 + 1
                }
            }
            samples.append(await source.sample(watched))
        }
        for (slot, truth) in Self.rates.enumerated() {
            let series = RateSeries(of: watched.interfaces[slot], in: samples)
            let whole = Verdict.Window(from: samples[0].at, to: samples[Self.polls - 1].at)
            for point in series.points(in: whole) {
                let seen = try #require(point.rates.bitsIn, "\(fault) \(truth.name): no octets at \(point.to)")
                let expected = Double(truth.octets) * 8
                #expect(abs(seen - expected) <= expected * 0.02, "\(fault) \(truth.name)")
                #expect((point.rates.errors ?? 0) == 0, "\(fault) \(truth.name): errors that never were")
                #expect((point.rates.discards ?? 0) == 0, "\(fault) \(truth.name): discards that never were")
            }
            // Two polls after the fault there is a rate from reading to reading again.
            let after = Verdict.Window(from: samples[Self.faultAt + 1].at, to: samples[Self.faultAt + 3].at)
            #expect(!series.points(in: after).isEmpty, "\(fault) \(truth.name): no rate two polls later \(series.gaps)")
            #expect(series.average(in: whole) != nil, "\(fault) \(truth.name)")
        }
    }

    /// What the agent has to say at a poll, with the faults that lie in its numbers.
    private static func table(at poll: Int, _ fault: Fault) -> AgentTable {
        var table = AgentTable(interfaces: [])
        let seconds = UInt64(poll) * step
        let isAfter = poll >= faultAt
        var ticks = fault == .uptimeWrap ? (1 << 32) - UInt64(faultAt) * step * 100 + 500 : 9_000_000
        ticks += seconds * 100
        if isAfter, fault == .reboot || fault == .rebootUnnoticed || fault == .engineReboot {
            ticks = UInt64(poll - faultAt) * step * 100 + 300
        }
        table.objects[AgentTable.uptime] = .timeTicks(UInt32(truncatingIfNeeded: ticks))
        if fault == .rebootUnnoticed || fault == .uptimeWrap {
            table.objects[AgentTable.engineBoots] = nil
            table.objects[AgentTable.engineTime] = nil
        } else {
            let hasRestarted = isAfter && (fault == .reboot || fault == .engineReboot)
            table.objects[AgentTable.engineBoots] = .integer(hasRestarted ? 8 : 7)
            table.objects[AgentTable.engineTime] = .integer(
                hasRestarted ? Int(UInt64(poll - faultAt) * step) + 3 : 90_000 + Int(seconds))
        }
        for (slot, rate) in rates.enumerated() {
            var index = UInt32(slot) + 1
            // The rows change places, and each other's counters would make a wonderful leap.
            if fault == .renumbered, isAfter { index = 3 - index }
            var count = (1 << 40) + rate.octets * seconds
            if fault.is32Bit {
                let untilFault = rate.octets * (UInt64(faultAt) * step - 3)
                count = (1 << 32) - untilFault + rate.octets * seconds
            }
            let startsOver: [Fault] = [.reset64, .reboot, .rebootUnnoticed, .engineReboot, .discontinuity]
            if isAfter, startsOver.contains(fault) { count = rate.octets * UInt64(poll - faultAt) * step + 77 }
            table.addInterface(rate.name, at: index, has64Bits: !fault.is32Bit)
            table.objects[AgentTable.ifXTable(15, index)] = .gauge32(1000)
            table.objects[AgentTable.ifXTable(19, index)] = .timeTicks(fault == .discontinuity && isAfter ? 900 : 5)
            for column: UInt32 in [10, 16] {
                table.objects[AgentTable.ifTable(column, index)] = .counter32(UInt32(truncatingIfNeeded: count))
            }
            guard !fault.is32Bit else { continue }
            for column: UInt32 in [6, 10] { table.objects[AgentTable.ifXTable(column, index)] = .counter64(count) }
            for column: UInt32 in [13, 14, 19, 20] { table.objects[AgentTable.ifTable(column, index)] = .counter32(4) }
        }
        if fault == .aliasMoved {
            // The customer moves from a port with little traffic to its own; what it carries goes on at the new one.
            table.addInterface("eth2", at: 3)
            table.objects[AgentTable.ifXTable(6, 3)] = .counter64(5)
            table.objects[AgentTable.ifXTable(10, 3)] = .counter64(5)
            for (column, index) in [(UInt32(6), UInt32(3)), (10, 3)] where isAfter {
                table.objects[AgentTable.ifXTable(column, index)] = .counter64((1 << 50) + rates[0].octets * seconds)
            }
            table.objects[AgentTable.ifXTable(18, isAfter ? 3 : 1)] = .text("customer")
            for column: UInt32 in [13, 14, 19, 20] { table.objects[AgentTable.ifTable(column, 3)] = .counter32(4) }
        }
        return table
    }

    /// What the agent does at the poll of the fault, beside what its numbers say.
    private static func script(_ fault: Fault, isNow: Bool) -> ScriptedAgent.Script {
        guard isNow else { return ScriptedAgent.honest }
        func instead(_ value: WireValue) -> ScriptedAgent.Script {
            { request, table in
                var answer = table.answer(to: request)
                for index in answer.bindings.indices
                where request.kind == .get
                    && answer.bindings[index].object.dropLast().elementsEqual([1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6])
                {
                    answer.bindings[index].value = value
                }
                return [.answer(answer)]
            }
        }
        /// The answer of another moment.
        @Sendable func other(_ table: AgentTable, _ request: WireMessage) -> WireMessage {
            var other = table
            for index: UInt32 in 1...2 { other.objects[AgentTable.ifXTable(6, index)] = .counter64(123) }
            return other.answer(to: request)
        }
        return switch fault {
        case .duplicate:
            { request, table in ScriptedAgent.honest(request, table) + ScriptedAgent.honest(request, table) }
        case .late:
            // The answer comes when its request was given up and sent again, and then once more.
            { request, table in [.wait(milliseconds: 90)] + ScriptedAgent.honest(request, table) }
        case .foreign:
            { request, table in
                [.fromElsewhere(other(table, request)), .wait(milliseconds: 5)] + ScriptedAgent.honest(request, table)
            }
        case .repeated:
            // The answer of the poll before, under the new number: a cache.
            { request, _ in ScriptedAgent.honest(request, Self.table(at: faultAt - 1, fault)) }
        case .noSuchInstance: instead(.noSuchInstance)
        case .noSuchObject: instead(.noSuchObject)
        case .wrongType: instead(.gauge32(17))
        case .tooBig, .genErr:
            { request, table in
                guard request.kind != .get || request.bindings.count < 8 else {
                    return [.answer(WireMessage(requestID: request.requestID, errorStatus: fault == .tooBig ? 1 : 5))]
                }
                return ScriptedAgent.honest(request, table)
            }
        case .nonIncreasing:
            { request, table in
                var table = table
                // Something that makes it look for the interfaces again.
                table.objects[AgentTable.tableLastChange] = .timeTicks(50)
                var answer = table.answer(to: request)
                if request.kind == .bulk { answer.bindings.reverse() }
                return [.answer(answer)]
            }
        case .cutOff:
            { request, table in
                let whole = table.answer(to: request).encoded
                return [.octets(Array(whole.dropLast(9))), .octets(whole)]
            }
        case .silence: ScriptedAgent.silent
        default: ScriptedAgent.honest
        }
    }
}

/// A time that a test sets.
private final class SteppedNow: Sendable {
    private let value = Mutex<UInt64>(0)
    var seconds: UInt64 {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
    var now: Instant { Instant(milliseconds: 1_700_000_000_000 + Int64(seconds) * 1000) }
}
