internal import Foundation
internal import RolloutEngine

/// Fills empty tables with all that another store had, and reads it back.
struct PostgresContent {
    let trouble: PostgresTrouble
    /// The samples of a rollout behind a place, in the other store.
    let samplePage: (RolloutID, SamplePage.Place) throws -> SamplePage

    /// Refuses tables with something in them, and keeps others from writing until the transaction ends.
    func demandEmpty(_ session: PostgresSession) throws {
        try session.query("LOCK TABLE rollout.rollouts, rollout.service_entries IN EXCLUSIVE MODE")
        let rows = try session.query(
            "SELECT (SELECT count(*) FROM rollout.rollouts), (SELECT count(*) FROM rollout.service_entries)")
        guard rows.integer(0, 0) == 0, rows.integer(0, 1) == 0 else {
            throw StoreError(
                .unavailable,
                "\(trouble.name) has \(rows.integer(0, 0) ?? 0) rollouts and \(rows.integer(0, 1) ?? 0) entries of the service "
                    + "journal already; copy into an empty database")
        }
    }

    /// Writes everything.
    ///
    /// - Returns: How many samples there were.
    func write(_ content: StoreContent, on session: PostgresSession) throws -> Int {
        var samples = 0
        for rollout in content.rollouts {
            try write(rollout, on: session)
            samples += try copySamples(of: rollout.record.id, on: session)
        }
        try session.query(
            """
            SELECT setval(pg_get_serial_sequence('rollout.rollouts', 'id'), greatest(max(id), 1), max(id) IS NOT NULL)
            FROM rollout.rollouts
            """)
        for held in content.claims {
            try session.query(
                "INSERT INTO rollout.claims (kind, value, rollout, device) VALUES ($1, $2, $3, $4)",
                [
                    .text(held.claim.domain.kind), .text(held.claim.domain.value), .integer(held.rollout.number),
                    .text(held.claim.device.rawValue),
                ])
        }
        let service = PostgresServiceRows(trouble: trouble)
        for entry in content.service { try service.append(entry, on: session) }
        return samples
    }

    private func copySamples(of id: RolloutID, on session: PostgresSession) throws -> Int {
        var (count, next): (Int, SamplePage.Place?) = (0, .start)
        while let place = next {
            let page = try samplePage(id, place)
            try PostgresSampleRows.ensure(Set(page.samples.map { PostgresTime.day(of: $0.at) }), on: session)
            try PostgresSampleRows(trouble: trouble).copy(page.samples, of: id, on: session)
            (count, next) = (count + page.samples.count, page.end)
        }
        return count
    }

    /// Reads everything back.
    ///
    /// - Throws: `.corrupt` when it is not what was to be written.
    func compare(_ content: StoreContent, on session: PostgresSession) throws {
        let entries = PostgresEntryRows(trouble: trouble)
        let records = try PostgresRolloutRows.all(on: session).sorted { $0.id < $1.id }
        try demand(records == content.rollouts.map(\.record), "the rollouts")
        for rollout in content.rollouts {
            let id = rollout.record.id
            try demand(try PostgresRolloutRows.plan(of: id, on: session) == rollout.plan, "the plan of rollout \(id)")
            try demand(
                try entries.entries(of: id, after: 0, on: session) == rollout.entries, "the facts of rollout \(id)")
            try demand(try PostgresLeaseRows.lease(of: id, on: session) == rollout.lease, "the lease on rollout \(id)")
            try compareSamples(of: id, on: session)
        }
        try demand(try PostgresLeaseRows.claims(on: session) == content.claims, "the claims")
        let service = try PostgresServiceRows(trouble: trouble).entries(after: 0, on: session)
        try demand(service == content.service, "the service journal")
    }

    private func compareSamples(of id: RolloutID, on session: PostgresSession) throws {
        let rows = PostgresSampleRows(trouble: trouble)
        var (wanted, next): (SamplePage.Place?, SamplePage.Place?) = (.start, .start)
        while let there = wanted, let here = next {
            let (page, kept) = (try samplePage(id, there), try rows.page(of: id, after: here, on: session))
            try demand(kept.samples == page.samples, "the samples of rollout \(id)")
            (wanted, next) = (page.end, kept.end)
        }
    }

    private func demand(_ isSame: Bool, _ what: String) throws {
        guard isSame else {
            throw StoreError(
                .corrupt, "\(trouble.name): \(what) did not come back as written; nothing was copied")
        }
    }

    private func write(_ rollout: StoreContent.Rollout, on session: PostgresSession) throws {
        let (record, id) = (rollout.record, rollout.record.id)
        let fence = max(rollout.entries.map(\.fence).max() ?? 0, rollout.lease?.fence ?? 0)
        // Plans that are equal byte by byte are kept once.
        try session.query(
            """
            INSERT INTO rollout.plans (digest, bytes) SELECT $1::text, $2::bytea
            WHERE NOT EXISTS (SELECT FROM rollout.plans WHERE digest = $1 AND bytes = $2)
            """, [.text(record.planDigest.hexadecimal), .bytes(rollout.plan)])
        try session.query(
            """
            INSERT INTO rollout.rollouts (id, plan, plan_digest, title, created_at, created_by, last_fence)
            SELECT $1, id, $2::text, $3, $4, $5, $6 FROM rollout.plans WHERE digest = $2 AND bytes = $7 LIMIT 1
            """,
            [
                .integer(id.number), .text(record.planDigest.hexadecimal), .text(record.title),
                .integer(record.createdAt.milliseconds), .text(record.createdBy), .integer(fence), .bytes(rollout.plan),
            ])
        try write(rollout.entries, of: id, on: session)
        if let lease = rollout.lease { try PostgresLeaseRows.store(lease, on: session) }
        if let snapshot = rollout.snapshot { try PostgresRolloutRows.keep(snapshot, of: id, on: session) }
    }

    private func write(_ entries: [JournalEntry], of id: RolloutID, on session: PostgresSession) throws {
        let encoder = StoredFact.encoder
        for start in stride(from: 0, to: entries.count, by: 5000) {
            let part = entries[start..<min(start + 5000, entries.count)]
            let facts = try part.map { try PostgresFact($0.fact, encoder) }
            try session.query(
                """
                INSERT INTO rollout.entries (rollout, sequence, at, fence, kind, device, fact, exact)
                SELECT $1, sequence::bigint, at::bigint, fence::bigint, kind, device, fact::json, exact
                FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
                    AS added (sequence, at, fence, kind, device, fact, exact)
                """,
                [
                    .integer(id.number), .texts(part.map { String($0.sequence) }),
                    .texts(part.map { String($0.at.milliseconds) }), .texts(part.map { String($0.fence) }),
                    .texts(facts.map(\.kind)), .texts(facts.map(\.device)), .texts(facts.map(\.shown)),
                    .texts(facts.map(\.exact)),
                ])
        }
    }
}
