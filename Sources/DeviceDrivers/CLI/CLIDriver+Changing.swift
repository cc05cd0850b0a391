import ConfigTrees
public import RolloutEngine

extension CLIDriver {
    /// Reads; arms the timer or prepares the candidate; compares it; commits with the timer; reads back.
    public func push(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        let timer = try timer(of: order)
        guard timer.rules != nil || order.withoutTimer == true else {
            throw DriverError.unsupported(
                "\(definition.summary) has no revert timer that can be proved to be armed; it is changed without one only"
                    + " when the policy says 'without_revert_timer: allow'")
        }
        guard timer.rules?.isHeld == true else {
            return try await withSession(to: order.device, within: order.limit, permit) { line throws(DriverError) in
                let change = try await change(order, timer, on: line)
                if let found = change.found { return found }
                return try await readBack(order, timer, on: line, change.expected, after: change.before)
            }
        }
        let line = try await open(
            to: order.device, within: order.limit, permit, try enableSecret(of: order.device))
        let expected: ConfigTree?
        do throws(DriverError) {
            let change = try await change(order, timer, on: line)
            if let found = change.found {
                await line.close()
                return found
            }
            expected = change.expected
        } catch {
            await line.close()
            throw error
        }
        held.keep(line, for: order)
        do throws(DriverError) {
            return try await withSession(to: order.device, within: order.limit, permit) { line throws(DriverError) in
                try await readBack(order, timer, on: line, expected)
            }
        } catch {
            throw DriverError(error.code, error.message, effect: .possible)
        }
    }

    /// Over a fresh session: reads; confirms; reads that the timer is gone; saves.
    public func confirm(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        let timer = try timer(of: order)
        return try await withSession(to: order.device, within: order.limit, permit) { line throws(DriverError) in
            var reading = try await read(order.scope, on: line, like: windows[order]?.reading)
            try DriverError.demandName(of: order.device, in: reading.observation)
            try verify(reading, order, effect: .none)
            if let pending = reading.timer, let rules = timer.rules {
                guard isOurs(pending, order) else {
                    throw DriverError(
                        .drifted, "another change is pending now: \(pending.name); ours cannot be told from it",
                        effect: .none)
                }
                try await refuseOthers(reading, order, on: line)
                try await end(rules.confirm, order, timer, on: line, permit)
                reading = try await read(order.scope, on: line, after: reading)
                try verify(reading, order, effect: .possible)
                if let left = reading.timer {
                    throw DriverError(
                        .verifyMismatch, "it was confirmed, but a revert timer is still pending: \(left.name)",
                        effect: .possible)
                }
            } else {
                // A confirmation that was cut off may have left half a job.
                try await clear(timer, [], on: line)
            }
            windows.close(order)
            try await save(order, on: line)
            return reading.observation
        }
    }

    /// Over a fresh session: lets the device go back at once while its timer is pending; else sends the way back.
    public func rollBack(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        let timer = try timer(of: order)
        return try await withSession(to: order.device, within: order.limit, permit) { line throws(DriverError) in
            var reading = try await read(order.scope, on: line)
            try DriverError.demandName(of: order.device, in: reading.observation)
            let wasPending = reading.timer != nil
            var lost: String?
            if let pending = reading.timer, let rules = timer.rules {
                guard isOurs(pending, order) else { throw foreign(pending, effect: .none) }
                guard let undo = rules.undo else {
                    return try await sendBack(order, timer, from: reading, on: line, permit, endingBy: rules.confirm)
                }
                if rules.undoesOthers, let window = windows[order],
                    reader.difference(from: window.reading.running, to: reading.running) != nil
                {
                    lost = try await others(reading, order, on: line)
                }
                try await end(undo, order, timer, on: line, permit)
                reading = try await read(order.scope, on: line, after: reading)
                if let left = reading.timer {
                    throw DriverError(
                        rules.isHeld ? .timeout : .verifyMismatch,
                        "it was told to go back, but the revert timer of \(left.name) is still pending",
                        effect: .possible)
                }
            }
            // Also what is left of a job that ran, or was half made.
            try await clear(timer, [], on: line)
            windows.close(order)
            if let lost {
                throw DriverError(
                    .interfered, "it went back, and that took back what is not ours as well: \(lost)", effect: .possible
                )
            }
            if reading.observation.config.isEquivalent(to: order.base) {
                // The way back may have been sent before, and cut off before it was saved.
                if !wasPending { try await save(order, on: line) }
                return reading.observation
            }
            let (commands, expected) = try await wayBack(order, from: reading)
            if definition.change.kind == .none {
                try line.mayChange()
                try await line.go(to: definition.change.mode)
                try await line.send(commands)
            } else {
                // The way there may have used up its session's name.
                var values = timer.values
                values["session"] = values["session"].map { $0 + "-back" }
                try await prepare(values, on: line)
                try await sendOrAbort(commands, expected, values, on: line)
                try line.mayChange(isWholeOrNothing: false)
                if let commit = definition.change.commit { try await line.run(commit, values) }
            }
            try await line.go(to: definition.home)
            try await save(order, on: line)
            return try await read(order.scope, on: line, after: reading).observation
        }
    }
}

