import RolloutEngine

/// Facts in any order, as no rollout would write them: whatever is said of a fold has to hold for them too.
enum AnyFacts {
    /// A journal of so many facts about a few devices and waves.
    static func journal(of count: Int, _ random: inout SeededRandom) -> [JournalEntry] {
        var now = Samples.start
        return (1...count).map { sequence in
            now = now + .milliseconds(Int64.random(in: -1000...60_000, using: &random))
            return JournalEntry(
                sequence: Int64(sequence), at: now, fence: Int64.random(in: 0...3, using: &random),
                fact: fact(at: now, &random))
        }
    }

    private static func fact(at now: Instant, _ random: inout SeededRandom) -> Fact {
        let wave = Int.random(in: 0...3, using: &random)
        let window = Verdict.Window(from: now - .minutes(5), to: now)
        switch Int.random(in: 0..<34, using: &random) {
        case 0: return .created(planDigest: Digest(of: "plan"), by: "ada")
        case 1: return .driving(holder: "ada pid 1", quietFrom: random.chance(50) ? now + .seconds(9) : nil)
        case 2, 3: return .waveStarted(wave: wave)
        case 4...9: return .intent(step(at: now, &random))
        case 10...20: return .outcome(step(at: now, &random), result(at: now, &random))
        case 21: return .soakStarted(wave: wave)
        case 22, 23:
            let outcomes: [Verdict.Outcome] = [.pass, .fail, .inconclusive, .error]
            return .judged(
                wave: wave,
                Verdict(
                    gate: gate(&random), outcome: outcomes.randomElement(using: &random) ?? .pass, reason: "é \"why\"",
                    findings: findings(&random), before: window, after: window))
        case 24:
            let actions: [GateAction] = [.observe, .pause, .rollBack]
            return .alarm(
                Alarm(
                    wave: wave, gate: random.chance(20) ? "beside" : gate(&random),
                    action: actions.randomElement(using: &random) ?? .pause, subjects: [device(&random).rawValue],
                    reason: "down", findings: findings(&random), before: window))
        case 25: return .wavePassed(wave: wave)
        case 26:
            return .paused(PauseReason(PauseReason.Kind.allCases.randomElement(using: &random) ?? .operator, "x\ny"))
        case 27:
            return .cohortHeld(Cohort(model: "m", firmware: "\(wave)"), failed: [device(&random), device(&random)])
        case 28: return .peakCarried("gra", window, devices: [device(&random), device(&random)])
        case 29:
            return .rollingBack(
                random.chance(50) ? .wave(wave) : .all, devices: [device(&random)], because: "somebody asked")
        case 30: return .evidence(device(&random), Evidence(items: []))
        case 31, 32: return .requested(OperatorRequest(verb(wave, &random), by: "ada", reason: nil))
        default: return .finished([.done, .rolledBack, .aborted].randomElement(using: &random) ?? .done)
        }
    }

    private static func device(_ random: inout SeededRandom) -> DeviceName {
        // A tab in a name is no end of it.
        let names: [DeviceName] = ["d1", "d2", "gra-é-3", "", "d\t5", "d6", "d7", "d8"]
        return names.randomElement(using: &random) ?? "d1"
    }

    private static func gate(_ random: inout SeededRandom) -> GateName {
        random.chance(50) ? "traffic" : "interfaces"
    }

    private static func step(at now: Instant, _ random: inout SeededRandom) -> DeviceStep {
        let kinds: [DeviceStep.Kind] = [.push, .push, .confirm, .confirm, .rollBack, .observe]
        return DeviceStep(
            device: device(&random), kind: kinds.randomElement(using: &random) ?? .push,
            attempt: Int.random(in: 1...4, using: &random), revertsBy: random.chance(50) ? now + .minutes(2) : nil)
    }

    private static func result(at now: Instant, _ random: inout SeededRandom) -> StepResult {
        let left = random.chance(50) ? Timespan.seconds(30) : nil
        switch Int.random(in: 0..<12, using: &random) {
        case 0...4: return .done(revertsAt: random.chance(50) ? now + .minutes(2) : nil)
        case 5: return .found(.base)
        case 6: return .found(.target)
        case 7: return .found(random.chance(50) ? .pendingTarget(left) : .pendingBase(left))
        case 8: return .found(random.chance(50) ? .pendingPart(left) : .pendingOther("edited", left))
        case 9: return .found(.other("somebody's", isStranger: random.chance(50) ? true : nil))
        case 10: return .failed(DriverError(.connectionLost, "broken pipe", effect: .possible))
        default: return .failed(DriverError(.refused, "no", effect: random.chance(50) ? .none : .possible))
        }
    }

    private static func findings(_ random: inout SeededRandom) -> [Verdict.Finding] {
        (0..<Int.random(in: 0...2, using: &random)).map { _ in
            Verdict.Finding(
                subject: device(&random).rawValue + " eth0", isControl: random.chance(30), failed: random.chance(50),
                before: 0.1, after: 1 / 3, limit: 7e22, unit: "bit/s", series: [0, 1e-9, .pi],
                unknown: random.chance(20) ? UnknownReason(.timeout, "no answer") : nil)
        }
    }

    private static func verb(_ wave: Int, _ random: inout SeededRandom) -> OperatorRequest.Verb {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .pause
        case 1: .resume(PauseReason.Kind.allCases.randomElement(using: &random))
        case 2: .resume(nil)
        case 3: .promote(wave: wave, overriding: ["traffic"])
        case 4: .abort
        case 5: .rollBack(random.chance(50) ? .all : .wave(wave))
        case 6: .release(cohort: Cohort(model: "m", firmware: "\(wave)"))
        default: .retryFailed
        }
    }
}
