import ArgumentParser
import Foundation
import RolloutEngine

/// All that a reading command needs of one rollout.
struct RolloutReading {
    let record: RolloutRecord
    let file: PlanFile
    let state: RolloutState
    let status: RolloutStatus

    /// Reads a rollout from its store.
    init(_ argument: RolloutArgument, in store: any JournalStore) async throws {
        record = try await argument.find(in: store)
        file = try PlanFile(try await store.plan(of: record.id), from: "rollout \(record.id)")
        state = try await store.state(of: record.id)
        let now = SystemClock().now()
        let lease = try await store.lease(of: record.id)?.living(at: now)
        status = RolloutStatus(record, plan: file.plan, state: state, lease: lease, at: now)
    }
}

/// Shows how a rollout stands, without waiting.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Show how a rollout stands now.")

    @OptionGroup var rollout: RolloutArgument
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let reading = try await RolloutReading(rollout, in: try store.open())
            if output.json {
                show(try JSONOutput.pretty(reading.status))
            } else {
                show(StatusScreen(status: reading.status, style: output.style).lines().joined(separator: "\n"))
            }
            // While somebody drives it, unconfirmed devices are work in progress.
            return reading.status.driver == nil ? ExitStatus(restingAt: reading.status) : .done
        }
    }
}

/// Follows a rollout that somebody else drives, to its end.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Follow a rollout until it ends or rests; leaves with its exit code.")

    @OptionGroup var rollout: RolloutArgument
    @Option(help: "Give up after this time: 2h") var timeout: String?
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let store = try store.open()
            let clock = SystemClock()
            let first = try await RolloutReading(rollout, in: store)
            // Line by line everything is told that happened; a screen shows how it stands.
            let view = RolloutView(
                first.record, plan: first.file.plan, from: output.viewMode == .live ? first.state : RolloutState(),
                mode: output.viewMode, style: output.style)
            let end = try timeout.map { text in
                guard let span = Timespan(text) else {
                    throw CommandFailure(.usage, "'\(text)' is not a length of time such as 2h")
                }
                return clock.now() + span
            }
            while true {
                for entry in try await store.entries(of: first.record.id, after: view.state.sequence) {
                    view.take(entry)
                }
                let lease = try await store.lease(of: first.record.id)?.living(at: clock.now())
                view.redraw(lease: lease, at: clock.now())
                let status = RolloutStatus(
                    first.record, plan: first.file.plan, state: view.state, lease: lease, at: clock.now())
                if status.driver == nil || view.state.ending != nil {
                    return ExitStatus(restingAt: status)
                }
                if let end, clock.now() > end {
                    throw CommandFailure(.detached, "it goes on; stopped watching after \(timeout ?? "")")
                }
                // The lease and the time that is left change without a fact.
                await store.waitForFacts(of: first.record.id, after: view.state.sequence, atMost: .seconds(1))
            }
        }
    }
}

/// Lists rollouts.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List rollouts, newest first.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let store = try store.open()
            var rows: [RolloutStatus] = []
            // One that cannot be read must not hide the others.
            var unreadable: [String] = []
            for record in try await store.rollouts() {
                let argument = try RolloutArgument.parse(["\(record.id.number)"])
                do {
                    rows.append(try await RolloutReading(argument, in: store).status)
                } catch {
                    unreadable.append("\(record.id) \(SafeText.line(record.title)): \(SafeText.line("\(error)"))")
                }
            }
            for text in unreadable { say("cannot be read: \(text)") }
            if output.json {
                show(try JSONOutput.pretty(rows))
                return unreadable.isEmpty ? .done : .error
            }
            if rows.isEmpty && unreadable.isEmpty { say("no rollout yet: start one with `rollout apply PLAN`") }
            for row in rows {
                let counts = row.counts
                show(
                    "\(padded(row.id.description, 6))\(padded(String(row.createdAt.description.prefix(19)).replacing("T", with: " "), 21))"
                        + "\(padded(SafeText.line(row.title), 24)) \(padded("\(counts[.confirmed] ?? 0)/\(row.total)", 9)) "
                        + "\(output.style.headline(row.phase))   \(SafeText.line(row.createdBy))")
            }
            return unreadable.isEmpty ? .done : .error
        }
    }
}

/// Prints a rollout's journal.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print what happened, fact by fact.")

    @OptionGroup var rollout: RolloutArgument
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let store = try store.open()
            let reading = try await RolloutReading(rollout, in: store)
            let view = RolloutView(
                reading.record, plan: reading.file.plan, mode: output.json ? .json : .lines, style: output.style)
            for entry in try await store.entries(of: reading.record.id, after: 0) { view.take(entry) }
            return .done
        }
    }
}
