internal import Foundation
internal import RolloutEngine

/// Rows of `rollout.samples`, `rollout.readings` and `rollout.object_readings`.
struct PostgresSampleRows: Sendable {
    let trouble: PostgresTrouble

    /// Adds samples in their order. There have to be partitions for their days.
    func copy(_ samples: [CounterSample], of id: RolloutID, on session: PostgresSession) throws {
        let ids = try session.query(
            "SELECT nextval('rollout.sample_ids') FROM generate_series(1, $1::integer)",
            [.integer(Int64(samples.count / Self.idsAtOnce + 1))])
        for (part, start) in stride(from: 0, to: samples.count, by: Self.idsAtOnce).enumerated() {
            let copy = PostgresSampleCopy(
                Array(samples[start..<min(start + Self.idsAtOnce, samples.count)]), of: id,
                firstID: ids.integer(part, 0) ?? 0)
            try session.copy(copy.copies)
        }
    }

    /// Sees to it that there are partitions for days.
    static func ensure(_ days: Set<Substring>, on session: PostgresSession) throws {
        for day in days.sorted() { try session.query("SELECT rollout.ensure_day($1)", [.text(String(day))]) }
    }

    /// Sees to it that no day is dropped before the transaction is over. Who drops holds no other lock meanwhile, and others go on
    /// adding samples and partitions, so nobody waits for who waits for them.
    static func keepDays(on session: PostgresSession) throws {
        try session.query("LOCK TABLE rollout.samples, rollout.readings, rollout.object_readings IN ROW EXCLUSIVE MODE")
    }

    /// How many numbers one step of the sequence of samples gives.
    private static let idsAtOnce = 1000

    /// A rollout's samples from `start` on, oldest first; those of one instant in the order in which they were added. Read in parts.
    func samples(of id: RolloutID, since start: Instant, on session: PostgresSession) throws -> [CounterSample] {
        var samples: [CounterSample] = []
        var next: SamplePage.Place? = .before(start)
        while let place = next {
            let page = try page(of: id, after: place, on: session)
            samples += page.samples
            next = page.end
        }
        return samples
    }

    /// The samples behind a place.
    func page(of id: RolloutID, after place: SamplePage.Place, on session: PostgresSession) throws -> SamplePage {
        let rows = try session.query(
            """
            SELECT \(PostgresSampleCopy.sampleColumns.joined(separator: ", ")) FROM rollout.samples
            WHERE rollout = $1 AND (at, id) > ($2::timestamptz, $3::bigint) ORDER BY at, id LIMIT $4
            """,
            [
                .integer(id.number), .text(PostgresTime.text(place.at)), .integer(place.row),
                .integer(Int64(SamplePage.size)),
            ])
        guard rows.count > 0, let first = rows.instant(0, 2), let last = rows.instant(rows.count - 1, 2),
            let lastRow = rows.integer(rows.count - 1, 0)
        else { return SamplePage(samples: [], end: nil) }
        let span: [PostgresValue] = [
            .integer(id.number), .text(PostgresTime.text(first)), .text(PostgresTime.text(last)),
        ]
        let readings = try group(
            try session.query(Self.children("readings", PostgresSampleCopy.readingColumns), span), reading)
        let objects = try group(
            try session.query(Self.children("object_readings", PostgresSampleCopy.objectColumns), span), object)
        let samples = try (0..<rows.count).map { index in
            let row = rows.integer(index, 0) ?? 0
            return CounterSample(
                subject: try subject(rows, index, kind: 3, name: 4),
                at: rows.instant(index, 2) ?? first, uptime: rows.narrow(index, 5),
                engineBoots: rows.narrow(index, 6), engineTime: rows.narrow(index, 7),
                ipOutDiscards: rows.integer(index, 8).map(UInt64.init(bitPattern:)), interfaces: readings[row] ?? [],
                objects: objects[row] ?? [], unknown: try unknown(rows, index, 9))
        }
        return SamplePage(
            samples: samples, end: rows.count == SamplePage.size ? SamplePage.Place(at: last, row: lastRow) : nil)
    }