// The parts of the calls.
extension CLIDriver {
    /// The lines back, and what the device should hold after them.
    private func wayBack(_ order: PushOrder, from reading: DeviceReading) async throws(DriverError) -> (
        commands: [String], expected: ConfigTree
    ) {
        try await apart(reading.lines.count) { () throws(DriverError) in
            let commands = try reader.commands(
                from: reading.observation.config, to: order.base, in: reading.running)
            return (commands, try reader.applying(commands, to: reading.running))
        }
    }

    /// Sends the lines back under a timer that would restart the device, and ends the timer once they are there.
    private func sendBack(
        _ order: PushOrder, _ timer: OrderedTimer, from start: DeviceReading, on line: isolated CommandLine,
        _ permit: Permit, endingBy confirm: PlatformDefinition.Procedure
    ) async throws(DriverError) -> Observation {
        var reading = start
        if !reading.observation.config.isEquivalent(to: order.base) {
            let commands = try await wayBack(order, from: reading).commands
            try line.mayChange()
            try await line.go(to: definition.change.mode)
            try await line.send(commands)
            try await line.go(to: definition.home)
            reading = try await read(order.scope, on: line, after: reading)
            guard reading.observation.config.isEquivalent(to: order.base) else {
                throw DriverError(
                    .verifyMismatch,
                    "the lines back were sent, but the device does not hold its base; its restart, which is still pending, brings"
                        + " that back", effect: .possible)
            }
        }
        try await end(confirm, order, timer, on: line, permit)
        reading = try await read(order.scope, on: line, after: reading)
        guard reading.timer == nil else {
            throw DriverError(
                .verifyMismatch, "it is back on its base, but its restart is still pending", effect: .possible)
        }
        windows.close(order)
        return reading.observation
    }

    /// Makes the change under the timer; `found` is what was found instead when there is nothing to change.
    private func change(_ order: PushOrder, _ timer: OrderedTimer, on line: isolated CommandLine)
        async throws(DriverError)
        -> (found: Observation?, before: DeviceReading, expected: ConfigTree?)
    {
        let before = try await read(order.scope, on: line)
        try DriverError.demand(order.device, in: before.observation)
        if let pending = before.timer {
            guard isOurs(pending, order) else { throw foreign(pending, effect: .none) }
            // Pushed before, or half, and the answer got lost: there is nothing to send until that is settled.
            return (before.observation(for: order), before, nil)
        }
        if before.observation.config.isEquivalent(to: order.desired) { return (before.observation, before, nil) }
        guard before.observation.config.isEquivalent(to: order.base) else {
            throw DriverError(
                .drifted,
                "the configuration is neither the base nor the target: "
                    + ConfigDiff(from: order.base, to: before.observation.config).text.prefix(600), effect: .none)
        }
        try await require(on: line)
        let (commands, expected, back) = try await apart(before.lines.count) { () throws(DriverError) in
            let commands = try reader.commands(from: order.base, to: order.desired, in: before.running)
            let expected = try reader.applying(commands, to: before.running)
            if let outside = reader.difference(outside: order.scope, from: before.running, to: expected) {
                throw DriverError(
                    .unsupported, "the lines would change others beside them:\n\(outside.prefix(600))", effect: .none)
            }
            let back =
                definition.tellsWayBack ? try reader.commands(from: order.desired, to: order.base, in: expected) : []
            return (commands, expected, back)
        }
        if definition.change.kind == .none {
            let timer = try await scheduled(timer, back: back, on: line)
            try line.mayChange()
            try await clear(timer, try await spentTimers(on: line), on: line)
            try await prepare(timer.values, on: line)
            // Armed before the first line: what cannot be proved to be armed guards nothing.
            try await prove(try await pendingTimer(on: line), order, timer, on: line)
            try await line.go(to: definition.change.mode)
            try await line.send(commands)
        } else {
            try await prepare(timer.values, on: line)
            try await sendOrAbort(commands, expected, timer.values, on: line)
            try line.mayChange(isWholeOrNothing: false)
            let commit = timer.rules.map(\.commit) ?? definition.change.commit
            if let commit { try await line.run(commit, timer.values) }
        }
        return (nil, before, expected)
    }

