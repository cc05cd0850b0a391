internal import RolloutEngine

// How a night is made up from its seed.
extension Scenario {
    /// The scenario of a seed.
    public init(seed: UInt64) {
        self.seed = seed
        var random = SeededRandom(seed: seed, stream: "scenario")
        devicesPerPlace = Int.random(in: 2...5, using: &random)
        places = Int.random(in: 1...2, using: &random)
        isUnpaired = random.chance(30) ? true : nil
        isHarmful = random.chance(25)
        let common: [ApplyStyle] = [.armThenApply, .commitConfirmed, .lineByLine]
        styles = (0..<3).map { _ in common.randomElement(using: &random) ?? .armThenApply }
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
        addWatching()
        addKinds()
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
        addCopies()
        addRelapse()
        addHeldSessions()
        addApprovals()
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

    /// Seldom a night in which nothing happens, but that what has passed fails while others are still to come.
    private mutating func addRelapse() {
        var dice = SeededRandom(seed: seed, stream: "relapse")
        guard dice.chance(3) else { return }
        (isHarmful, isUngated, peak, window, wire) = (false, nil, nil, nil, Wire())
        (waveSize, devicesPerPlace) = (1, max(4, devicesPerPlace))
        styles = [.armThenApply, .commitConfirmed]
        countsErrors = true
        let fault: Fault = dice.chance(70) ? .interfaceDown : .errors(perSecond: 50)
        events = [
            Event(
                at: .seconds(Int64.random(in: 0...60, using: &dice)),
                afterEntry: Int64.random(in: 17...24, using: &dice),
                what: .fault(device: 0, fault, lasting: .minutes(6)))
        ]
    }

    /// What is hard to see, with dice of its own: what is short, and what comes together.
    private mutating func addWatching() {
        var dice = SeededRandom(seed: seed, stream: "watching")
        watchesRestarts = dice.chance(25) ? true : nil
        bearsUnclear = dice.chance(15) ? Int.random(in: 1...2, using: &dice) : nil
        othersHoldPair = dice.chance(6) ? true : nil
        countsDiscards = dice.chance(8) ? true : nil
        let device = Int.random(in: 0..<100, using: &dice)
        let entry = Int64.random(in: 4...50, using: &dice)
        let seconds = Int64.random(in: 2...9, using: &dice)
        if dice.chance(15) {
            // Between two readings.
            events.append(
                Event(
                    at: .seconds(seconds), afterEntry: entry,
                    what: .fault(device: device, .interfaceDown, lasting: .seconds(seconds))))
        }
        if dice.chance(10) {
            // For two readings or three.
            events.append(
                Event(
                    at: .seconds(seconds * 5), afterEntry: dice.chance(50) ? entry : nil,
                    what: .fault(device: device, .snmpSilent, lasting: .seconds(seconds * 2 + 20))))
        }
        if watchesRestarts == true, dice.chance(40) {
            events.append(
                Event(
                    at: .seconds(seconds), afterEntry: entry,
                    what: .reboot(device: device, taking: .seconds(seconds))))
        }
        if dice.chance(5) {
            // Before anything is judged.
            countsErrors = true
            events.append(Event(at: .seconds(seconds * 8 + 60), what: .ask(.overrideOne)))
        }
        if dice.chance(5) {
            // Somebody ends it while steps are on their way and others are still to begin; some change their mind.
            (waveSize, inFlight, inFlightPerPlace, isUnpaired) = (5, 2, nil, true)
            devicesPerPlace = max(4, devicesPerPlace)
            let entry = entry % 8 + 4
            events.append(Event(at: .zero, afterEntry: entry, what: .ask(.abort)))
            if dice.chance(50) {
                events.append(Event(at: .milliseconds(seconds * 300), afterEntry: entry, what: .ask(.resume)))
            }
        }
        if dice.chance(5) {
            // Two reasons to stand still at once.
            events.append(
                Event(
                    at: .zero, afterEntry: entry, what: .fault(device: device % 4, .interfaceDown, lasting: .minutes(2))
                ))
            events.append(
                Event(at: .seconds(seconds * 2 - 3), afterEntry: entry, what: .setClock(by: .minutes(seconds))))
        }
        if dice.chance(4) {
            // What fails, is tried again, and fails again.
            revertTimer = .minutes(3)
            events.append(
                Event(at: .zero, afterEntry: 2, what: .fault(device: device % 4, .liar, lasting: .minutes(17))))
            for minutes in [5, 10] as [Int64] {
                events.append(Event(at: .minutes(minutes) + .seconds(seconds * 5), what: .ask(.retry)))
            }
        }
        if countsDiscards == true {
            events.append(
                Event(
                    at: .zero, afterEntry: entry,
                    what: .fault(device: device % 4, .discards(perSecond: 80), lasting: .minutes(5))))
        }
        if dice.chance(5) {
            events.append(Event(at: .seconds(seconds), afterEntry: entry, what: .uplinkFull(.minutes(seconds))))
        }
        if let peak, dice.chance(50) {
            // In the middle of the peak.
            events.append(
                Event(
                    at: peak.after + .minutes(2),
                    what: .fault(device: device % 3, .interfaceDown, lasting: .minutes(4))))
        }
        if firmwares != nil, dice.chance(40) {
            events.append(Event(at: .seconds(seconds * 60 + 30), what: .ask(.release)))
        }
        if waveDeadline != nil, dice.chance(40) {
            // One after the other, and each of them slow.
            (waveSize, inFlight, isUnpaired, devicesPerPlace) = (5, 1, true, 5)
            for number in 0..<5 {
                events.append(
                    Event(at: .zero, what: .fault(device: number, .slow(.seconds(50)), lasting: .minutes(20))))
            }
        }
        if hasNeighbours == true, dice.chance(30) {
            // The same again, after somebody went on.
            for start in [seconds * 5 + 40, seconds * 5 + 200] {
                events.append(
                    Event(
                        at: .seconds(start), what: .neighbourFault(device, .interfaceDown, lasting: .seconds(100))))
            }
            events.append(Event(at: .seconds(seconds * 5 + 170), what: .ask(.resume)))
        }
    }

    /// Other kinds of gates and of fleets, with dice of its own.
    private mutating func addKinds() {
        var dice = SeededRandom(seed: seed, stream: "kinds")
        if dice.chance(10) {
            watchesPeers = true
            let fault = What.fault(
                device: Int.random(in: 0..<4, using: &dice), .peerDown,
                lasting: .seconds(Int64.random(in: 40...400, using: &dice)))
            if dice.chance(70) {
                let at = Timespan.seconds(Int64.random(in: 0...20, using: &dice))
                events.append(Event(at: at, afterEntry: Int64.random(in: 4...40, using: &dice), what: fault))
            }
        }
        watchesUse = dice.chance(8) ? true : nil
        watchesReach = dice.chance(8) ? true : nil
        mixesRanges = dice.chance(20) ? true : nil
        if dice.chance(30) { secondOpensAfter = .minutes(Int64.random(in: 0...6, using: &dice)) }
    }

    /// In some nights devices are told things twice, with dice of their own.
    private mutating func addCopies() {
        var dice = SeededRandom(seed: seed, stream: "copies")
        if dice.chance(15) { wire.copies = Int.random(in: 1...30, using: &dice) }
    }

    /// Some nights have devices that only the process that changed them can confirm, with dice of their own.
    private mutating func addHeldSessions() {
        var dice = SeededRandom(seed: seed, stream: "held sessions")
        guard dice.chance(10) else { return }
        styles[Int.random(in: 0..<styles.count, using: &dice)] = .heldSession
        if dice.chance(20) { styles = [.heldSession] }
    }

    /// Some nights wait for people, who come now and then, with dice of their own.
    private mutating func addApprovals() {
        var dice = SeededRandom(seed: seed, stream: "approvals")
        guard dice.chance(6) else { return }
        approvals = Approvals(
            beforeEachWave: dice.chance(70), people: Int.random(in: 1...2, using: &dice),
            expire: dice.chance(50) ? .seconds(Int64.random(in: 30...400, using: &dice)) : nil)
        for _ in 0..<Int.random(in: 5...30, using: &dice) {
            let ask = [Ask.approve, .approve, .approveToo, .approveToo, .approveAsAuthor].randomElement(using: &dice)
            let at = Timespan.seconds(Int64.random(in: 5...1200, using: &dice))
            events.append(Event(at: at, what: .ask(ask ?? .approve)))
        }
        // Some think better of it, with dice of their own.
        var second = SeededRandom(seed: seed, stream: "second thoughts")
        guard second.chance(50) else { return }
        for event in events where event.what == .ask(.approve) && second.chance(40) {
            let later = Timespan.seconds(Int64.random(in: 1...90, using: &second))
            events.append(Event(at: event.at + later, what: .ask(.withdraw)))
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
