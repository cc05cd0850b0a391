import ArgumentParser
import Foundation
import RolloutEngine

/// Everything about gates alone.
struct GateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate", abstract: "Test gates, rehearse them on past nights, keep and replay what they concluded.",
        subcommands: [GateTestCommand.self, GateRehearseCommand.self, GateExportCommand.self, GateReplayCommand.self])
}

/// Writes what verdicts rest on to a file.
struct GateExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write everything that the verdicts on a wave rest on to a file.")

    @OptionGroup var rollout: RolloutArgument

    @Option(help: "The wave; the one that was judged last when not given.")
    var wave: Int?

    @Option(name: .customLong("gate"), help: "A gate, and so on; all of the wave when none is given.")
    var gates: [String] = []

    @Option(name: [.customShort("o"), .customLong("out")], help: "The file.", completion: .file())
    var out: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let store = try store.open()
            let record = try await rollout.find(in: store)
            let plan = try PlanFile(try await store.plan(of: record.id), from: "the plan of rollout \(record.id)")
            let judged = try await store.entries(of: record.id, after: 0).compactMap { entry -> (Int, Verdict)? in
                guard case .judged(let index, let verdict) = entry.fact, wave.map({ $0 == index }) ?? true else {
                    return nil
                }
                return (index, verdict)
            }
            guard let (index, last) = judged.last else {
                let which = wave.map { "wave \($0)" } ?? "no wave"
                throw CommandFailure(.badInput, "\(which) of rollout \(record.id) was judged yet")
            }
            let verdicts = judged.filter { $0.0 == index && $0.1.after == last.after }.map(\.1)
            let samples = try await store.samples(
                of: record.id, since: last.before.from - plan.plan.policy.watch.poll * 8)
            var evidence: GateEvidence
            do {
                evidence = try GateEvidence(
                    for: verdicts, ofWave: index, of: plan.plan, rollout: record.id, planDigest: plan.digest,
                    tool: Wiring.version, samples: samples)
                if !gates.isEmpty { evidence = try evidence.only(gates.map { GateName(rawValue: $0) }) }
            } catch let trouble as EvidenceTrouble {
                throw CommandFailure(.unavailable, "no evidence can be written: \(trouble)")
            }
            do { try evidence.bytes().write(to: URL(filePath: out), options: .atomic) } catch {
                throw CommandFailure(
                    .unavailable, "the evidence cannot be written to \(out): \(error.localizedDescription)")
            }
            show(
                "Written to \(SafeText.line(out)): wave \(index), \(evidence.setting.verdicts.count) verdicts, \(evidence.samples.count) readings. Judge again: rollout gate replay \(SafeText.line(out))"
            )
            return .done
        }
    }
}

/// Judges again from evidence.
struct GateReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Judge again from evidence; exit with 1 when a conclusion differs.")

    @Argument(help: "Files that `rollout gate export` wrote.", completion: .file())
    var evidence: [String]

    @OptionGroup var output: OutputOptions

    private struct Result: Encodable {
        var file: String
        var same: Bool
        var version: Int?
        var was: [Verdict]
        var now: [Verdict]
    }

    func run() async throws {
        try await Command.run(output) {
            var results: [Result] = []
            for path in evidence {
                guard let bytes = FileManager.default.contents(atPath: path) else {
                    throw InputError(at: SourceLocation(file: path), "there is no such file, or it cannot be read")
                }
                let file = try GateEvidence(bytes, from: path)
                let replay = try file.replay()
                results.append(
                    Result(file: path, same: replay.isSame, version: replay.version, was: replay.was, now: replay.now))
                if !output.json { show(Self.lines(path, file, replay, output.style).joined(separator: "\n")) }
            }
            if output.json { show(try JSONOutput.pretty(results)) }
            return results.allSatisfy(\.same) ? .done : .error
        }
    }

    private static func lines(_ path: String, _ file: GateEvidence, _ replay: GateEvidence.Replay, _ style: Style)
        -> [String]
    {
        var lines = [
            "\(SafeText.line(path)): rollout \(file.setting.rollout) wave \(file.setting.wave.index), \(file.samples.count) readings, written by \(SafeText.line(file.setting.tool))"
        ]
        if let version = replay.version, version != GateEvaluator.version {
            lines.append(
                "  judged by version \(version) of the rules then, by version \(GateEvaluator.version) now: answers may differ"
            )
        }
        if replay.isSame {
            lines.append(style.paint("  the same answer to the last digit:", .good))
            for verdict in replay.now {
                lines.append("    \(verdict.gate)  \(verdict.outcome.rawValue)  \(SafeText.line(verdict.reason))")
            }
            return lines
        }
        lines.append(style.paint("  another answer:", .bad))
        for (was, now) in replay.differences {
            lines.append("    \(was.gate) was  \(was.outcome.rawValue)  \(SafeText.line(was.reason))")
            lines.append("    \(was.gate) is   \(now.outcome.rawValue)  \(SafeText.line(now.reason))")
            if was.outcome == now.outcome, was.reason == now.reason {
                let names = zip(was.findings, now.findings).filter { $0 != $1 }.map { $0.0.subject }
                lines.append(
                    "      differs in what was found on \(SafeText.line(names.prefix(5).joined(separator: ", ")))")
            }
        }
        return lines
    }
}