    /// Proves that the timer waits, and that the device holds what was ordered. From now on, whatever changes is not ours.
    ///
    /// - Parameter expected: The whole configuration as the change alone would have made it, but for a job that is the timer.
    private func readBack(
        _ order: PushOrder, _ timer: OrderedTimer, on line: isolated CommandLine, _ expected: ConfigTree?,
        after before: DeviceReading? = nil
    ) async throws(DriverError) -> Observation {
        let after = try await read(order.scope, on: line, after: before)
        try await prove(after.timer, order, timer, on: line)
        try verify(after, order, effect: .possible)
        if timer.rules != nil, let expected {
            let bare = timer.values["mark"].map { after.running.without($0) } ?? after.running
            windows.open(
                .init(reading: after, isOursAlone: reader.difference(from: expected, to: bare) == nil),
                for: order)
        }
        return after.observation(for: order)
    }

    /// Ends the timer, for good or by going back: on the fresh session, or on the one that armed it where only that one can.
    private func end(
        _ procedure: PlatformDefinition.Procedure, _ order: PushOrder, _ timer: OrderedTimer,
        on line: isolated CommandLine, _ permit: Permit
    ) async throws(DriverError) {
        guard timer.rules?.isHeld == true else {
            try line.mayChange()
            try await line.run(procedure, timer.values)
            return
        }
        guard let own = held.take(order) else {
            throw DriverError(
                .timeout,
                "the session that armed the revert timer is gone, and \(definition.summary) takes its end from no other;"
                    + " the device goes back by itself when its time is over", effect: .none)
        }
        await own.resume(until: ContinuousClock.now + order.limit.duration, permit)
        do throws(DriverError) {
            try await own.mayChange()
            try await own.run(procedure, timer.values)
            await own.close()
        } catch {
            await own.close()
            throw error
        }
        try line.mayChange()
    }
}

// The steps of the calls.
extension CLIDriver {
    /// The platform's timer, set for an order.
    struct OrderedTimer: Sendable {
        /// Nil where the platform has none.
        var rules: PlatformDefinition.RevertTimer?
        var span: Timespan
        /// The span and the order's names, as commands say them.
        var values: [String: String]
    }

    private func timer(of order: PushOrder) throws(DriverError) -> OrderedTimer {
        guard let rules = definition.revertTimer else {
            return OrderedTimer(span: .zero, values: Self.names(of: order))
        }
        let span = rules.wait(for: order.revertAfter)
        guard span <= rules.most else {
            throw DriverError(
                .unsupported, "\(definition.summary) reverts after \(rules.most) at the most, not \(order.revertAfter)",
                effect: .none)
        }
        let seconds = span.milliseconds / 1000
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return OrderedTimer(
            rules: rules, span: span,
            values: [
                "seconds": "\(seconds)", "minutes": "\((seconds + 59) / 60)",
                "clock": "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))",
            ].merging(Self.names(of: order)) { span, _ in span })
    }

