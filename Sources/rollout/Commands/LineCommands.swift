import ArgumentParser
import RolloutEngine

/// `rollout stop-the-line`: one word that stops every rollout of the store.
struct StopTheLineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop-the-line",
        abstract: "Make every rollout start nothing new, until the line is released. What is in flight is finished.")

    @Option(help: "Why; it is recorded with your name, and shown wherever something stands still for it.")
    var reason: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let store = try store.open()
            let before = try await store.serviceState()
            if let stop = before.lineStop {
                say("the line is stopped already, by \(SafeText.line(stop.words))")
                return .done
            }
            _ = try await store.append(
                .lineStopped, by: Wiring.user, reason: reason, after: nil, at: SystemClock().now())
            let driven = try await LineReport(store).driven
            if output.json { show(try JSONOutput.pretty(driven.map(\.number))) }
            say(
                driven.isEmpty
                    ? "the line is stopped; nobody drives a rollout now, and none will start anything"
                    : "the line is stopped; within a second \(driven.map(\.description).joined(separator: ", ")) starts nothing new"
            )
            say("let it go on with: rollout release-the-line --reason \"WHY\"")
            return .done
        }
    }
}

/// `rollout release-the-line`: takes that word back.
struct ReleaseTheLineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release-the-line",
        abstract: "Let rollouts go on that stand still because the line is stopped. Other reasons to stand still stay.")

    @Option(help: "Why; it is recorded with your name.")
    var reason: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let store = try store.open()
            guard try await store.serviceState().lineStop != nil else {
                say("the line is not stopped")
                return .done
            }
            _ = try await store.append(
                .lineReleased, by: Wiring.user, reason: reason, after: nil, at: SystemClock().now())
            let report = try await LineReport(store)
            if output.json { show(try JSONOutput.pretty(report.left.map(\.number))) }
            say("the line is released")
            for id in report.left {
                say("\(id) stands still for it, and nobody drives it: rollout apply --resume \(id.number)")
            }
            return .done
        }
    }
}

/// Which rollouts the line is about.
struct LineReport {
    /// Those that somebody drives.
    private(set) var driven: [RolloutID] = []
    /// Those that stand still for the stopped line and that nobody drives.
    private(set) var left: [RolloutID] = []

    /// Looks at every rollout that is not over.
    init(_ store: any JournalStore) async throws {
        let now = SystemClock().now()
        for record in try await store.rollouts() {
            let state = try await store.state(of: record.id)
            guard state.ending == nil else { continue }
            if try await store.lease(of: record.id)?.living(at: now) != nil {
                driven.append(record.id)
            } else if state.pause(.lineStopped) != nil {
                left.append(record.id)
            }
        }
    }
}

extension ServiceState {
    /// Refuses to start something while the line is stopped.
    ///
    /// - Throws: `CommandFailure` with who stopped it, and what to do.
    func demandRunningLine() throws {
        guard let lineStop else { return }
        throw CommandFailure(
            .refused,
            "the line is stopped for every rollout by \(lineStop.words); nothing starts until: rollout release-the-line --reason \"WHY\""
        )
    }
}