    /// What the agents said, of every sample of a span.
    private static func children(_ table: String, _ columns: [String]) -> String {
        """
        SELECT \(columns.joined(separator: ", ")) FROM rollout.\(table)
        WHERE rollout = $1 AND at >= $2::timestamptz AND at <= $3::timestamptz ORDER BY at, sample, place
        """
    }

    private func group<Value>(_ rows: PostgresRows, _ read: (PostgresRows, Int) throws -> Value) throws
        -> [Int64: [Value]]
    {
        var groups: [Int64: [Value]] = [:]
        for index in 0..<rows.count {
            groups[rows.integer(index, 0) ?? 0, default: []].append(try read(rows, index))
        }
        return groups
    }

    private func reading(_ rows: PostgresRows, _ index: Int) throws -> InterfaceReading {
        var reading = InterfaceReading(
            name: rows.text(index, 6) ?? "", index: rows.narrow(index, 7),
            operStatus: rows.integer(index, 15).map { Int($0) }, lastChange: rows.narrow(index, 16),
            highSpeed: rows.narrow(index, 17), discontinuity: rows.narrow(index, 18),
            unknown: try unknown(rows, index, 19))
        let wide = rows.integer(index, 14) ?? 0
        for (bit, counter) in PostgresSampleCopy.counters.enumerated() {
            guard let bits = rows.integer(index, 8 + bit) else { continue }
            let value = UInt64(bitPattern: bits)
            reading[keyPath: counter] =
                wide & (1 << bit) != 0 ? .bits64(value) : .bits32(UInt32(truncatingIfNeeded: value))
        }
        return reading
    }

    private func object(_ rows: PostgresRows, _ index: Int) throws -> ObjectReading {
        let value: ObjectReading.Value?
        switch (rows.text(index, 8), rows.integer(index, 9), rows.double(index, 10)) {
        case (nil, _, _): value = nil
        case ("counter32", let whole?, _): value = .counter(.bits32(UInt32(truncatingIfNeeded: whole)))
        case ("counter64", let whole?, _): value = .counter(.bits64(UInt64(bitPattern: whole)))
        case ("gauge", _, let level?): value = .level(level)
        case ("state", let whole?, _): value = .state(whole)
        case (let kind?, _, _): throw trouble.unreadable("a sample", "'\(kind)' is no kind of value, or has none")
        }
        return ObjectReading(
            name: rows.text(index, 6) ?? "", instance: rows.text(index, 7) ?? "", value: value,
            unknown: try unknown(rows, index, 11))
    }

    private func subject(_ rows: PostgresRows, _ index: Int, kind: Int, name: Int) throws -> WatchedAgent.Subject {
        let number = rows.integer(index, kind) ?? -1
        guard let subject = SampleSubject.subject(number, rows.text(index, name) ?? "") else {
            throw trouble.unreadable("a sample", "\(number) is no kind of subject")
        }
        return subject
    }

    private func unknown(_ rows: PostgresRows, _ index: Int, _ column: Int) throws -> UnknownReason? {
        guard let text = rows.text(index, column) else { return nil }
        guard let code = UnknownReason.Code(rawValue: text) else {
            throw trouble.unreadable("a sample", "'\(text)' is no reason for not knowing")
        }
        return UnknownReason(code, rows.text(index, column + 1) ?? "")
    }
}

extension PostgresRows {
    /// A timestamptz; nil for NULL.
    fileprivate func instant(_ row: Int, _ column: Int) -> Instant? {
        integer(row, column).map(PostgresTime.instant)
    }

    /// A number that was one of 32 bits; nil for NULL.
    fileprivate func narrow(_ row: Int, _ column: Int) -> UInt32? {
        integer(row, column).map { UInt32(truncatingIfNeeded: $0) }
    }
}
