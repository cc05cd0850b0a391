// The rules that every store judges leases and claims by, and the words it says them in. Pure, so that adapters only differ
// in where they keep things.

extension Lease {
    /// Why this lease is no longer ours, or nil while nobody else took it. `current` is what the store has on record.
    public func takeover(by current: Lease?) -> StoreError? {
        guard let current else {
            return StoreError(
                .leaseLost,
                "\(holder) no longer holds the lease on rollout \(rollout): somebody took it over and gave it back since; "
                    + "see how it stands: rollout status \(rollout.number)"
            )
        }
        guard current.fence == fence && current.holder == holder || PlantedBug.isPlanted(.ignoresFence) else {
            return StoreError(
                .leaseLost,
                "\(holder) (fence \(fence)) no longer holds the lease on rollout \(rollout): "
                    + "\(current.holder) took it (fence \(current.fence)); stop driving"
            )
        }
        return nil
    }

    /// Why this lease gives no right to append at `now`: it is no longer ours, or it ran out and has to be renewed first.
    public func loss(against current: Lease?, at now: Instant) -> StoreError? {
        if let loss = takeover(by: current) { return loss }
        guard let current, current.hasRunOut(at: now) else { return nil }
        return StoreError(
            .leaseLost,
            "the lease of \(holder) on rollout \(rollout) ran out at \(current.expiresAt); take it again before going on"
        )
    }

    /// Whether the lease no longer holds at `now`. At the very instant of its end it has run out.
    public func hasRunOut(at now: Instant) -> Bool { now >= expiresAt }
}

extension Lease {
    /// How long something that was sent may be on its way to a device.
    static let travel = Timespan.seconds(10)

    /// By when everything has arrived that the holder of this lease sends, if somebody else takes it at `now`.
    ///
    /// A holder that may still live goes on until its lease ends, as it asks for it before it sends anything. When that is, only
    /// its own clock says; it cannot be later than a whole lease from now, as it cannot renew it any more.
    ///
    /// - Parameters:
    ///   - isGone: Whether the holder is certainly gone, and sends nothing any more.
    ///   - leaseTime: How long a lease lasts.
    public func quietFrom(takenAt now: Instant, isGone: Bool, leaseTime: Timespan) -> Instant {
        (isGone || PlantedBug.isPlanted(.asksTooSoon) ? now : now + leaseTime) + Self.travel
    }
}

extension StoreError {
    /// There is no such rollout.
    public static func noSuchRollout(_ id: RolloutID) -> StoreError {
        StoreError(.notFound, "there is no rollout \(id) in this store; `rollout list` shows those there are")
    }

    /// Facts were decided without knowing the last one; nil when they were not, or need not have been.
    public static func overtaken(_ known: Int64?, by last: Int64, of id: RolloutID) -> StoreError? {
        guard let known, known != last else { return nil }
        guard known < last else {
            return StoreError(
                .corrupt,
                "the journal of rollout \(id) ends with fact \(last), but fact \(known) was there: the store was replaced by an "
                    + "older one")
        }
        return StoreError(.overtaken, "rollout \(id) has \(last) facts, and this was decided on \(known) of them")
    }

    /// The lease is held, and not to be stolen.
    public static func held(_ lease: Lease) -> StoreError {
        StoreError(
            .leaseHeld,
            "rollout \(lease.rollout) is driven by \(lease.holder) until \(lease.expiresAt) (fence \(lease.fence)); "
                + "wait for it to end, or, if that process is gone for good, take it over: "
                + "rollout apply --resume \(lease.rollout.number) --steal"
        )
    }

    /// Another rollout holds a failure domain, or was quicker to take a place under the cap of devices in debt.
    public static func held(_ wanted: DomainClaim, by holder: HeldClaim) -> StoreError {
        StoreError(
            wanted.domain.kind == DebtPlaces.kind ? .placeTaken : .domainHeld,
            "\(wanted.domain) is held by rollout \(holder.rollout) for device \(holder.claim.device), "
                + "so \(wanted.device) has to wait until that device is proven or put back"
        )
    }
}

extension Lease {
    /// Whether `holder` may take the lease that this one still is on record. Taking what one holds oneself gives a new
    /// fence too, so that two drivers in one process cannot both go on.
    public func allows(_ holder: String, stealing steal: Bool, at now: Instant) -> Bool {
        let now = PlantedBug.isPlanted(.takesLeaseEarly) ? now + .seconds(10) : now
        return steal || self.holder == holder || hasRunOut(at: now)
    }
}

extension Fact {
    /// Whether more work follows from it, or it is large. On a full disk such facts are refused first, so that what already happened to
    /// devices can still be written down.
    public var startsWork: Bool {
        switch self {
        case .created, .waveStarted, .wavePassed: true
        case .evidence(_, let evidence): !evidence.items.isEmpty
        // Putting back and looking is what a full disk must not keep us from.
        case .intent(let step): step.kind == .push
        default: false
        }
    }

    /// What is written in its place when there is no room for it: nothing, but that evidence was looked for.
    var whenFull: Fact? {
        if case .evidence(let device, _) = self { return .evidence(device, Evidence(items: [])) }
        return startsWork ? nil : self
    }
}

extension HeldClaim: Comparable {
    /// By domain, then by rollout, then by device.
    public static func < (left: Self, right: Self) -> Bool {
        if left.claim.domain != right.claim.domain { return left.claim.domain < right.claim.domain }
        if left.rollout != right.rollout { return left.rollout < right.rollout }
        return left.claim.device < right.claim.device
    }
}
