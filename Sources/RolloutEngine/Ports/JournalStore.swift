public import Foundation

/// Keeps rollouts: their plans, their journals of facts, who may drive them, and the samples that verdicts rest on; and beside
/// them the service journal.
///
/// What `append` has returned survives kill -9 and power loss. Every adapter passes the same conformance suite.
public protocol JournalStore: ServiceJournal {
    /// What this adapter can do beyond the port.
    var capabilities: StoreCapabilities { get }

    /// Records a new rollout of a plan, and its first fact, in one transaction.
    func create(plan: Data, digest: Digest, title: String, by actor: String, at now: Instant) async throws(StoreError)
        -> RolloutID

    /// Every rollout, newest first.
    func rollouts() async throws(StoreError) -> [RolloutRecord]

    /// One rollout's record, or `.notFound`.
    func rollout(_ id: RolloutID) async throws(StoreError) -> RolloutRecord

    /// The bytes of a rollout's plan, as given to `create`.
    func plan(of id: RolloutID) async throws(StoreError) -> Data

    /// A rollout's facts with a sequence greater than `sequence`, in order.
    func entries(of id: RolloutID, after sequence: Int64) async throws(StoreError) -> [JournalEntry]

    /// Waits until a rollout may have facts with a greater sequence: at most for so long, and not at all when it has. It may return
    /// early, and does when the store is away or the task is cancelled: whoever waits looks again anyway.
    func waitForFacts(of id: RolloutID, after sequence: Int64, atMost span: Timespan) async

    /// Keeps what a rollout's facts come to, up to one of them, in place of what was kept before, unless that came of more of
    /// them. It may be lost, or not be kept where there is little room: the facts say the same.
    func keep(_ snapshot: StateSnapshot, of id: RolloutID) async throws(StoreError)

    /// What was kept last of what a rollout's facts come to; nil when nothing was.
    func snapshot(of id: RolloutID) async throws(StoreError) -> StateSnapshot?

    /// Appends facts as the holder of the lease, all or none, and makes them durable before it returns.
    ///
    /// In the same transaction the lease is checked (holder, fence, expiry at `now`), and the claims are taken or given up.
    ///
    /// - Parameter last: The last fact on which these were decided, if they were decided on any: when another was written
    ///   since, they may be wrong.
    /// - Throws: `.leaseLost` when somebody else holds a higher fence or the lease ran out; `.overtaken` when `last` is not
    ///   the last fact any more; `.domainHeld` when another rollout holds one of the claimed failure domains, `.placeTaken`
    ///   when what it holds is a place of `DebtPlaces`. Nothing is appended then.
    func append(
        _ facts: [Fact], to id: RolloutID, after last: Int64?, under lease: Lease, claiming claims: [DomainClaim],
        releasing releases: [DomainClaim], at now: Instant
    ) async throws(StoreError) -> [JournalEntry]

    /// Appends what an operator wants. Needs no lease: operators may always speak.
    func record(_ request: OperatorRequest, for id: RolloutID, at now: Instant) async throws(StoreError) -> JournalEntry

    /// Takes the lease: when it is free, has run out, or `steal` is set. The fence grows with every change of holder.
    ///
    /// - Throws: `.leaseHeld` when somebody else holds it.
    func acquireLease(of id: RolloutID, holder: String, lasting ttl: Timespan, steal: Bool, at now: Instant)
        async throws(StoreError) -> Lease

    /// Prolongs a lease, even one that ran out as long as nobody else took it. `.leaseLost` when it is no longer ours.
    func renew(_ lease: Lease, lasting ttl: Timespan, at now: Instant) async throws(StoreError) -> Lease

    /// Gives a lease back. Giving back what is no longer ours does nothing.
    func release(_ lease: Lease) async throws(StoreError)

    /// The lease on a rollout, held or run out; nil when it was never taken or was given back.
    func lease(of id: RolloutID) async throws(StoreError) -> Lease?

    /// Every failure domain that some rollout holds.
    func claims() async throws(StoreError) -> [HeldClaim]

    /// Adds samples. They may be lost with power, but not with the process.
    func append(samples: [CounterSample], to id: RolloutID) async throws(StoreError)

    /// A rollout's samples from `start` on, oldest first.
    func samples(of id: RolloutID, since start: Instant) async throws(StoreError) -> [CounterSample]
}

