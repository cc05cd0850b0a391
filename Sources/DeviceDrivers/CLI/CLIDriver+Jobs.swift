import RolloutEngine

// Timers that are a job in the device's own scheduler.
extension CLIDriver {
    /// The timer with all that its commands name: when it is due by the device's clock, and the lines back. Changes nothing.
    ///
    /// - Parameter back: The lines back, indented by their sections.
    /// - Throws: `DriverError` with `.unsupported` when the device's clock was never set: once it is, a job that waits for a
    ///   time of it runs at once, or not for years.
    func scheduled(_ timer: OrderedTimer, back: [String], on line: isolated CommandLine) async throws(DriverError)
        -> OrderedTimer
    {
        guard let rules = timer.rules, rules.job != nil else { return timer }
        var timer = timer
        if let clock = try await clock(on: line) {
            guard clock.isSet else {
                throw DriverError(
                    .unsupported,
                    "the device's clock was never set: it shows \(clock.text). Its scheduler, which would put a change back, goes"
                        + " by that clock; set it, such as by an NTP server, and try again", effect: .none)
            }
            let due = clock.advanced(by: timer.span, upTo: rules.unit)
            timer.values.merge(due.values) { _, due in due }
        }
        let lines = back.map { line in String(line.drop { $0 == " " }) }
        timer.values[Placeholders.undoScript] = Self.script(lines)
        timer.values[Placeholders.undoOptions] = Self.options(lines)
        return timer
    }

    /// How much of a timer is left, where the device says when it is due.
    func timed(_ timer: PendingTimer, on line: isolated CommandLine) async throws(DriverError) -> PendingTimer {
        guard let due = timer.due, let clock = try await clock(on: line) else { return timer }
        var timer = timer
        timer.remaining = clock.span(until: due)
        return timer
    }

    /// The marks of jobs that ran and are still there.
    func spentTimers(on line: isolated CommandLine) async throws(DriverError) -> [String] {
        guard let rules = definition.revertTimer, rules.job?.spent != nil else { return [] }
        return reader.spentTimers(in: try await line.run(rules.query, tolerating: true).lines)
    }

    /// Takes away what is left of a job that ran, or was half made; what is not there is complained of, and that is well.
    func clear(_ timer: OrderedTimer, _ others: [String], on line: isolated CommandLine) async throws(DriverError) {
        guard let rules = timer.rules, rules.job != nil else { return }
        try line.mayChange()
        for mark in others { try await line.run(rules.confirm, ["mark": mark], tolerating: true) }
        try await line.run(rules.confirm, timer.values, tolerating: true)
        try await line.go(to: definition.home)
    }

    /// Proves that the job would do its work.
    func proveJob(_ timer: OrderedTimer, on line: isolated CommandLine) async throws(DriverError) {
        for proof in timer.rules?.job?.proofs ?? [] {
            let command = Placeholders.filled(proof.command) { timer.values[$0] }
            let lines = try await line.ask(command).lines
            let isThere = lines.contains { proof.find.firstMatch(in: $0)?["value"] == timer.values["mark"] }
            guard isThere else {
                throw DriverError(
                    .timerNotArmed,
                    "the revert job is there, but would not work: '\(command)' does not show \(timer.values["mark"] ?? "")",
                    effect: .possible)
            }
        }
    }

    private func clock(on line: isolated CommandLine) async throws(DriverError) -> DeviceClock? {
        guard let job = definition.revertTimer?.job, let command = job.clock else { return nil }
        let lines = try await line.ask(command).lines
        guard let clock = DeviceClock(job.reading, in: lines) else {
            throw DriverError(
                .garbledOutput,
                "'\(command)' does not say what time it is, but '\(lines.joined(separator: " ").prefix(200))'",
                effect: line.effect)
        }
        return clock
    }

    /// Lines apart by semicolons, as they stand between quotes.
    private static func script(_ lines: [String]) -> String {
        lines.joined(separator: "; ").map { "\"\\$".contains($0) ? "\\\($0)" : "\($0)" }.joined()
    }

    /// Lines as options of a command, as a shell takes them.
    private static func options(_ lines: [String]) -> String {
        lines.map { "-c '" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
    }
}
