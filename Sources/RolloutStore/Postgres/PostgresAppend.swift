internal import RolloutEngine

/// One call of `rollout.append`: facts, claims and the check of the lease in one transaction.
struct PostgresAppend: Sendable {
    let program: Int
    let id: RolloutID
    let last: Int64?
    let lease: Lease
    let at: Instant
    let startsWork: Bool
    let facts: [PostgresFact]
    let claims: [DomainClaim]
    let releases: [DomainClaim]

    /// Makes the call.
    ///
    /// - Returns: The sequence of the first fact.
    func run(on session: PostgresSession, _ trouble: PostgresTrouble) throws -> Int64 {
        guard lease.rollout == id else {
            try PostgresRolloutRows.demand(id, on: session)
            throw StoreError(.leaseLost, "the lease on rollout \(lease.rollout) gives no right to drive \(id)")
        }
        let rows = try session.query(
            Self.statement,
            [
                .integer(Int64(program)), .integer(id.number), .integer(last), .text(lease.holder),
                .integer(lease.fence), .integer(at.milliseconds), .truth(startsWork), .texts(facts.map(\.kind)),
                .texts(facts.map(\.device)), .texts(facts.map(\.shown)), .texts(facts.map(\.exact)),
            ] + Self.texts(of: claims) + Self.texts(of: releases))
        if let refusal = rows.text(0, 0) { throw error(refusal, rows, trouble) }
        return (rows.integer(0, 1) ?? 0) + 1
    }

    /// Says why in the words that every store says it in, from what is on record.
    private func error(_ refusal: String, _ rows: PostgresRows, _ trouble: PostgresTrouble) -> StoreError {
        let current = rows.integer(0, 3).map { fence in
            Lease(
                rollout: id, holder: rows.text(0, 2) ?? "", fence: fence,
                expiresAt: Instant(milliseconds: rows.integer(0, 4) ?? 0))
        }
        let explained: StoreError? =
            switch refusal {
            case "lease": lease.loss(against: current, at: at)
            case "overtaken": StoreError.overtaken(last, by: rows.integer(0, 1) ?? 0, of: id)
            case "held": held(rows)
            default: nil
            }
        return explained ?? trouble.refusal(refusal, id)
    }

    private func held(_ rows: PostgresRows) -> StoreError? {
        guard let place = rows.integer(0, 5), claims.indices.contains(Int(place) - 1), let holder = rows.integer(0, 6)
        else { return nil }
        let wanted = claims[Int(place) - 1]
        let device = DeviceName(rawValue: rows.text(0, 7) ?? "")
        return StoreError.held(
            wanted, by: HeldClaim(claim: DomainClaim(domain: wanted.domain, device: device), rollout: RolloutID(holder))
        )
    }

    private static func texts(of claims: [DomainClaim]) -> [PostgresValue] {
        [
            .texts(claims.map(\.domain.kind)), .texts(claims.map(\.domain.value)),
            .texts(claims.map(\.device.rawValue)),
        ]
    }

    private static let statement = PostgresSession.Statement(
        name: "append",
        text: """
            SELECT refusal, last, holder, fence, expires_at, wanted, held_by, held_for
            FROM rollout.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            """)
}

extension PostgresTrouble {
    /// What the functions of the schema refuse with.
    func refusal(_ word: String, _ id: RolloutID) -> StoreError {
        switch word {
        case "no_rollout": StoreError.noSuchRollout(id)
        case "too_new": upgraded
        case "no_room": full(nil)
        default: StoreError(.corrupt, "\(name): its functions refuse with '\(word)', which this program does not know")
        }
    }
}
