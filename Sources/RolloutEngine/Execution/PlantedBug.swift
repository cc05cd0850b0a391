/// Mistakes that somebody might make in the engine one day. Built with `PLANTED_BUGS`, each of them can be made on purpose,
/// to see that the simulation finds it; in every other build there is none.
public enum PlantedBug: String, CaseIterable, Sendable {
    /// A step begins before its intent is durable.
    case actsBeforeJournal
    /// The store says yes before anything is synced.
    case skipsSync
    /// A fact is taken from whoever held the lease once.
    case ignoresFence
    /// A lease that ran out is not noticed before something is sent.
    case ignoresLapsedLease
    /// After a broken session a device is pushed again without being asked.
    case retriesWithoutReading
    /// A driver that does not come back is taken to have done nothing.
    case overdueMeansUntouched
    /// A step in flight is not asked after when another runner takes over.
    case forgetsInFlight
    /// A device counts as confirmed because its confirm was sent.
    case confirmsWithoutProof
    /// A rollback that failed counts as done.
    case rollsBackWithoutProof
    /// A device that is to be put back is confirmed.
    case confirmsWhatMustGoBack
    /// A device is put back before its evidence was collected.
    case skipsEvidence
    /// One device more than the cap is in flight.
    case capOffByOne
    /// The cap of a datacentre is not looked at.
    case ignoresDatacentreCap
    /// Both of a pair are changed at once.
    case ignoresPairs
    /// A wave does not wait for the one before it.
    case ignoresOrder
    /// New devices are pushed although the rollout is paused.
    case ignoresPause
    /// New devices are pushed although the rollout was aborted.
    case ignoresAbort
    /// What an operator says while facts are being written is not heard.
    case missesOperator
    /// A gate that could not tell lets the wave through.
    case unclearPasses
    /// A gate that failed lets the wave through.
    case failurePasses
    /// Half of the soak is taken for all of it.
    case halvesSoak
    /// The soak begins while devices are still on their way.
    case soaksTooEarly
    /// Devices that nothing is heard of are pushed.
    case pushesBlindly
    /// Failures are not counted.
    case ignoresBudget
    /// A device is tried again for ever.
    case retriesForEver
    /// A full disk is taken for a written one.
    case ignoresFullDisk
    /// The last device of what is to be put back is forgotten.
    case forgetsOneInRollback
    /// The rollout ends while devices are still on their way.
    case endsTooEarly
    /// A device on its base whose revert timer is still armed counts as untouched.
    case forgetsTimer
    /// The clock of the machine is believed, whoever sets it.
    case trustsSetClock
    /// Time in which nobody watched counts as soak.
    case soaksUnwatched
    /// What fails beside the waves is not looked at.
    case looksAwayBeside
    /// Devices of a cohort that is held are pushed.
    case ignoresCohort
    /// Devices whose firmware is not known count as a cohort.
    case countsWithoutFirmware
    /// Debt is forgotten when another runner takes over.
    case forgetsDebt
    /// A peak that nobody watched counts as carried.
    case paysUnwatched
    /// More devices are in debt than may be.
    case ignoresDebtCap

    #if PLANTED_BUGS
    /// The mistake that is made.
    @TaskLocal public static var planted: PlantedBug?

    /// Whether this mistake is made.
    public static func isPlanted(_ bug: PlantedBug) -> Bool { planted == bug }
    #else
    /// Whether this mistake is made: never, in this build.
    @inlinable public static func isPlanted(_ bug: PlantedBug) -> Bool { false }
    #endif
}
