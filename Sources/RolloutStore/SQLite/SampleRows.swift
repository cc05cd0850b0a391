internal import GRDB
internal import RolloutEngine

/// Rows of `samples`, `readings` and `object_readings`: plain numbers, as there are many of them.
enum SampleRows {
    /// Adds samples in their order.
    static func insert(_ samples: [CounterSample], for id: RolloutID, _ database: Database) throws {
        let sampleRow = try database.cachedStatement(
            sql: """
                INSERT INTO samples (rollout, at, subject_kind, subject, uptime, engine_boots, engine_time, ip_out_discards,
                    unknown, unknown_detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        let readingRow = try database.cachedStatement(
            sql: """
                INSERT INTO readings (sample, place, name, if_index, in_octets, out_octets, in_errors, out_errors,
                    in_discards, out_discards, wide, oper_status, last_change, high_speed, discontinuity, unknown,
                    unknown_detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        let objectRow = try database.cachedStatement(
            sql: """
                INSERT INTO object_readings (sample, place, name, instance, kind, whole, level, unknown, unknown_detail)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for sample in samples {
            try sampleRow.execute(arguments: [
                id.number, sample.at.milliseconds, SampleSubject.number(of: sample.subject), sample.subject.name,
                sample.uptime,
                sample.engineBoots, sample.engineTime, sample.ipOutDiscards.map(Int64.init(bitPattern:)),
                sample.unknown?.code.rawValue, sample.unknown?.detail,
            ])
            let row = database.lastInsertedRowID
            for (place, reading) in sample.interfaces.enumerated() {
                try readingRow.execute(arguments: arguments(reading, row, place))
            }
            for (place, reading) in sample.objects.enumerated() {
                try objectRow.execute(arguments: arguments(reading, row, place))
            }
        }
    }

    /// Samples from `start` on, oldest first; those of one instant in the order in which they were added.
    static func samples(of id: RolloutID, since start: Instant, _ database: Database, _ trouble: StoreTrouble) throws
        -> [CounterSample]
    {
        try samples("rollout = ? AND at >= ?", [id.number, start.milliseconds], database, trouble).map(\.sample)
    }

    /// The samples behind a place.
    static func page(of id: RolloutID, after place: SamplePage.Place, _ database: Database, _ trouble: StoreTrouble)
        throws -> SamplePage
    {
        let rows = try samples(
            "rollout = ? AND (at, id) > (?, ?) ORDER BY at, id LIMIT \(SamplePage.size)",
            [id.number, place.at.milliseconds, place.row], database, trouble)
        let last = rows.last.map { SamplePage.Place(at: $0.sample.at, row: $0.row) }
        return SamplePage(samples: rows.map(\.sample), end: rows.count == SamplePage.size ? last : nil)
    }

    private static func samples(
        _ condition: String, _ arguments: StatementArguments, _ database: Database, _ trouble: StoreTrouble
    ) throws -> [(row: Int64, sample: CounterSample)] {
        let scope = "(SELECT id FROM samples WHERE \(condition))"
        let readings = try Row.fetchAll(
            database, sql: "SELECT * FROM readings WHERE sample IN \(scope) ORDER BY sample, place",
            arguments: arguments)
        var bySample: [Int64: [InterfaceReading]] = [:]
        for row in readings { bySample[row["sample"], default: []].append(try reading(row, trouble)) }
        let objects = try Row.fetchAll(
            database, sql: "SELECT * FROM object_readings WHERE sample IN \(scope) ORDER BY sample, place",
            arguments: arguments)
        var objectsBySample: [Int64: [ObjectReading]] = [:]
        for row in objects { objectsBySample[row["sample"], default: []].append(try object(row, trouble)) }
        return try Row.fetchAll(
            database, sql: "SELECT * FROM samples WHERE id IN \(scope) ORDER BY at, id", arguments: arguments
        ).map { row in
            let sample = CounterSample(
                subject: try subject(row, trouble),
                at: Instant(milliseconds: row["at"]), uptime: row["uptime"], engineBoots: row["engine_boots"],
                engineTime: row["engine_time"],
                ipOutDiscards: (row["ip_out_discards"] as Int64?).map(UInt64.init(bitPattern:)),
                interfaces: bySample[row["id"]] ?? [], objects: objectsBySample[row["id"]] ?? [],
                unknown: try unknown(row, trouble))
            return (row["id"], sample)
        }
    }

    private static func subject(_ row: Row, _ trouble: StoreTrouble) throws -> WatchedAgent.Subject {
        let kind: Int64 = row["subject_kind"]
        guard let subject = SampleSubject.subject(kind, row["subject"]) else {
            throw trouble.unreadable("a sample", "\(kind) is no kind of subject")
        }
        return subject
    }

    /// In the order of the columns.
    private static var counters: [WritableKeyPath<InterfaceReading, Counter?>] {
        [\.inOctets, \.outOctets, \.inErrors, \.outErrors, \.inDiscards, \.outDiscards]
    }

    private static func arguments(_ reading: InterfaceReading, _ sample: Int64, _ place: Int) -> StatementArguments {
        var wide = 0
        var values: [Int64?] = []
        for (bit, path) in counters.enumerated() {
            let counter = reading[keyPath: path]
            if case .bits64 = counter { wide |= 1 << bit }
            values.append(counter.map { Int64(bitPattern: $0.value) })
        }
        let before: StatementArguments = [sample, place, reading.name, reading.index]
        let after: StatementArguments = [
            wide, reading.operStatus, reading.lastChange, reading.highSpeed, reading.discontinuity,
            reading.unknown?.code.rawValue,
            reading.unknown?.detail,
        ]
        return before + StatementArguments(values) + after
    }

    private static func reading(_ row: Row, _ trouble: StoreTrouble) throws -> InterfaceReading {
        var reading = InterfaceReading(
            name: row["name"], index: row["if_index"], operStatus: row["oper_status"],
            lastChange: row["last_change"], highSpeed: row["high_speed"], discontinuity: row["discontinuity"],
            unknown: try unknown(row, trouble))
        let wide: Int = row["wide"]
        let columns = ["in_octets", "out_octets", "in_errors", "out_errors", "in_discards", "out_discards"]
        for (bit, column) in columns.enumerated() {
            guard let bits = row[column] as Int64? else { continue }
            let value = UInt64(bitPattern: bits)
            reading[keyPath: counters[bit]] =
                wide & (1 << bit) != 0 ? .bits64(value) : .bits32(UInt32(truncatingIfNeeded: value))
        }
        return reading
    }

    private static func arguments(_ reading: ObjectReading, _ sample: Int64, _ place: Int) -> StatementArguments {
        var kind: String?
        var whole: Int64?
        var level: Double?
        switch reading.value {
        case .counter(.bits32(let value)): (kind, whole) = ("counter32", Int64(value))
        case .counter(.bits64(let value)): (kind, whole) = ("counter64", Int64(bitPattern: value))
        case .level(let value): (kind, level) = ("gauge", value)
        case .state(let value): (kind, whole) = ("state", value)
        case nil: break
        }
        return [
            sample, place, reading.name, reading.instance, kind, whole, level, reading.unknown?.code.rawValue,
            reading.unknown?.detail,
        ]
    }

    private static func object(_ row: Row, _ trouble: StoreTrouble) throws -> ObjectReading {
        let whole: Int64? = row["whole"]
        let value: ObjectReading.Value?
        switch (row["kind"] as String?, whole) {
        case (nil, _): value = nil
        case ("counter32", let whole?): value = .counter(.bits32(UInt32(truncatingIfNeeded: whole)))
        case ("counter64", let whole?): value = .counter(.bits64(UInt64(bitPattern: whole)))
        // SQLite keeps what is not a number as NULL.
        case ("gauge", _): value = .level(row["level"] ?? .nan)
        case ("state", let whole?): value = .state(whole)
        case (let kind?, _): throw trouble.unreadable("a sample", "'\(kind)' is no kind of value, or has none")
        }
        return ObjectReading(
            name: row["name"], instance: row["instance"], value: value, unknown: try unknown(row, trouble))
    }

    private static func unknown(_ row: Row, _ trouble: StoreTrouble) throws -> UnknownReason? {
        guard let text = row["unknown"] as String? else { return nil }
        guard let code = UnknownReason.Code(rawValue: text) else {
            throw trouble.unreadable("a sample", "'\(text)' is no reason for not knowing")
        }
        return UnknownReason(code, row["unknown_detail"] ?? "")
    }
}