extension JournalStore {
    /// Waits for a quarter of a second: of a store that tells nobody of new facts, whoever waits asks that often.
    public func waitForFacts(of id: RolloutID, after sequence: Int64, atMost span: Timespan) async {
        try? await Task.sleep(for: min(span, .milliseconds(250)).duration)
    }

    /// Appends facts that hold whatever was written in between.
    public func append(
        _ facts: [Fact], to id: RolloutID, under lease: Lease, claiming claims: [DomainClaim],
        releasing releases: [DomainClaim], at now: Instant
    ) async throws(StoreError) -> [JournalEntry] {
        try await append(facts, to: id, after: nil, under: lease, claiming: claims, releasing: releases, at: now)
    }
}

/// What an adapter can do beyond the port.
public struct StoreCapabilities: Hashable, Sendable {
    /// Whether other processes' facts wake a waiting runner; else it polls.
    public var notifies: Bool
    /// What survives the process.
    public var durable: Bool
    /// Whether it may be out of reach for a while and come back, as a server may.
    public var mayBeAway: Bool

    /// What an adapter can do.
    public init(notifies: Bool, durable: Bool, mayBeAway: Bool = false) {
        self.notifies = notifies
        self.durable = durable
        self.mayBeAway = mayBeAway
    }
}

/// A rollout as its store lists it.
public struct RolloutRecord: Hashable, Codable, Sendable {
    /// Its number.
    public var id: RolloutID
    /// The change's name.
    public var title: String
    /// The plan's digest.
    public var planDigest: Digest
    /// When it was created.
    public var createdAt: Instant
    /// By whom.
    public var createdBy: String

    /// A rollout as its store lists it.
    public init(id: RolloutID, title: String, planDigest: Digest, createdAt: Instant, createdBy: String) {
        self.id = id
        self.title = title
        self.planDigest = planDigest
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// The right to drive one rollout until it runs out.
public struct Lease: Hashable, Codable, Sendable {
    /// Which rollout.
    public var rollout: RolloutID
    /// Who: `user@machine pid 4711`, unique for a process.
    public var holder: String
    /// Grows with every change of holder and never shrinks: an older holder is recognised by its smaller fence.
    public var fence: Int64
    /// Until when.
    public var expiresAt: Instant

    /// The right to drive one rollout.
    public init(rollout: RolloutID, holder: String, fence: Int64, expiresAt: Instant) {
        self.rollout = rollout
        self.holder = holder
        self.fence = fence
        self.expiresAt = expiresAt
    }
}

/// A failure domain that a device needs for itself while it is in flight or unproven.
public struct DomainClaim: Hashable, Codable, Sendable {
    /// Which domain.
    public var domain: FailureDomain
    /// For which device.
    public var device: DeviceName

    /// A claim on a failure domain.
    public init(domain: FailureDomain, device: DeviceName) {
        self.domain = domain
        self.device = device
    }
}

/// A claim and the rollout that holds it.
public struct HeldClaim: Hashable, Codable, Sendable {
    /// The claim.
    public var claim: DomainClaim
    /// The holder.
    public var rollout: RolloutID

    /// A claim and its holder.
    public init(claim: DomainClaim, rollout: RolloutID) {
        self.claim = claim
        self.rollout = rollout
    }
}

/// Why a store could not do what it was asked.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is.
    public var code: Code
    /// In words, with the file or server, and what to do.
    public var message: String

    /// Trouble with a store.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The kinds of trouble that callers tell apart.
    public enum Code: String, Sendable {
        /// No such rollout.
        case notFound
        /// Somebody else holds the lease.
        case leaseHeld
        /// The lease is no longer ours: stop before the next push.
        case leaseLost
        /// Something was written since the last fact that the writer knew: read it, and decide anew.
        case overtaken
        /// Another rollout holds a failure domain.
        case domainHeld
        /// Another rollout was quicker to take a place under the cap of devices in debt of a peak: take another one.
        case placeTaken
        /// The disk is full.
        case full
        /// The store cannot be opened or reached.
        case unavailable
        /// The store was written by a newer version.
        case tooNew
        /// What is in the store cannot be understood.
        case corrupt
    }

    /// The message.
    public var description: String { message }
}
