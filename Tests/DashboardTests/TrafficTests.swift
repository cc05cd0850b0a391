import Foundation
import OpsBench
import PostgresBench
import RolloutEngine
import RolloutStore
import Testing

/// What samples come to over weeks, and how long they are kept.
@Suite(
    "Rollups and retention", .timeLimit(.minutes(5)),
    .enabled(if: PostgresServer.isAvailable, "needs root and PostgreSQL 15"))
struct TrafficTests {
    let database: OpsDatabase
    /// 2026-03-01T10:00:00Z.
    private let start = Instant(milliseconds: 1_772_359_200_000)

    init() async throws { database = try await OpsDatabase() }

    @Test("rates are what counters say: not across a restart, a gap or a discontinuity, and unknown is not zero")
    func rates() throws {
        var samples: [CounterSample] = []
        // 80 Mbit/s for five minutes, read every 10 s; then, after a restart, 8 Mbit/s.
        for number in 0..<60 {
            let isRestarted = number >= 30
            let octets = UInt64(isRestarted ? number - 30 : number) * (isRestarted ? 10_000_000 : 100_000_000)
            samples.append(reading("gra-1", at: number * 10, .bits64(octets + 5)))
        }
        // 32 bits that wrap once. The reading after the wrap is no rate, the others are.
        for number in 0..<30 {
            samples.append(
                reading(
                    "gra-2", at: number * 10, .bits32(UInt32(truncatingIfNeeded: 4_200_000_000 + number * 12_500_000))))
        }
        // Nobody answers half of the time.
        for number in 0..<30 {
            let isThere = number % 2 == 0
            samples.append(reading("gra-3", at: number * 10, isThere ? .bits64(UInt64(number) * 1_250_000) : nil))
        }
        // A discontinuity in the middle.
        for number in 0..<30 {
            let octets = UInt64(number) * 1_250_000 + (number < 15 ? 0 : 1 << 40)
            samples.append(reading("gra-4", at: number * 10, .bits64(octets), discontinuity: number < 15 ? 0 : 77))
        }
        // Twenty minutes of silence between two readings.
        samples.append(reading("gra-5", at: 0, .bits64(0)))
        samples.append(reading("gra-5", at: 1200, .bits64(1 << 40)))
        try database.run(rollout() + OpsDatabase.adding(samples, of: 1) + rollUp(after: 1300))

        #expect(
            try five("gra-1") == ["10:00|30|0|80000000|80000000", "10:05|30|0|8000000|8000000"],
            "the restart is left out")
        #expect(try five("gra-2") == ["10:00|30|0|10000000|10000000"])
        #expect(try five("gra-3") == ["10:00|30|15|1000000|1000000"])
        #expect(try five("gra-4") == ["10:00|30|0|1000000|1000000"])
        #expect(try five("gra-5") == ["10:00|1|0||", "10:20|1|0||"])
        #expect(
            try database.run(
                "SELECT round(out_bps::numeric), samples FROM rollout_ops.traffic_1h WHERE subject = 'gra-1';")
                == ["44000000|60"])
        #expect(
            try database.run(
                "SELECT count(*), round(max(out_bps)::numeric) FROM rollout_ops.device_rates('gra-1', \(at(0)), \(at(290)));"
            )
                == ["29|80000000"])
    }

    @Test("rolled up again, or bit by bit as samples come, they are the same")
    func again() throws {
        let samples = (0..<400).map { reading("gra-1", at: $0 * 10, .bits64(UInt64($0 * $0) * 1000)) }
        try database.run(rollout() + OpsDatabase.adding(samples, of: 1) + rollUp(after: 4000))
        let once = try database.run(
            "SELECT * FROM rollout_ops.traffic_5m, rollout_ops.traffic_1h h WHERE h.kind = 'device';")
        try database.run(rollUp(after: 4000))
        #expect(
            try database.run("SELECT * FROM rollout_ops.traffic_5m, rollout_ops.traffic_1h h WHERE h.kind = 'device';")
                == once)
        #expect(once.count > 20)

        // From the start, but with a call after every twenty minutes of samples, some of which came late.
        try database.run(
            "TRUNCATE rollout.readings, rollout_projection.traffic_5m, rollout_projection.traffic_1h;"
                + "UPDATE rollout_projection.progress SET rolled_up_to = NULL;")
        for part in 0..<4 {
            let late = samples[(part * 100)..<(part * 100 + 100)]
            try database.run(OpsDatabase.adding(Array(late.dropLast(5)), of: 1) + rollUp(after: part * 1000 + 1000))
            try database.run(OpsDatabase.adding(Array(late.suffix(5)), of: 1) + rollUp(after: part * 1000 + 1060))
        }
        #expect(
            try database.run("SELECT * FROM rollout_ops.traffic_5m, rollout_ops.traffic_1h h WHERE h.kind = 'device';")
                == once)
    }

    @Test("a day of samples goes when it is old and rolled up, and what they came to is kept longer")
    func retention() throws {
        let readings = (0..<28).map { day in
            reading("gra-1", at: (day - 28) * 86_400, .bits64(UInt64(day)))
        }
        try database.run(rollout() + OpsDatabase.adding(readings, of: 1))
        // Nothing was rolled up yet: nothing goes.
        try database.run(retain("2, 7, 20"))
        #expect(try partitions("readings").count == 28)
        try database.run(rollUp(after: 0))
        try database.run(retain("2, 7, 20"))
        #expect(try partitions("samples") == ["2026_02_27", "2026_02_28"])
        #expect(try partitions("readings") == ["2026_02_27", "2026_02_28"])
        #expect(try partitions("object_readings") == ["2026_02_27", "2026_02_28"])
        #expect(try partitions("traffic_5m").first == "2026_02_22")
        #expect(try partitions("traffic_1h").first == "2026_02_09")
        #expect(throws: OpsDatabase.Refusal.self) { try database.run(retain("0, 7, 20")) }
    }

    @Test("the product rolls up and drops in one go, and says what is left; a file store has nothing to drop")
    func product() async throws {
        let readings = (0..<28).map { day in reading("gra-1", at: (day - 28) * 86_400, .bits64(UInt64(day))) }
        try database.run(rollout() + OpsDatabase.adding(readings, of: 1))
        let maintenance = try database.maintenance
        let retention = SampleRetention(samples: 3, fiveMinutes: 7, hours: 20)
        #expect(try await maintenance.retain(retention, at: start).oldestSamples == "2026-02-26")
        #expect(try partitions("readings").first == "2026_02_26")
        #expect(try partitions("traffic_5m").first == "2026_02_22")
        #expect(try await maintenance.retain(retention, at: start + .minutes(30 * 24 * 60)).oldestSamples == nil)
        let file = try StoreMaintenance("sqlite:///tmp/never-made.db")
        await #expect(throws: StoreError.self) { try await file.retain(retention, at: start) }
    }

    @Test("a day that somebody reads is kept for the next time, and the others go")
    func readMeanwhile() throws {
        let readings = (0..<5).map { reading("gra-1", at: ($0 - 5) * 86_400, .bits64(UInt64($0))) }
        try database.run(rollout() + OpsDatabase.adding(readings, of: 1) + rollUp(after: 0))
        let reader = try database.begin(
            "BEGIN; SELECT count(*) FROM rollout.readings_2026_02_24; SELECT pg_sleep(6); COMMIT;")
        let isReading = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep';"
        while try database.run(isReading) == ["0"] { usleep(50_000) }
        try database.run(retain("1, 7, 20"))
        #expect(try partitions("readings") == ["2026_02_24", "2026_02_28"])
        reader.waitUntilExit()
        try database.run(retain("1, 7, 20"))
        #expect(try partitions("readings") == ["2026_02_28"])
    }

    // MARK: Making and asking

    private func reading(_ device: DeviceName, at seconds: Int, _ octets: Counter?, discontinuity: UInt32? = nil)
        -> CounterSample
    {
        var interface = InterfaceReading(name: "e0", outOctets: octets, highSpeed: 1000, discontinuity: discontinuity)
        if octets == nil { interface.unknown = UnknownReason(.timeout, "no answer") }
        return CounterSample(
            subject: .device(device), at: start + .seconds(Int64(seconds)), interfaces: [interface])
    }

    private func at(_ seconds: Int) -> String { "'\(start + .seconds(Int64(seconds)))'" }

    private func rollout() -> String { OpsDatabase.creating(1, "one", Data("no plan".utf8), at: start) }

    private func rollUp(after seconds: Int) -> String { "CALL rollout_projection.roll_up(\(at(seconds)));\n" }

    private func retain(_ days: String) -> String {
        "CALL rollout_projection.retain(\(days), '2026-03-01T10:00:00Z');\n"
    }

    /// The steps of five minutes of a device.
    private func five(_ device: String) throws -> [String] {
        try database.run(
            """
            SELECT to_char(at AT TIME ZONE 'UTC', 'HH24:MI'), samples, unknown, round(out_bps::numeric), round(max_out_bps::numeric)
            FROM rollout_ops.traffic_5m WHERE subject = '\(device)' ORDER BY at;
            """)
    }

    private func partitions(_ parent: String) throws -> [String] {
        try database.run(
            """
            SELECT right(c.relname, 10) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
            WHERE p.relname = '\(parent)' AND c.relkind = 'r' ORDER BY 1;
            """)
    }
}
