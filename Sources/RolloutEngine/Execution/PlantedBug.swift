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
    /// A wave that passed is not watched any more.
    case leavesPassedWaves
    /// The last device of a wave is not judged.
    case judgesWithoutLast
    /// A wave is compared with its own devices.
    case comparesWithItself
    /// A wave is compared with devices that were changed just before.
    case comparesWithTouched
    /// Traffic passes although nobody is left to compare with.
    case comparesWithNothing
    /// What is not known of a device does not keep a gate from passing.
    case silencePasses
    /// Devices are pushed that were hardly heard before.
    case fewReadingsSuffice
    /// A few seconds of a soak are enough to judge it.
    case judgesByLittle
    /// An interface may go down and come back once more than it may.
    case flapsOffByOne
    /// Who overrides one gate overrides all.
    case overridesAll
    /// Of what gates do that fail the weakest is done.
    case takesWeakestAction
    /// An outcome that a gate bears counts as a pass.
    case borneCountsAsPass
    /// A soak goes on although devices were taken up again.
    case soaksOnAfterRetry
    /// Whoever resumes one kind of pause resumes all.
    case resumeTakesAll
    /// A resume takes an abort back.
    case resumeUndoesAbort
    /// A resume releases cohorts.
    case resumeReleasesCohorts
    /// What failed beside the waves is not said again after somebody went on.
    case saysBesideOnce
    /// Whatever pauses a rollout answers an alarm.
    case anyPauseAnswersAlarm
    /// Failures that a person looked at hold a cohort again.
    case holdsReleasedAgain
    /// What was changed first is put back first.
    case rollsBackForwards
    /// A wave that passed counts as passed although devices of it are taken up again.
    case passesOverWaiting
    /// Only the first push of a wave asks for the window.
    case asksWindowOnce
    /// A wave begins before there is a time to compare it with.
    case skipsBaseline
    /// The traffic of a failed attempt is taken for the time before.
    case takesHarmForBefore
    /// A window need not be long enough to put a wave back.
    case leavesNoTimeForWayBack
    /// An alarm that puts a wave back only pauses it.
    case alarmOnlyPauses
    /// One failure more than the budget is borne.
    case budgetOffByOne
    /// A wave may take as long as it likes.
    case ignoresDeadline
    /// After a takeover devices are asked while something may be on its way to them.
    case asksTooSoon
    /// A lease is taken before it ran out.
    case takesLeaseEarly
    /// A change that another runner applied is confirmed without asking.
    case trustsAppliedAfterTakeover
    /// A failure does not make a device carry its peaks anew.
    case failureKeepsDebt
    /// A device of which nobody knows what it holds is pushed again.
    case pushesStranded
    /// Evidence of an earlier attempt counts for a new one.
    case keepsOldEvidence
    /// A peak that had begun before the change counts as carried.
    case paysRunningPeak
    /// One peak pays for all days.
    case onePeakIsEnough
    /// One device more is in debt than may be.
    case debtCapOffByOne
    /// Interfaces of neighbours that went down are not looked at.
    case overlooksNeighbours
    /// A cohort is held one failure too late.
    case cohortOffByOne
    /// A driver that does not come back is waited for.
    case waitsForEver
    /// A device with another hostname is believed.
    case believesAnyHostname
    /// What failed is tried again without a breath in between.
    case retriesAtOnce
    /// Nothing is collected on a device that a person has to look at.
    case leavesNoEvidence
    /// Failure domains are not claimed against other rollouts.
    case claimsNothing
    /// A failure domain is given back as soon as anything is heard of its device.
    case givesUpEarly
    /// A link over its headroom is not looked at.
    case ignoresFullLinks
    /// Discards are not counted.
    case ignoresDiscards
    /// A neighbour that was lost does not fail its gate.
    case lostPeersPass
    /// What is kept of a journal says nothing of devices that are not settled.
    case snapshotForgets
    /// Who created a rollout may approve it.
    case authorApproves
    /// An approval that was withdrawn counts on.
    case keepsWithdrawn
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
