import ArgumentParser
import Foundation
import RolloutEngine

/// `rollout schedule`: what `rollout serve` carries out, and when.
struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Say what `rollout serve` shall carry out, and when.",
        subcommands: [
            ScheduleAddCommand.self, ScheduleListCommand.self, ScheduleShowCommand.self, ScheduleNextCommand.self,
            ScheduleRemoveCommand.self,
        ], defaultSubcommand: ScheduleListCommand.self)
}

/// `rollout schedule list`: every schedule, and when it is due.
struct ScheduleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List schedules, and when each is due next.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let state = try await store.open().serviceState()
            let schedules = state.schedules.values.sorted { $0.schedule.name < $1.schedule.name }
            if output.json {
                show(try JSONOutput.pretty(schedules))
                return .done
            }
            if let stop = state.lineStop { say("the line is stopped by \(SafeText.line(stop.words)): nothing begins") }
            if schedules.isEmpty {
                say("no schedule yet: rollout schedule add NAME --plan FILE --cron '30 22 * * *' --zone ZONE")
            }
            if schedules.isEmpty { return .done }
            var table = TextTable(["schedule", "due next", "when", "what", "last"])
            for its in schedules {
                let schedule = its.schedule
                table.add([
                    schedule.name.rawValue,
                    its.nextOccurrence.map { ScheduleText.clock($0, of: schedule) } ?? "not any more",
                    ScheduleText.timing(schedule), ScheduleText.work(schedule),
                    its.lastSkip.map { "passed over: \($0)" } ?? its.lastRollout.map { "rollout \($0)" } ?? "",
                ])
            }
            show(table.lines.joined(separator: "\n"))
            return .done
        }
    }
}

/// Names a schedule.
struct ScheduleArgument: ParsableArguments {
    @Argument(help: "The schedule's name.") var name: String

    /// Finds the schedule.
    func find(in state: ServiceState) throws -> ScheduleState {
        if let found = state.schedules[ScheduleName(rawValue: name)] { return found }
        let known = state.schedules.keys.sorted().map(\.rawValue).joined(separator: ", ")
        throw CommandFailure(
            .badInput,
            "there is no schedule '\(SafeText.line(name))'; "
                + (known.isEmpty ? "there is none: rollout schedule add" : "there are: \(SafeText.line(known))"))
    }
}

/// `rollout schedule show`: one schedule.
struct ScheduleShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a schedule, what it did last, and when it is due.")

    @OptionGroup var schedule: ScheduleArgument
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let its = try schedule.find(in: try await store.open().serviceState())
            if output.json {
                show(try JSONOutput.pretty(its))
                return .done
            }
            var lines = [
                "schedule \(its.schedule.name), set by \(its.setBy) at \(its.setAt)",
                "what     \(ScheduleText.work(its.schedule))", "when     \(ScheduleText.timing(its.schedule))",
                "late     by \(its.schedule.lateness) at most; then it is passed over",
            ]
            if let rollout = its.lastRollout { lines.append("started  rollout \(rollout)") }
            if let skip = its.lastSkip, let at = its.lastOccurrence { lines.append("passed over at \(at): \(skip)") }
            lines += its.upcoming(5).map { "due      \(ScheduleText.clock($0, of: its.schedule))" }
            show(lines.map(SafeText.line).joined(separator: "\n"))
            return .done
        }
    }
}

/// `rollout schedule next`: what comes, of all schedules.
struct ScheduleNextCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next", abstract: "Show what is due next, of all schedules.")

    @Option(help: "How many.") var count = 10
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    /// Something that comes, for `--json`.
    private struct Due: Encodable {
        var schedule: ScheduleName
        var at: Instant
    }

    func validate() throws {
        guard (1...1000).contains(count) else { throw ValidationError("--count is \(count), expected 1 to 1000") }
    }

    func run() async throws {
        try await Command.run(output) {
            let state = try await store.open().serviceState()
            let all = state.schedules.values.flatMap { its in its.upcoming(count).map { (its, $0) } }
                .sorted { ($0.1, $0.0.schedule.name) < ($1.1, $1.0.schedule.name) }.prefix(count)
            if output.json {
                show(try JSONOutput.pretty(all.map { Due(schedule: $0.0.schedule.name, at: $0.1) }))
                return .done
            }
            if all.isEmpty { say("nothing is due") }
            for (its, at) in all {
                show(SafeText.line("\(ScheduleText.clock(at, of: its.schedule))  \(its.schedule.name)"))
            }
            return .done
        }
    }
}

extension ScheduleState {
    /// When it is due, so many times from now on.
    func upcoming(_ count: Int) -> [Instant] {
        guard let first = nextOccurrence else { return [] }
        guard case .cron(let expression, let zone) = schedule.timing else { return [first] }
        var found = [first]
        while found.count < count, let next = expression.next(after: found[found.count - 1], in: zone) {
            found.append(next)
        }
        return found
    }
}

/// `rollout schedule remove`: takes a schedule away.
struct ScheduleRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take a schedule away. A rollout that it started goes on.")

    @OptionGroup var schedule: ScheduleArgument
    @Option(help: "Why; it is recorded with your name.") var reason: String?
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let store = try store.open()
            let its = try schedule.find(in: try await store.serviceState())
            _ = try await store.append(
                .scheduleRemoved(its.schedule.name), by: Wiring.user, reason: reason, after: nil,
                at: SystemClock().now())
            say("schedule \(SafeText.line(its.schedule.name.rawValue)) is removed")
            if let rollout = its.lastRollout {
                say("rollout \(rollout), which it started, is none the less: rollout status \(rollout.number)")
            }
            return .done
        }
    }
}
