import Foundation
import RolloutEngine
import RolloutSimulation
import Synchronization

/// Plays nights of the simulation, as many as it is told, and prints every promise that was broken with the seed of its night.
@main
struct Soak {
    static let usage = """
        rollout-soak SEEDS [--from SEED]        play so many nights, from this seed on (a fresh one unless given)
        rollout-soak --seed SEED [--trace]      play one night and show it
        rollout-soak --scenario FILE [--trace]  play a night that was written down
        rollout-soak --corpus FOLDER            play every night that was kept
        rollout-soak --twice SEEDS              play nights in two processes, which must take the same course
        rollout-soak --bugs [SEEDS]             plant every known bug, and look whether so many nights (2000) find it
        With --plant BUG, all that with that bug in the engine. With --keep FOLDER, a night that breaks a promise is made smaller and written there.
        """

    static func main() throws {
        var arguments = Arguments(CommandLine.arguments.dropFirst())
        #if PLANTED_BUGS
        if let name = arguments.value(after: "--plant") {
            guard let bug = PlantedBug(rawValue: name) else {
                say("--plant knows \(PlantedBug.allCases.map(\.rawValue).joined(separator: ", "))")
                exit(2)
            }
            exit(try PlantedBug.$planted.withValue(bug) { try run(&arguments) })
        }
        #endif
        exit(try run(&arguments))
    }

    private static func run(_ arguments: inout Arguments) throws -> Int32 {
        let traces = arguments.flag("--trace")
        let keep = arguments.value(after: "--keep")
        if let seed = arguments.number(after: "--seed") { return show(Scenario(seed: seed), trace: traces) }
        if let file = arguments.value(after: "--scenario") { return show(try scenario(in: file), trace: traces) }
        if let folder = arguments.value(after: "--corpus") { return try replay(folder) }
        if let count = arguments.number(after: "--digest") { return printDigest(of: count) }
        if let count = arguments.number(after: "--twice") { return try compare(count) }
        if arguments.flag("--bugs") { return hunt(seeds: arguments.lastNumber ?? 2000) }
        let first = arguments.number(after: "--from") ?? .random(in: 0..<1 << 48)
        guard let count = arguments.lastNumber, count > 0 else {
            say(usage)
            return 2
        }
        return soak(count, from: first, keep: keep)
    }

    // MARK: Many nights

    private static func soak(_ count: UInt64, from first: UInt64, keep: String?) -> Int32 {
        let began = ContinuousClock.now
        let tally = Tally()
        let next = Mutex<UInt64>(0)
        inParallel {
            while true {
                let number = next.withLock { next -> UInt64 in
                    defer { next += 1 }
                    return next
                }
                guard number < count else { return }
                let seed = first &+ number
                guard let report = try? World.play(Scenario(seed: seed)) else {
                    say("seed \(seed): it cannot be played")
                    tally.add(broken: 1)
                    continue
                }
                tally.add(report)
                if report.violation != nil { complain(of: report, keep: keep) }
                let done = number + 1
                if done % 10_000 == 0 { FileHandle.standardError.write(Data("\(done) of \(count) nights …\n".utf8)) }
            }
        }
        let seconds = Double((ContinuousClock.now - began) / .milliseconds(1)) / 1000
        say(tally.summary(of: count, from: first, taking: seconds))
        return tally.violations == 0 ? 0 : 1
    }

    private static func complain(of report: NightReport, keep: String?) {
        guard let violation = report.violation else { return }
        say("seed \(report.scenario.seed): \(violation)")
        let smallest = Shrinker.shrink(report.scenario, breaking: violation.promise)
        guard let written = try? encoder.encode(smallest) else { return }
        guard let keep else {
            return say("  the smallest night that breaks it: \(String(decoding: written, as: UTF8.self))")
        }
        let path = "\(keep)/\(violation.promise)-\(report.scenario.seed).json"
        do {
            try (written + Data("\n".utf8)).write(to: URL(fileURLWithPath: path))
            say(
                "  the smallest night that breaks it is in \(path); see it: scripts/soak \"--scenario \(path) --trace\""
            )
        } catch {
            say("  it could not be kept: \(error)")
        }
    }

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    // MARK: Nights that were kept

