import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

/// Recordings of real agents, played through the poller. Name a folder of `.snmprec` files in `ROLLOUT_RECORDED_AGENTS` to play
/// them all: `ROLLOUT_RECORDED_AGENTS=~/dumps swift test --filter SNMPRecordedTests`.
@Suite("SNMP with recorded agents", .timeLimit(.minutes(60)))
struct SNMPRecordedTests {
    private static let folder = ProcessInfo.processInfo.environment["ROLLOUT_RECORDED_AGENTS"]

    /// What became of one recording.
    struct Outcome {
        var interfaces = 0
        var wide = 0
        var narrow = 0
        var problems: [String] = []
    }

    @Test("a table with and without 64-bit counters, odd names and large rows is read as it is")
    func own() async throws {
        let recording = RecordedAgent(
            """
            1.3.6.1.2.1.1.3.0|67|1234
            1.3.6.1.2.1.2.2.1.2.1|4|Ethernet 1
            1.3.6.1.2.1.2.2.1.2.2|4x|45746865726e6574203200
            1.3.6.1.2.1.2.2.1.2.4194316032|4|GPON 0/1
            1.3.6.1.2.1.2.2.1.5.2|66|100000000
            1.3.6.1.2.1.2.2.1.6.1|4x|001122334455
            1.3.6.1.2.1.2.2.1.10.1|65|4000000000
            1.3.6.1.2.1.2.2.1.10.2|65|5
            1.3.6.1.2.1.2.2.1.10.4194316032|65|7
            1.3.6.1.2.1.2.2.1.16.1|65|1
            1.3.6.1.2.1.2.2.1.16.2|65|6
            1.3.6.1.2.1.2.2.1.16.4194316032|65|8
            1.3.6.1.2.1.31.1.1.1.6.1|70|8294967296
            1.3.6.1.2.1.31.1.1.1.10.1|70|4294967297
            1.3.6.1.2.1.31.1.1.1.6.2|70|0
            1.3.6.1.2.1.31.1.1.1.10.2|70|0
            """)
        let outcome = try await play(recording)
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.interfaces == 3)
        #expect(outcome.wide == 1)
        #expect(outcome.narrow == 2)
    }

    @Test(
        "every recorded agent is read or told why not",
        .enabled(if: folder != nil, "ROLLOUT_RECORDED_AGENTS is not set"))
    func recorded() async throws {
        let folder = URL(filePath: try #require(Self.folder))
        let files =
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "snmprec" }.sorted { $0.path < $1.path } ?? []
        var total = Outcome()
        var agents = 0
        for file in files {
            let recording = RecordedAgent(String(decoding: try Data(contentsOf: file), as: UTF8.self))
            let outcome = try await play(recording)
            agents += 1
            total.interfaces += outcome.interfaces
            total.wide += outcome.wide
            total.narrow += outcome.narrow
            for problem in outcome.problems { Issue.record("\(file.lastPathComponent): \(problem)") }
        }
        print("\(agents) agents, \(total.interfaces) interfaces: \(total.wide) with 64 bits, \(total.narrow) with 32")
        #expect(agents > 0)
    }

    /// Watches some interfaces of a recorded agent, one that it does not have, and a column; and compares with the recording.
    private func play(_ recording: RecordedAgent) async throws -> Outcome {
        let agent = try ScriptedAgent(AgentTable(interfaces: []))
        defer { agent.stop() }
        agent.follow { request, _ in [.answer(recording.answer(to: request))] }
        let names = recording.column(AgentTable.nameColumn)
        let descriptions = recording.column([1, 3, 6, 1, 2, 1, 2, 2, 1, 2])
        var rows: [String: [UInt32]] = [:]
        for (row, value) in names.isEmpty ? descriptions : names {
            guard case .octets(let octets) = value, octets.count <= 255 else { continue }
            rows[Self.trimmed(String(decoding: octets, as: UTF8.self)), default: []].append(row)
        }
        // One that is not valid UTF-8 cannot be written into an inventory.
        let unique = rows.filter { $0.value.count == 1 && !$0.key.isEmpty && !$0.key.contains("\u{fffd}") }
        let chosen = unique.sorted { $0.value[0] < $1.value[0] }.prefix(12).map { ($0.key, $0.value[0]) }
        let load = WatchedObject(
            name: "load", number: [1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2], isColumn: true, kind: .gauge, unit: "%")
        let watched = agent.watched(
            chosen.map(\.0) + ["no such interface"], objects: [load], timeout: .seconds(2))
        let source = SNMPCounterSource.forTests()
        var outcome = Outcome()
        for poll in 0..<2 {
            let sample = await source.sample(watched)
            if let unknown = sample.unknown {
                outcome.problems.append("poll \(poll): \(unknown)")
                continue
            }
            if sample.interfaces.last?.unknown == nil { outcome.problems.append("reads what is not there") }
            for object in sample.objects where (object.value == nil) == (object.unknown == nil) {
                outcome.problems.append("neither a value nor a reason: \(object)")
            }
            for (reading, (name, row)) in zip(sample.interfaces, chosen) {
                outcome.problems += Self.problems(of: reading, name, row, in: recording)
                guard poll == 1 else { continue }
                outcome.interfaces += 1
                switch reading.inOctets {
                case .bits64?: outcome.wide += 1
                case .bits32?: outcome.narrow += 1
                case nil: break
                }
            }
        }
        await source.stop()
        return outcome
    }

    private static func problems(
        of reading: InterfaceReading, _ name: String, _ row: UInt32, in recording: RecordedAgent
    ) -> [String] {
        if let unknown = reading.unknown { return ["'\(name)': \(unknown)"] }
        guard reading.index == row else { return ["'\(name)' is row \(row), read as \(reading.index ?? 0)"] }
        func count64(_ column: UInt32) -> UInt64? {
            if case .counter64(let count)? = recording[AgentTable.ifXTable(column, row)] { count } else { nil }
        }
        func count32(_ column: UInt32) -> UInt32? {
            if case .counter32(let count)? = recording[AgentTable.ifTable(column, row)] { count } else { nil }
        }
        var expected: Counter?
        if let wide = count64(6), let out = count64(10) {
            let isHonest = wide >= UInt64(count32(10) ?? 0) && out >= UInt64(count32(16) ?? 0)
            // One that lags behind may be believed or not; one that is not there to be read cannot be.
            guard isHonest else { return [] }
            expected = .bits64(wide)
        } else {
            expected = count32(10).map(Counter.bits32)
        }
        return reading.inOctets == expected
            ? [] : ["'\(name)': expected \(String(describing: expected)), read \(String(describing: reading.inOctets))"]
    }

    private static func trimmed(_ name: String) -> String {
        var name = name
        while let last = name.last, last == " " || last == "\0" { name.removeLast() }
        return name
    }
}
