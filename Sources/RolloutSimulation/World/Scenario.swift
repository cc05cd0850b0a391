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

        /// What operators say most.
        static let usual: [Ask] = [.pause, .resume, .abort, .rollBackWave, .rollBackAll, .retry, .overrideGates]
    }

    /// The scenario of a seed.
    public init(seed: UInt64) {
        self.seed = seed
        var random = SeededRandom(seed: seed, stream: "scenario")
        devicesPerPlace = Int.random(in: 2...5, using: &random)
        places = Int.random(in: 1...2, using: &random)
        isUnpaired = random.chance(30) ? true : nil
        isHarmful = random.chance(25)
        styles = (0..<3).map { _ in ApplyStyle.allCases.randomElement(using: &random) ?? .armThenApply }
        waveSize = max(Int.random(in: 1...5, using: &random), Int.random(in: 1...5, using: &random))
        inFlight = Int.random(in: 1...3, using: &random)
        inFlightPerPlace = random.chance(40) ? Int.random(in: 1...2, using: &random) : nil
        revertTimer = .minutes(Int64.random(in: 3...10, using: &random))
        wire = Wire()
        if random.chance(50) { wire.loss = Int.random(in: 0...8, using: &random) }
        if random.chance(30) { wire.stall = Int.random(in: 0...4, using: &random) }
        if random.chance(30) { wire.delay = .seconds(Int64.random(in: 1...4, using: &random)) }
        events = []
        horizon = .minutes(25)
        // With dice of its own: the nights of old seeds stay what they were.
        var another = SeededRandom(seed: seed, stream: "gates")
        isUngated = another.chance(10) ? true : nil
        addFarm()
        addRules()
        // A third of the nights have one trouble only, so that it is not drowned in others.
        let count = random.chance(33) ? 1 : Int.random(in: 0...7, using: &random)
        for _ in 0..<count {
            var event = Event(
                at: .milliseconds(Int64.random(in: 60_000...700_000, using: &random)), what: Self.anything(&random))
            if random.chance(50) {
                event.afterEntry = Int64.random(in: 1...60, using: &random)
                event.at = .milliseconds(random.chance(50) ? 0 : Int64.random(in: 0...2_000, using: &random))
            }
            events.append(event)
            // Whoever sees that a device is back tries it again.
            if case .fault(_, _, let span) = event.what, random.chance(40) {
                events.append(
                    Event(at: event.at + span + .seconds(5), afterEntry: event.afterEntry, what: .ask(.retry)))
            }
        }
    }

    /// What concerns the whole farm, with dice of its own.
    private mutating func addFarm() {
        var dice = SeededRandom(seed: seed, stream: "farm")
        if dice.chance(15) {
            let versions = Int.random(in: 1...2, using: &dice)
            firmwares = versions
            pausesForFirmware = dice.chance(25) ? true : nil
            // Devices of one firmware fail, and some that do not say theirs.
            let part = Int.random(in: 0...versions, using: &dice)
            let fault = [Fault.changedHostKey, .unreachable, .wrongHostname("other")].randomElement(using: &dice)
            for number in 0..<Int.random(in: 2...3, using: &dice) {
                let device = part + number * (versions + 1)
                events.append(
                    Event(
                        at: .zero,
                        what: .fault(
                            device: device, fault ?? .unreachable,
                            lasting: .seconds(Int64.random(in: 60...1500, using: &dice)))))
            }
        }
        if dice.chance(15) {
            hasNeighbours = true
            for _ in 0..<Int.random(in: 0...2, using: &dice) {
                let span = Timespan.seconds(Int64.random(in: 30...600, using: &dice))
                let fault = [Fault.interfaceDown, .interfaceDown, .errors(perSecond: 50), .snmpSilent].randomElement(
                    using: &dice)
                let what: What =
                    dice.chance(30)
                    ? .coreLinkFull(span)
                    : .neighbourFault(Int.random(in: 0..<2, using: &dice), fault ?? .interfaceDown, lasting: span)
                events.append(Event(at: .seconds(Int64.random(in: 30...600, using: &dice)), what: what))
            }
        }
        // Seldom, as such a night lasts for days.
        if dice.chance(3) {
            let begin = Timespan.minutes(Int64.random(in: 6...20, using: &dice))
            let length = Timespan.minutes(Int64.random(in: 8...20, using: &dice))
            let others = dice.chance(30) ? Int.random(in: 1...3, using: &dice) : 0
            let cap = dice.chance(40) ? Int.random(in: 2...5, using: &dice) + others : nil
            peak = Peak(
                after: begin, length: length, days: dice.chance(20) ? 2 : 1, cap: cap, others: cap == nil ? 0 : others)
            let device = Int.random(in: 0..<100, using: &dice)
            if dice.chance(30) {
                events.append(Event(at: begin, what: .fault(device: device, .snmpSilent, lasting: length)))
            }
            if dice.chance(40) {
                events.append(
                    Event(
                        at: .seconds(Int64.random(in: 300...1400, using: &dice)),
                        what: .kill(after: .seconds(Int64.random(in: 5...400, using: &dice)))))
            }
        }
    }

    /// What else policies may say, and operators, with dice of its own.
    private mutating func addRules() {
        var dice = SeededRandom(seed: seed, stream: "rules")
        if styles.contains(.lineByLine) { tellsParts = dice.chance(50) ? true : nil }
        countsErrors = dice.chance(25) ? true : nil
        if dice.chance(20) {
            borneFailures = Int.random(in: 0...2, using: &dice)
            putsBackFailures = dice.chance(50) ? true : nil
        }
        if dice.chance(15) { waveDeadline = .minutes(Int64.random(in: 4...8, using: &dice)) }
        if dice.chance(20) {
            let ask = [Ask.resumeOperator, .resumeOperator, .overrideOne, .release].randomElement(using: &dice)
            let at = Timespan.seconds(Int64.random(in: 120...900, using: &dice))
            if dice.chance(50) { events.append(Event(at: at - .seconds(60), what: .ask(.pause))) }
            events.append(Event(at: at, what: .ask(ask ?? .resumeOperator)))
        }
        if peak == nil, dice.chance(6) {
            window = Window(
                after: .minutes(Int64.random(in: 0...5, using: &dice)),
                length: .minutes(Int64.random(in: 9...24, using: &dice)))
            if dice.chance(50) {
                let at = Timespan.seconds(Int64.random(in: 180...700, using: &dice))
                events.append(Event(at: at, what: .ask(.pause)))
                let span = Timespan.seconds(Int64.random(in: 60...600, using: &dice))
                events.append(Event(at: at + span, what: .ask(.resume)))
            }
        }
    }

    private static func anything(_ random: inout SeededRandom) -> What {
        let device = Int.random(in: 0..<100, using: &random)
        let span = Timespan.seconds(Int64.random(in: 5...400, using: &random))
        let short = Timespan.seconds(Int64.random(in: 1...120, using: &random))
        switch Int.random(in: 0..<18, using: &random) {
        case 0, 1: return .kill(after: short)
        case 2: return .losePower(after: short)
        case 3: return .freeze(short)
        case 4: return .steal
        case 5: return .setClock(by: .seconds(Int64.random(in: -3600...3600, using: &random)))
        case 6: return .fullStore(span)
        case 7: return .reboot(device: device, taking: short)
        case 8: return .edit(device: device)
        case 9, 10, 11, 12: return .ask((Ask.usual + [.abort, .pause]).randomElement(using: &random) ?? .pause)
        default:
            let faults: [Fault] = [
                .unreachable, .slow(.seconds(Int64.random(in: 1...60, using: &random))), .wrongHostname("other"),
                .changedHostKey, .dropsReply(.push), .dropsReply(.confirm), .dropsReply(.rollBack), .liar, .snmpSilent,
                .snmpSilent,
                .interfaceDown, .errors(perSecond: 50),
            ]
            return .fault(device: device, faults.randomElement(using: &random) ?? .unreachable, lasting: span)
        }
    }
}
