import ArgumentParser
import Foundation
import RolloutEngine
import RolloutSimulation

/// `rollout rehearse`: tonight's plan through the real engine, against devices that exist only in memory.
struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Play a plan against a simulated fleet, with trouble of your choice. Touches no device.",
        discussion: """
            The fleet is made from the plan: each device holds what was read of it, and its customers offer one and a
            half times what it lets through. The engine, its waves, gates and reactions are the real ones; the time is
            not. Each trouble happens once in its nights, at a random moment, on a random device.

            The exit code is what the plan would end with if nothing went wrong: 0, 3, 4 or 5.
            """)

    @Argument(help: "The plan file.", completion: .file())
    var plan: String

    @Option(help: "How many nights to play without trouble, and of each trouble.")
    var nights = 10

    @Option(
        name: .customLong("fault"),
        help: ArgumentHelp(
            "What goes wrong; again for more. One of: \(RehearsedTrouble.examples.joined(separator: ", ")); or 'none'.",
            valueName: "trouble"))
    var faults: [String] = []

    @Option(help: "How long a device needs from its push to its confirmation.")
    var perDevice = "2s"

    @Option(help: "The same seed gives the same nights.")
    var seed: UInt64 = 1

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            guard nights > 0, nights <= 100_000 else {
                throw CommandFailure(.usage, "--nights is \(nights), and has to be between 1 and 100000")
            }
            guard let span = Timespan(perDevice), span > .zero else {
                throw CommandFailure(.usage, "--per-device is '\(perDevice)', and has to be a time such as 2s")
            }
            let troubles = try troubles()
            let file = try PlanIO.read(plan)
            guard !file.plan.waves.isEmpty else {
                throw CommandFailure(.badInput, "\(plan) changes nothing, so there is nothing to rehearse")
            }
            let rehearsal = try Rehearsal(file, perDevice: span, now: SystemClock().now())
            let progress = Progress(total: nights * (troubles.count + 1))
            var report = RehearsalReport(plan: file.plan, digest: file.digest, start: rehearsal.start, seed: seed)
            for trouble in [nil] + troubles.map(Optional.some) {
                let played = try await play(trouble, rehearsal, progress)
                report.add(trouble, played)
            }
            progress.clear()
            if output.json {
                try output.data(report)
            } else {
                output.data(RehearsalScreen(report: report, perDevice: span, style: output.style).lines)
            }
            if let broken = report.brokenPromises.first { throw CommandFailure(.error, broken) }
            return report.exitStatus
        }
    }

    private func troubles() throws -> [RehearsedTrouble] {
        if faults.isEmpty { return RehearsedTrouble.usual }
        if faults == ["none"] { return [] }
        return try faults.map { text in
            guard let trouble = RehearsedTrouble(text) else {
                throw CommandFailure(
                    .usage,
                    "--fault '\(text)' is no trouble; it can be \(RehearsedTrouble.examples.joined(separator: ", ")) or none"
                )
            }
            return trouble
        }
    }

    /// Plays the nights of one trouble, as many at once as the machine has cores.
    private func play(_ trouble: RehearsedTrouble?, _ rehearsal: Rehearsal, _ progress: Progress) async throws
        -> [RehearsedNight]
    {
        let (first, count) = (seed, nights)
        let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)
        return try await withThrowingTaskGroup(of: (Int, RehearsedNight).self) { group in
            var next = 0
            func add() {
                guard next < count else { return }
                let number = next
                next += 1
                group.addTask { (number, try rehearsal.play(trouble, seed: first &+ UInt64(number))) }
            }
            for _ in 0..<cores { add() }
            var played: [(Int, RehearsedNight)] = []
            for try await night in group {
                played.append(night)
                progress.step()
                add()
            }
            return played.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// How far it is, on a terminal.
    private final class Progress {
        private let total: Int
        private var done = 0
        private let isShown = isatty(STDERR_FILENO) == 1

        init(total: Int) { self.total = total }

        func step() {
            done += 1
            if isShown { write("\r\(done) of \(total) nights …") }
        }

        func clear() { if isShown { write("\r\u{1B}[K") } }

        private func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
    }
}

/// What all rehearsed nights came to.
struct RehearsalReport: Encodable {
    let plan: String
    let change: String
    let devices: Int
    let waves: Int
    let start: Instant
    let seed: UInt64
    private(set) var troubles: [Row] = []
    private(set) var brokenPromises: [String] = []

    /// The nights of one trouble.
    struct Row: Encodable {
        /// Nil for nights without.
        let trouble: String?
        let nights: Int
        var done = 0
        var paused = 0
        var rolledBack = 0
        /// Nights after which some device was in doubt.
        var unknown = 0
        /// Seconds from the first wave to the end or the standstill: the tenth, the fiftieth and the ninetieth of a hundred.
        var seconds: [Double] = []
        /// Nights that ended in the window in which they began; nil without windows.
        var inWindow: Int?
        /// Devices on the new configuration in the end, fewest and most.
        var confirmed: [Int] = []
        /// Why it stood still or went back, the most frequent reason first, with its number of nights.
        var reasons: [Reason] = []
    }

    struct Reason: Encodable {
        let nights: Int
        let kind: String
        /// One example.
        let detail: String
    }

    init(plan: Plan, digest: Digest, start: Instant, seed: UInt64) {
        self.plan = digest.short
        change = plan.change.name
        devices = plan.waves.map(\.devices.count).reduce(0, +)
        waves = plan.waves.count
        self.start = start
        self.seed = seed
    }

    mutating func add(_ trouble: RehearsedTrouble?, _ nights: [RehearsedNight]) {
        var row = Row(trouble: trouble?.description, nights: nights.count)
        row.done = nights.count { $0.ending == .done }
        row.rolledBack = nights.count { $0.ending == .rolledBack }
        row.unknown = nights.count { $0.unknown > 0 }
        row.paused = nights.count { $0.ending == nil }
        let lengths = nights.map(\.length.seconds).sorted()
        row.seconds = [10, 50, 90].map { lengths[min(lengths.count - 1, lengths.count * $0 / 100)] }
        row.inWindow = nights.contains { $0.isOneNight != nil } ? nights.count { $0.isOneNight == true } : nil
        let confirmed = nights.map(\.confirmed)
        row.confirmed = [confirmed.min() ?? 0, confirmed.max() ?? 0]
        let reasons = nights.compactMap { night -> (String, String)? in
            if night.ending == .rolledBack, let because = night.rollbacks.first { return ("rolled back", because) }
            return night.pauses.first.map { ($0.kind.rawValue.replacing("_", with: " "), $0.detail) }
        }
        row.reasons = Dictionary(grouping: reasons, by: \.0)
            .map { Reason(nights: $1.count, kind: $0, detail: $1[0].1) }
            .sorted { ($1.nights, $0.kind) < ($0.nights, $1.kind) }
        troubles.append(row)
        for (index, night) in nights.enumerated() {
            guard let violation = night.violation else { continue }
            brokenPromises.append(
                "a promise of rollout itself was broken in a rehearsed night; please report it with the plan: "
                    + "seed \(seed &+ UInt64(index)), \(row.trouble ?? "no trouble"): \(violation)")
        }
    }

    /// What the nights without trouble end with, the worst of them.
    var exitStatus: ExitStatus {
        guard let quiet = troubles.first(where: { $0.trouble == nil }) else { return .done }
        if quiet.unknown > 0 { return .unknownDevice }
        if quiet.paused > 0 { return .paused }
        return quiet.rolledBack > 0 ? .rolledBack : .done
    }
}
