internal import RolloutEngine

/// Another rollout of the same store, which holds what this one may not have meanwhile.
struct OtherRollout: Sendable {
    private let disk: Disk
    private let id: RolloutID
    private let claims: [DomainClaim]

    /// What it holds.
    struct Holding: Hashable, Sendable {
        /// How many of its devices are in debt of their peak.
        var debtors = 0
        /// The pair of which it changes a device.
        var pair: String?

        /// The failure domain that nobody else may work in.
        var domain: FailureDomain? { pair.map { FailureDomain(kind: "pair", value: $0) } }
    }

    /// Nil when there is none.
    init?(_ holding: Holding, on disk: Disk, _ plan: PlanFile, at now: Instant) async throws {
        guard holding != Holding() else { return nil }
        self.disk = disk
        let places = (0..<holding.debtors).map { number in
            DomainClaim(
                domain: FailureDomain(kind: "peak-debt", value: "\(number + 1)"),
                device: DeviceName(rawValue: "o-\(number + 1)"))
        }
        claims = places + (holding.domain.map { [DomainClaim(domain: $0, device: "o-pair")] } ?? [])
        id = try await disk.store.create(
            plan: plan.bytes, digest: plan.digest, title: "other", by: "somebody", at: now)
        try await change(claiming: claims, releasing: [], at: now)
    }

    /// Its devices have proved themselves.
    func giveBack(at now: Instant) async throws { try await change(claiming: [], releasing: claims, at: now) }

    private func change(claiming claims: [DomainClaim], releasing: [DomainClaim], at now: Instant) async throws {
        let lease = try await disk.store.acquireLease(
            of: id, holder: "other", lasting: .minutes(1), steal: true, at: now)
        _ = try await disk.store.append([], to: id, under: lease, claiming: claims, releasing: releasing, at: now)
    }
}