    static func names(of order: PushOrder) -> [String: String] {
        let mark = String(
            order.mark.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "-" })
        return ["session": mark, "mark": mark]
    }

    /// Whether a pending timer can be the one of this order: by its mark, or, where devices show none, by who set it. Where they show
    /// neither, the session that armed it holds the lock of the configuration until the timer ends, and is ours or another's.
    private func isOurs(_ timer: PendingTimer, _ order: PushOrder) -> Bool {
        guard timer.who != nil else { return held.keeps(order) }
        let wanted = definition.revertTimer?.showsMark == true ? Self.names(of: order)["mark"] : order.device.ssh.user
        return timer.who == wanted
    }

    private func foreign(_ timer: PendingTimer, effect: DriverError.Effect) -> DriverError {
        DriverError(
            .timerNotArmed, "another revert timer is pending: \(timer.name); confirm or roll back that one",
            effect: effect)
    }

    private func require(on line: isolated CommandLine) async throws(DriverError) {
        for requirement in definition.requirements {
            let answer = try await line.ask(requirement.command, tolerating: true)
            let isThere = requirement.find.map { find in answer.lines.contains { find.isFound(in: $0) } } ?? true
            let isRefused =
                requirement.refuse.map { refuse in answer.lines.contains { refuse.isFound(in: $0) } } ?? false
            guard isThere, !isRefused else {
                throw DriverError(.unsupported, "the device is not ready: \(requirement.remedy)", effect: .none)
            }
        }
    }

    /// Opens what the change's lines are sent into.
    private func prepare(_ values: [String: String], on line: isolated CommandLine) async throws(DriverError) {
        let change = definition.change
        guard let open = change.open else { return try await line.go(to: change.mode) }
        try await line.run(open, values)
        let mode = line.mode
        guard mode == change.mode else {
            throw DriverError(
                .refused, "'\(open.commands.last ?? "")' should lead to mode '\(change.mode)', but led to '\(mode)'",
                effect: line.effect)
        }
    }

    /// Sends lines into a candidate and proves that it holds what was planned; else throws it away.
    private func sendOrAbort(
        _ commands: [String], _ expected: ConfigTree, _ values: [String: String], on line: isolated CommandLine
    ) async throws(DriverError) {
        do throws(DriverError) {
            try await line.send(commands)
            try await compare(expected, on: line)
        } catch {
            // A session that cannot be talked to any more is thrown away by its end.
            do throws(DriverError) {
                if let abort = definition.change.abort { try await line.run(abort, values, tolerating: true) }
                try await line.go(to: definition.home)
            } catch { _ = error }
            throw DriverError(error.code, error.message, effect: line.effect)
        }
    }

    private func compare(_ expected: ConfigTree, on line: isolated CommandLine) async throws(DriverError) {
        guard let show = definition.change.candidate else {
            throw DriverError(
                .unsupported,
                "\(definition.place): nothing prints the candidate, so that it cannot be compared with the plan",
                effect: line.effect)
        }
        let (shown, effect) = (try await line.run(show).lines, line.effect)
        let found = try await apart(shown.count) { () throws(DriverError) in
            reader.difference(from: expected, to: try reader.tree(shown, effect: effect))
        }
        guard let difference = found else { return }
        var changes = ""
        if let procedure = definition.change.difference {
            changes = try await line.run(procedure, tolerating: true).text
        }
        throw DriverError(
            .verifyMismatch,
            "the candidate is not what was planned: beside the plan it holds\n\(difference.prefix(1500))\nthe device shows"
                + " as its changes\n\(changes.prefix(1500))", effect: line.effect)
    }

    /// Proves that a timer that was read back is the one of the order, and does its work.
    private func prove(
        _ timer: PendingTimer?, _ order: PushOrder, _ wanted: OrderedTimer, on line: isolated CommandLine
    ) async throws(DriverError) {
        guard let rules = wanted.rules else { return }
        guard let timer else {
            throw DriverError(
                .timerNotArmed, "the revert timer was asked for, but the device says that none is pending",
                effect: .possible)
        }
        guard isOurs(timer, order) else { throw foreign(timer, effect: .possible) }
        let longest = rules.longest(for: wanted.span)
        if let remaining = timer.remaining, remaining <= .zero || remaining > longest {
            throw DriverError(
                .timerNotArmed, "the revert timer waits for \(remaining), not for \(wanted.span)", effect: .possible)
        }
        try await proveJob(wanted, on: line)
    }

    private func verify(_ reading: DeviceReading, _ order: PushOrder, effect: DriverError.Effect) throws(DriverError) {
        let config = reading.observation.config
        if config.isEquivalent(to: order.desired) { return }
        if config.isEquivalent(to: order.base) {
            throw DriverError(.verifyMismatch, "the device is back on its base", effect: effect)
        }
        throw DriverError(
            .verifyMismatch,
            "the device does not hold what was ordered: "
                + ConfigDiff(from: order.desired, to: config).text.prefix(600), effect: effect)
    }

    private func save(_ order: PushOrder, on line: isolated CommandLine) async throws(DriverError) {
        guard let save = definition.save else { return }
        try line.mayChange()
        try await line.run(save, Self.names(of: order))
    }
}

extension DeviceReading {
    /// The observation with the timer under the order's mark: devices that show no mark were asked who set it.
    fileprivate func observation(for order: PushOrder) -> Observation {
        var observation = observation
        observation.pendingRevert = timer.map { PendingRevert(mark: order.mark, remaining: $0.remaining) }
        return observation
    }
}
