public import RolloutEngine

/// One night that goes wrong in a certain way: what there is, what is to be changed, and what happens when. A value: it can be
/// written down, made smaller, and run again.
public struct Scenario: Hashable, Codable, Sendable {
    /// The source of every chance that is not written out below.
    public var seed: UInt64
    /// Devices in each datacentre.
    public var devicesPerPlace: Int
    /// Datacentres.
    public var places: Int
    /// Whether devices stand alone, and not in redundant pairs.
    public var isUnpaired: Bool?
    /// Whether the change does harm, which only the traffic shows.
    public var isHarmful: Bool
    /// Whether there are no gates, and only time proves a wave.
    public var isUngated: Bool?
    /// How many firmwares there are, each of a part of the devices, beside those that do not say theirs; nil when failures are not
    /// counted by firmware.
    public var firmwares: Int?
    /// Whether the whole rollout pauses for a firmware that fails.
    public var pausesForFirmware: Bool?
    /// Whether there are neighbours and a core link that are watched beside the waves.
    public var hasNeighbours: Bool?
    /// The evening peak that every device has to carry; nil when there is none.
    public var peak: Peak?
    /// Whose word is needed; nil when nobody's is.
    public var approvals: Approvals?
    /// The hours in which work may be done; nil for any.
    public var window: Window?
    /// How many failures a wave bears.
    public var borneFailures: Int?
    /// Whether a wave is put back when more fail.
    public var putsBackFailures: Bool?
    /// How long a wave may be on its way.
    public var waveDeadline: Timespan?
    /// Whether errors on interfaces are counted too.
    public var countsErrors: Bool?
    /// Whether discards are counted too.
    public var countsDiscards: Bool?
    /// Whether restarts are looked at too.
    public var watchesRestarts: Bool?
    /// How often the gate on traffic may be unable to tell before that counts.
    public var bearsUnclear: Int?
    /// Whether neighbours of routing protocols are watched.
    public var watchesPeers: Bool?
    /// Whether it is watched that no interface is full all along.
    public var watchesUse: Bool?
    /// Whether silence of an agent is a failure.
    public var watchesReach: Bool?
    /// Whether devices are of two product ranges by turns, so that pairs are of both.
    public var mixesRanges: Bool?
    /// By how much later the second datacentre's window opens, which is in another time zone; nil when both are alike.
    public var secondOpensAfter: Timespan?
    /// Whether another rollout is at work on one of the pairs until everything is mended.
    public var othersHoldPair: Bool?
    /// Whether devices that are changed line by line say that a change was cut off.
    public var tellsParts: Bool?
    /// How devices take a change, in turn.
    public var styles: [ApplyStyle]
    /// How much a wave takes at most.
    public var waveSize: Int
    /// How many devices may be in flight.
    public var inFlight: Int
    /// How many of one datacentre.
    public var inFlightPerPlace: Int?
    /// How long the revert timer runs.
    public var revertTimer: Timespan
    /// What the wire does, in percent of the messages.
    public var wire: Wire
    /// What happens, in order of time.
    public var events: [Event]
    /// When everything is mended and everybody lets it end.
    public var horizon: Timespan

    /// What becomes of messages.
    public struct Wire: Hashable, Codable, Sendable {
        /// Those that never arrive, in percent.
        public var loss: Int
        /// Those after which nothing is heard any more: a half-open connection, in percent.
        public var stall: Int
        /// Those that arrive twice, right behind each other, in percent; nil when none do.
        public var copies: Int?
        /// The longest delay of a message.
        public var delay: Timespan

        /// A wire that only delays a little.
        public init(loss: Int = 0, stall: Int = 0, delay: Timespan = .milliseconds(200)) {
            self.loss = loss
            self.stall = stall
            self.delay = delay
        }
    }

    /// The evening peak of every day.
    public struct Peak: Hashable, Codable, Sendable {
        /// When the first begins.
        public var after: Timespan
        /// How long it lasts.
        public var length: Timespan
        /// How many have to be carried.
        public var days: Int
        /// How many devices may be in debt at once; nil for all.
        public var cap: Int?
        /// How many devices of another rollout are, until everything is mended.
        public var others: Int
    }

    /// Approvals that are asked for.
    public struct Approvals: Hashable, Codable, Sendable {
        /// Whether before each wave, and not only before the rollout.
        public var beforeEachWave: Bool
        /// How many people have to give them.
        public var people: Int
        /// How long they are good; nil for ever.
        public var expire: Timespan?
    }

    /// When work may be done.
    public struct Window: Hashable, Codable, Sendable {
        /// When it opens.
        public var after: Timespan
        /// How long it is open.
        public var length: Timespan
    }

    /// Something that happens.
    public struct Event: Hashable, Codable, Sendable {
        /// When, from the beginning, or from the entry.
        public var at: Timespan
        /// The entry of the journal after which it happens, if it is bound to one: while a step is on its way there is most to
        /// go wrong.
        public var afterEntry: Int64?
        /// What.
        public var what: What
    }

    /// What can happen. Devices are counted through, and taken modulo their number.
    public enum What: Hashable, Codable, Sendable {
        /// A fault begins on a device, and ends after a while.
        case fault(device: Int, Fault, lasting: Timespan)
        /// A fault begins on a neighbour, which is only watched, and ends after a while.
        case neighbourFault(Int, Fault, lasting: Timespan)
        /// The core link, which is only watched, is full for a while.
        case coreLinkFull(Timespan)
        /// The link that the waves load is full for a while.
        case uplinkFull(Timespan)
        /// A device restarts.
        case reboot(device: Int, taking: Timespan)
        /// Somebody logs in and changes a device.
        case edit(device: Int)
        /// The process that drives is killed; another one is started after a while.
        case kill(after: Timespan)
        /// The whole machine loses power: what was not synced is lost too.
        case losePower(after: Timespan)
        /// The process that drives stands still, and then goes on as if nothing had been.
        case freeze(Timespan)
        /// A second process takes the lease away.
        case steal
        /// The clock of the process that drives is set.
        case setClock(by: Timespan)
        /// The store has no room.
        case fullStore(Timespan)
        /// An operator speaks.
        case ask(Ask)
    }

    /// What an operator asks for.
    public enum Ask: String, Codable, Sendable, CaseIterable {
        /// Nothing new starts.
        case pause
        /// Go on.
        case resume
        /// End; leave devices as they are.
        case abort
        /// Put the last wave back.
        case rollBackWave
        /// Put everything back.
        case rollBackAll
        /// Try the devices again that failed.
        case retry
        /// Let pass what the gates hold.
        case overrideGates
        /// Let pass what the first gate holds.
        case overrideOne
        /// Take the pauses of operators away, and no other.
        case resumeOperator
        /// Go on with cohorts that are held.
        case release
        /// Let begin what waits, as who created the rollout.
        case approveAsAuthor
        /// The same as one operator.
        case approve
        /// The same as another one.
        case approveToo
        /// The first operator's word does not count any more.
        case withdraw

        /// What operators say most.
        static let usual: [Ask] = [.pause, .resume, .abort, .rollBackWave, .rollBackAll, .retry, .overrideGates]
    }
}
