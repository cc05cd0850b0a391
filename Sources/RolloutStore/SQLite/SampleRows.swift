internal import GRDB
internal import RolloutEngine

/// Rows of `samples` and `readings`: plain numbers, as there are many of them.
enum SampleRows {
    /// Adds samples in their order.
    static func insert(_ samples: [CounterSample], for id: RolloutID, _ database: Database) throws {
        let sampleRow = try database.cachedStatement(
            sql: """
                INSERT INTO samples (rollout, at, is_link, subject, uptime, engine_boots, engine_time, ip_out_discards,
                    unknown, unknown_detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        let readingRow = try database.cachedStatement(
            sql: """
                INSERT INTO readings (sample, place, name, if_index, in_octets, out_octets, in_errors, out_errors,
                    in_discards, out_discards, wide, oper_status, high_speed, discontinuity, unknown, unknown_detail)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for sample in samples {
            let isLink = if case .link = sample.subject { true } else { false }
            try sampleRow.execute(arguments: [
                id.number, sample.at.milliseconds, isLink, sample.subject.description, sample.uptime,
                sample.engineBoots, sample.engineTime, sample.ipOutDiscards.map(Int64.init(bitPattern:)),
                sample.unknown?.code.rawValue, sample.unknown?.detail,
            ])
            let row = database.lastInsertedRowID
            for (place, reading) in sample.interfaces.enumerated() {
                try readingRow.execute(arguments: arguments(reading, row, place))
            }
        }
    }

    /// Samples from `start` on, oldest first; those of one instant in the order in which they were added.
    static func samples(of id: RolloutID, since start: Instant, _ database: Database, _ trouble: StoreTrouble) throws
        -> [CounterSample]
    {
        let scope = "FROM samples WHERE rollout = ? AND at >= ?"
        let arguments: StatementArguments = [id.number, start.milliseconds]
        let readings = try Row.fetchAll(
            database, sql: "SELECT * FROM readings WHERE sample IN (SELECT id \(scope)) ORDER BY sample, place",
            arguments: arguments)
        var bySample: [Int64: [InterfaceReading]] = [:]
        for row in readings { bySample[row["sample"], default: []].append(try reading(row, trouble)) }
        return try Row.fetchAll(database, sql: "SELECT * \(scope) ORDER BY at, id", arguments: arguments).map { row in
            let subject: String = row["subject"]
            return CounterSample(
                subject: row["is_link"] ? .link(LinkName(rawValue: subject)) : .device(DeviceName(rawValue: subject)),
                at: Instant(milliseconds: row["at"]), uptime: row["uptime"], engineBoots: row["engine_boots"],
                engineTime: row["engine_time"],
                ipOutDiscards: (row["ip_out_discards"] as Int64?).map(UInt64.init(bitPattern:)),
                interfaces: bySample[row["id"]] ?? [], unknown: try unknown(row, trouble))
        }
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
            wide, reading.operStatus, reading.highSpeed, reading.discontinuity, reading.unknown?.code.rawValue,
            reading.unknown?.detail,
        ]
        return before + StatementArguments(values) + after
    }

    private static func reading(_ row: Row, _ trouble: StoreTrouble) throws -> InterfaceReading {
        var reading = InterfaceReading(
            name: row["name"], index: row["if_index"], operStatus: row["oper_status"], highSpeed: row["high_speed"],
            discontinuity: row["discontinuity"], unknown: try unknown(row, trouble))
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

    private static func unknown(_ row: Row, _ trouble: StoreTrouble) throws -> UnknownReason? {
        guard let text = row["unknown"] as String? else { return nil }
        guard let code = UnknownReason.Code(rawValue: text) else {
            throw trouble.unreadable("a sample", "'\(text)' is no reason for not knowing")
        }
        return UnknownReason(code, row["unknown_detail"] ?? "")
    }
}
