internal import RolloutEngine

// What the referee asks of a verdict: that it rests on the right devices, on the right time, and on answers.
extension RefereeNotes {
    /// - Parameters:
    ///   - reader: Who judged.
    ///   - lag: How far true time is ahead of the time by which it is dated.
    mutating func checkVerdict(_ verdict: Verdict, of index: Int, by reader: String?, lag: Timespan, _ now: Instant) {
        guard let wave = wave(index) else { return }
        let gate = "gate \(verdict.gate) of wave \(index)"
        guard journal[wave: index].verdicts != nil, let soak = soakDate[index] else {
            return broken("P8", "\(gate) is judged although it does not soak", at: now)
        }
        if verdict.after.from < soak || verdict.after.to - verdict.after.from < wave.soak {
            let span = verdict.after.to - verdict.after.from
            broken("P8", "\(gate) is judged by \(span) of \(wave.soak) of soak", at: now)
        }
        let members = underTest(wave)
        if let basis = verdict.basis { checkBasis(basis, verdict, members, wave, lag, now) }
        if verdict.outcome == .pass { checkPass(verdict, members, by: reader, lag, now) }
    }

    /// The devices that a wave has to prove: those that were changed since it was opened.
    func underTest(_ wave: Wave) -> [DeviceName] {
        wave.devices.filter { name in
            guard journal[name].standing == .confirmed, let pushed = pushedAt[name] else { return false }
            return openedAt[wave.index].map { pushed >= $0 } ?? true
        }
    }

    /// A wave is compared with what nobody touched, and with the time in which it was as before.
    private mutating func checkBasis(
        _ basis: Verdict.Basis, _ verdict: Verdict, _ members: [DeviceName], _ wave: Wave, _ lag: Timespan,
        _ now: Instant
    ) {
        let treated = Set(basis.treated.map(\.device))
        if let name = members.first(where: { !treated.contains($0) }) {
            broken("P8", "wave \(wave.index) is judged without \(name)", at: now)
        }
        for name in basis.control {
            if waveOf[name] == wave {
                broken("P8", "wave \(wave.index) is compared with \(name), which is of it", at: now)
            }
            if journal[name].isOnItsWay {
                broken("P8", "wave \(wave.index) is compared with \(name), which is on its way", at: now)
            }
        }
        // What is dated by a clock that was set says nothing of when it was.
        guard !clockWasSet else { return }
        let before = Verdict.Window(from: verdict.before.from + lag, to: verdict.before.to + lag)
        for name in basis.control {
            guard let touched = holding.touchedAt[name], touched > before.from else { continue }
            let when = touched - startedAt
            broken("P8", "wave \(wave.index) is compared with \(name), which was changed at \(when)", at: now)
        }
        for name in members where !edited.contains(name) {
            let held = holding.offBase(name, in: before)
            guard held > .seconds(1) else { continue }
            broken("P8", "\(name) held the change for \(held) of what counts as before wave \(wave.index)", at: now)
        }
    }

    /// Who passes was heard, before and after, and nothing is left open.
    private mutating func checkPass(
        _ verdict: Verdict, _ members: [DeviceName], by reader: String?, _ lag: Timespan, _ now: Instant
    ) {
        guard let rule = plan.policy.gates.first(where: { $0.name == verdict.gate }) else { return }
        let own = verdict.findings.filter { !$0.isControl }
        if let finding = own.first(where: { $0.failed || $0.unknown != nil }) {
            let what = finding.failed ? "failed" : "is not known"
            broken("P8", "gate \(rule.name) passes although \(finding.subject) \(what)", at: now)
        }
        if rule.condition == .links, let since = uplinkFullSince, since < verdict.after.from + lag {
            broken(
                "P8", "gate \(rule.name) passes although the uplink has been full since \(since - startedAt)", at: now)
        }
        guard rule.condition.isAboutDevices else { return }
        let named = Set(own.map { DeviceName(rawValue: String($0.subject.prefix { $0 != " " })) })
        let after = Verdict.Window(from: verdict.after.from + lag, to: verdict.after.to + lag)
        let before = Verdict.Window(from: verdict.before.from + lag, to: verdict.before.to + lag)
        for name in members {
            if !named.contains(name) { broken("P8", "gate \(rule.name) passes without a word of \(name)", at: now) }
            let heard = hearing.answers(of: name, in: after, to: reader)
            guard let first = heard.first, let last = heard.last, after.to - last <= plan.policy.watch.poll * 4 else {
                broken("P8", "gate \(rule.name) passes, and \(name) was not heard at the end", at: now)
                continue
            }
            if rule.condition.isAboutRates {
                // A third of each time has to be known.
                if (last - first) * 3 + .seconds(6) < verdict.after.to - verdict.after.from {
                    broken("P8", "gate \(rule.name) passes by \(last - first) of \(name)", at: now)
                }
            }
            if case .traffic = rule.condition, !clockWasSet {
                let earlier = hearing.answers(of: name, in: before)
                let known = (earlier.last ?? before.from) - (earlier.first ?? before.from)
                if known * 3 + .seconds(6) < before.to - before.from {
                    broken("P8", "gate \(rule.name) passes by \(known) of \(name) before", at: now)
                }
            }
            checkStates(of: name, rule, after, heard, now)
        }
        if case .traffic = rule.condition,
            !verdict.findings.contains(where: { $0.isControl && $0.before != nil && $0.after != nil })
        {
            broken("P8", "gate \(rule.name) passes, and there is nothing to compare with", at: now)
        }
    }

    /// An interface that went down and came back between two readings is flapping; a restart is one, however short it was.
    private mutating func checkStates(
        of name: DeviceName, _ rule: GateRule, _ after: Verdict.Window, _ heard: [Instant], _ now: Instant
    ) {
        guard let pushed = pushedAt[name], let last = heard.last else { return }
        let restart = holding.restartedAt[name]
        switch rule.condition {
        case .interfaces where rule.flaps != 0:
            guard let outage = holding.lastOutage(of: name), hearing.isFirst(.interfaceDown, on: name),
                outage.from > max(pushed, after.from), outage.to < last, restart.map({ $0 < after.from }) ?? true
            else { return }
            broken("P8", "gate \(rule.name) passes although \(name) was down at \(outage.from - startedAt)", at: now)
        case .reboot:
            guard let restart, restart > max(pushed, after.from), restart < last else { return }
            broken("P8", "gate \(rule.name) passes although \(name) restarted at \(restart - startedAt)", at: now)
        default: break
        }
    }
}

extension GateCondition {
    /// Whether something is found of each device of a wave.
    fileprivate var isAboutDevices: Bool {
        switch self {
        case .traffic, .errors, .discards, .interfaces, .reboot, .object, .utilisation, .reachability: true
        default: false
        }
    }

    /// Whether it needs averages over time.
    fileprivate var isAboutRates: Bool {
        switch self {
        case .traffic, .errors, .discards, .utilisation: true
        default: false
        }
    }
}
