import ArgumentParser
import DeviceDrivers
import Foundation
import RolloutEngine
import RolloutStore

/// Plays tonight's gates on the readings of past nights.
struct GateRehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract:
            "Play the gates of a policy or plan on readings of past nights: how often they cry wolf, what they see.")

    @Argument(help: "A policy file, or a plan file.", completion: .file())
    var policy: String

    @Option(
        name: .customLong("from"),
        help: "Readings of nights in which nothing was changed: a CSV file, store:PATH#ROLLOUT, or prometheus:FILE.")
    var source: String

    @Option(help: "How many devices a wave has; the middle of the plan's, or 8.")
    var waveSize: Int?

    @Option(help: "How many waves are played.")
    var waves = 200

    @Option(help: "Which waves: the same number plays the same ones.")
    var seed: UInt64 = 1

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            guard waves > 0, waveSize.map({ $0 > 0 }) ?? true else {
                throw CommandFailure(.usage, "--waves and --wave-size must be 1 or more")
            }
            var tonight = try Tonight(policy, waveSize: waveSize)
            let history = try await HistorySource.read(source)
            if let rhythm = history.rhythm, rhythm > tonight.watch.poll {
                say("the history was read every \(rhythm), not every \(tonight.watch.poll): it is played at its rhythm")
                tonight.watch.poll = rhythm
            }
            let rehearsal = GateRehearsal(
                devices: history.devices, samples: history.samples, rules: tonight.rules, watch: tonight.watch,
                soak: tonight.soak, waveSize: tonight.waveSize, trials: waves, seed: seed)
            let screen = GateRehearsalScreen(
                report: try play(rehearsal), rules: tonight.rules, waveSize: tonight.waveSize, soak: tonight.soak,
                devices: history.devices.count)
            if output.json {
                show(try JSONOutput.pretty(screen.report))
            } else {
                show(screen.lines.joined(separator: "\n"))
            }
            return .done
        }
    }

    private func play(_ rehearsal: GateRehearsal) throws -> GateRehearsalReport {
        let known = rehearsal.history
        var report = GateRehearsalReport()
        let injections: [GateRehearsal.Injection] =
            [.none] + [10, 30, 50, 80, 100].map { .drop(.percent($0)) }
            + [.lone(.percent(100)), .discards(50)]
        for (number, injection) in injections.enumerated() {
            let isGross = GateRehearsal.Injection.gross.contains(injection)
            let alarmsOf = isGross ? min(10, waves) : 0
            let outcomes: [GateRehearsal.Outcome]
            do {
                outcomes = try rehearsal.play(injection, history: known, alarmsOf: alarmsOf) { done in
                    guard Terminal.canAsk, done % 10 == 0 else { return }
                    FileHandle.standardError.write(
                        Data("\rplaying \(number + 1) of \(injections.count): \(done)/\(waves) waves ".utf8))
                }
            } catch {
                throw CommandFailure(.badInput, "\(source): \(error)")
            }
            report.add(
                injection, outcomes, rules: rehearsal.rules, block: rehearsal.soak + rehearsal.watch.baseline,
                alarmsOf: alarmsOf)
        }
        if Terminal.canAsk { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
        return report
    }
}

/// What will be judged tonight, from a plan or a policy.
private struct Tonight {
    var rules: [GateRule]
    var watch: WatchRule
    var soak: Timespan
    var waveSize: Int

    init(_ path: String, waveSize asked: Int?) throws {
        let policy: Policy
        var planned: Int?
        var soak: Timespan?
        if let bytes = FileManager.default.contents(atPath: path), bytes.starts(with: Data("rollout-plan ".utf8)) {
            let plan = try PlanFile(bytes, from: path).plan
            policy = plan.policy
            let waves = plan.waves.filter { !$0.canary }.sorted { $0.devices.count < $1.devices.count }
            planned = waves.isEmpty ? nil : waves[waves.count / 2].devices.count
            soak = waves.first?.soak
        } else {
            policy = try ChangeFile.loadPolicy(path).policy
        }
        // A history holds no readings of shared links.
        rules = policy.gates.filter { $0.condition != .links }
        guard !rules.isEmpty else {
            throw CommandFailure(.badInput, "\(path): the policy has no gate that could be rehearsed")
        }
        watch = policy.watch
        self.soak = soak ?? policy.soak
        waveSize = asked ?? planned ?? 8
    }
}

/// Opens what `--from` names.
enum HistorySource {
    static func read(_ source: String) async throws -> HistoryReadings {
        if source.hasPrefix("prometheus:") { return try await prometheus(String(source.dropFirst(11))) }
        guard source.hasPrefix("store:") else { return try HistoryReadings(csvFile: source) }
        let parts = source.dropFirst(6).split(separator: "#", maxSplits: 1).map(String.init)
        guard let path = parts.first, FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(.badInput, "\(source): there is no such store: write store:PATH#ROLLOUT")
        }
        let store = try StoreLocation.open(path)
        var argument = RolloutArgument()
        argument.rollout = parts.count > 1 ? parts[1] : "latest"
        let record = try await argument.find(in: store)
        let plan = try PlanFile(try await store.plan(of: record.id), from: "the plan of rollout \(record.id)").plan
        let samples = try await store.samples(of: record.id, since: Instant(milliseconds: 0))
        // Devices that the rollout changed moved their traffic: only those that were watched beside are of use.
        let watched = plan.devices.filter { $0.target == nil }.map(\.device)
        let devices = watched.isEmpty ? plan.devices.map(\.device) : watched
        return HistoryReadings(of: devices, samples: samples)
    }

    private static func prometheus(_ file: String) async throws -> HistoryReadings {
        let history = try PrometheusHistory.load(file)
        do {
            return try await PrometheusRange(secrets: EnvironmentAndFileSecrets()).read(
                history, now: SystemClock().now())
        } catch {
            throw CommandFailure(.unavailable, "prometheus:\(file): \(error)")
        }
    }
}

/// Checks the gates of a policy and says what each can see.
struct GateTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Check the gates of a policy, and say in words what each sees.")

    @Argument(help: "The policy file.", completion: .file())
    var policy: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let (policy, warnings) = try ChangeFile.loadPolicy(policy)
            for warning in warnings { say("warning: \(SafeText.line(warning.description))") }
            if output.json {
                show(try JSONOutput.pretty(policy.gates))
            } else {
                show(GateRehearsalScreen.words(of: policy).joined(separator: "\n"))
            }
            return .done
        }
    }
}