    private static func scenario(in file: String) throws -> Scenario {
        try JSONDecoder().decode(Scenario.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    }

    private static func replay(_ folder: String) throws -> Int32 {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
            .sorted()
        var broken = 0
        for file in files {
            guard let violation = try World.play(try scenario(in: "\(folder)/\(file)")).violation else { continue }
            broken += 1
            say("\(file): \(violation)")
        }
        say("\(files.count) nights that once broke a promise: \(broken == 0 ? "none" : "\(broken)") of them does now")
        return broken == 0 && !files.isEmpty ? 0 : 1
    }

    // MARK: The same course

    private static func printDigest(of count: UInt64) -> Int32 {
        var digest: UInt64 = 0
        for seed in 1...count { digest = digest &* 31 &+ ((try? World.play(Scenario(seed: seed)).digest) ?? 0) }
        say("\(digest)")
        return 0
    }

    private static func compare(_ count: UInt64) throws -> Int32 {
        let digests = try (0..<2).map { _ in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = ["--digest", "\(count)"]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let output = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let isSame = digests[0] == digests[1] && !digests[0].isEmpty
        say(
            "\(count) nights played by two processes: \(isSame ? "the same course" : "NOT THE SAME COURSE") \(digests)")
        return isSame ? 0 : 1
    }

    // MARK: One night

    private static func show(_ scenario: Scenario, trace: Bool) -> Int32 {
        do {
            let report = try World.play(scenario, keepingTrace: trace)
            for line in report.trace { say(line) }
            say("seed \(scenario.seed): \(report.events) events in \(report.length), trace \(report.digest)")
            say(
                report.violation.map { "\($0)" }
                    ?? "no promise was broken; it ended: \(report.ending.map { "\($0)" } ?? "not, as somebody edited a device")"
            )
            return report.violation == nil ? 0 : 1
        } catch {
            say("it cannot be played: \(error)")
            return 1
        }
    }

    // MARK: Planted bugs

    private static func hunt(seeds: UInt64) -> Int32 {
        #if PLANTED_BUGS
        let missed = Mutex<[PlantedBug]>([])
        let next = Mutex(PlantedBug.allCases[...])
        inParallel {
            while let bug = next.withLock({ $0.popFirst() }) {
                let found = PlantedBug.$planted.withValue(bug) { firstViolation(within: seeds) }
                if let (count, violation) = found {
                    say("\(bug.rawValue): found by night \(count): \(violation)")
                } else {
                    say("\(bug.rawValue): NOT FOUND in \(seeds) nights")
                    missed.withLock { $0.append(bug) }
                }
            }
        }
        let count = missed.withLock(\.count)
        say(
            "\(PlantedBug.allCases.count - count) of \(PlantedBug.allCases.count) planted bugs found within \(seeds) nights each"
        )
        return count == 0 ? 0 : 1
        #else
        say("this build has no bugs planted: build it with -Xswiftc -DPLANTED_BUGS")
        return 2
        #endif
    }

    private static func firstViolation(within seeds: UInt64) -> (UInt64, Violation)? {
        for seed in 0..<seeds {
            if let violation = try? World.play(Scenario(seed: seed)).violation { return (seed + 1, violation) }
        }
        return nil
    }

    /// Runs it on every core at once.
    private static func inParallel(_ body: @escaping @Sendable () -> Void) {
        DispatchQueue.concurrentPerform(iterations: ProcessInfo.processInfo.activeProcessorCount) { _ in body() }
    }
}

/// The words of the command line.
struct Arguments {
    private var words: [String]

    init(_ words: some Sequence<String>) { self.words = Array(words) }

    mutating func flag(_ option: String) -> Bool {
        guard let index = words.firstIndex(of: option) else { return false }
        words.remove(at: index)
        return true
    }

    mutating func value(after option: String) -> String? {
        guard let index = words.firstIndex(of: option), index + 1 < words.count else { return nil }
        defer { words.removeSubrange(index...index + 1) }
        return words[index + 1]
    }

    mutating func number(after option: String) -> UInt64? { value(after: option).flatMap(UInt64.init) }

    /// The only word that is left, as a number.
    var lastNumber: UInt64? { words.count == 1 ? UInt64(words[0]) : nil }
}

/// What all nights came to.
final class Tally: Sendable {
    private let contents = Mutex(Contents())

    private struct Contents {
        var events = 0
        var length = Timespan.zero
        var violations = 0
        var endings: [String: Int] = [:]
    }

    var violations: Int { contents.withLock { $0.violations } }

    func add(broken count: Int) { contents.withLock { $0.violations += count } }

    func add(_ report: NightReport) {
        contents.withLock { contents in
            contents.events += report.events
            contents.length = contents.length + report.length
            contents.violations += report.violation == nil ? 0 : 1
            contents.endings[report.ending.map { "\($0)" } ?? "resting", default: 0] += 1
        }
    }

    func summary(of count: UInt64, from first: UInt64, taking seconds: Double) -> String {
        contents.withLock { contents in
            let endings = contents.endings.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            let rate = String(format: "%.0f", Double(count) / seconds)
            let events = String(format: "%.0f", Double(contents.events) / seconds)
            let ratio = String(format: "%.0f", contents.length.seconds / seconds)
            return """
                \(count) nights from seed \(first) in \(String(format: "%.1f", seconds)) s: \(rate) a second, \
                \(events) events a second, \(ratio) times as fast as real time
                \(endings.joined(separator: ", "))
                \(contents.violations == 0 ? "no promise was broken" : "\(contents.violations) nights broke a promise")
                """
        }
    }
}

/// Says something at once, also to who looks on through a pipe.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
