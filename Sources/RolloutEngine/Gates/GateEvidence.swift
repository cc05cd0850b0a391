public import Foundation

/// All that some verdicts were concluded from, as one file: they can be reached again from it years later, without the store.
///
/// A header line with the format and the digest of all that follows, a line with how it was judged, and a line for each
/// reading, all of them JSON with sorted keys. The digest is SHA-256 over the lines as they stand.
public struct GateEvidence: Sendable {
    /// What was judged, and how.
    public var setting: Setting
    /// Every reading that was looked at, subject by subject, oldest first.
    public var samples: [CounterSample]

    /// What was judged, and how.
    public struct Setting: Hashable, Codable, Sendable {
        /// The version of the tool that wrote the file.
        public var tool: String
        /// The rollout.
        public var rollout: RolloutID
        /// The digest of its plan.
        public var plan: Digest
        /// The wave.
        public var wave: Wave
        /// Its devices that held the change.
        public var treated: [Device]
        /// The devices they were compared with.
        public var control: [Device]
        /// The links that the wave loads.
        public var links: [PlannedLink]
        /// The gates that were judged.
        public var rules: [GateRule]
        /// How counters were read.
        public var watch: WatchRule
        /// The rates to which whole interfaces of the wave's devices are shaped by the change.
        public var shapedRates: [DeviceName: [String: BitsPerSecond]]
        /// How restless traffic was on earlier nights, where that was known.
        public var history: TrafficHistory?
        /// The verdicts, in the order of the gates.
        public var verdicts: [Verdict]
        /// How many readings follow.
        public var readings: Int
    }

    /// Finds what verdicts were concluded from.
    ///
    /// - Parameters:
    ///   - verdicts: All verdicts that were reached together.
    ///   - samples: The rollout's readings.
    /// - Throws: `EvidenceTrouble` when that cannot be found any more.
    public init(
        for verdicts: [Verdict], ofWave index: Int, of plan: Plan, rollout: RolloutID, planDigest: Digest, tool: String,
        samples: [CounterSample]
    ) throws(EvidenceTrouble) {
        guard let basis = verdicts.lazy.compactMap(\.basis).first, let first = verdicts.first else {
            throw EvidenceTrouble("these verdicts were reached by a version that did not keep what they rest on")
        }
        guard let wave = plan.waves.first(where: { $0.index == index }) else {
            throw EvidenceTrouble("the plan has no wave \(index)")
        }
        let devices = Dictionary(
            plan.devices.map { ($0.device.name, $0.device) }, uniquingKeysWith: { first, _ in first })
        let names = verdicts.map(\.gate)
        let loaded = Set(wave.predicted.map(\.link))
        var watch = plan.policy.watch
        watch.poll = basis.poll
        var shaped: [DeviceName: [String: BitsPerSecond]] = [:]
        for planned in plan.devices where basis.treated.contains(where: { $0.device == planned.device.name }) {
            shaped[planned.device.name] = planned.shapedRates
        }
        setting = Setting(
            tool: tool, rollout: rollout, plan: planDigest, wave: wave,
            treated: basis.treated.compactMap { devices[$0.device] }, control: basis.control.compactMap { devices[$0] },
            links: plan.links.filter { loaded.contains($0.link.name) },
            rules: names.compactMap { name in plan.policy.gates.first { $0.name == name } }, watch: watch,
            shapedRates: shaped, history: plan.history, verdicts: verdicts, readings: 0)
        self.samples = []
        var input = input
        let subjects = input.subjects
        let oldest = input.oldestReading
        input.samples = Dictionary(
            grouping: samples.filter { subjects.contains($0.subject) && $0.at >= oldest && $0.at <= basis.newest },
            by: \.subject)
        self.samples = subjects.sorted { $0.sortKey < $1.sortKey }.flatMap { input.judgedSamples(of: $0) }
        setting.readings = self.samples.count
        let found = Verdict.Basis(of: input)
        guard found.mark == basis.mark else {
            throw EvidenceTrouble(
                "the store does not hold what was judged any more: \(basis.readings) readings were, \(found.readings) are there up to \(first.after.to)"
            )
        }
    }

    /// The same evidence of some of its gates alone, with what these look at.
    ///
    /// - Throws: `EvidenceTrouble` when one of them was not judged.
    public func only(_ names: [GateName]) throws(EvidenceTrouble) -> Self {
        if let missing = names.first(where: { name in !setting.verdicts.contains { $0.gate == name } }) {
            let judged = setting.verdicts.map(\.gate.rawValue).joined(separator: ", ")
            throw EvidenceTrouble("gate \(missing) was not judged: \(judged) were")
        }
        var part = self
        part.setting.rules.removeAll { !names.contains($0.name) }
        let subjects = part.input.subjects
        part.samples.removeAll { !subjects.contains($0.subject) }
        part.setting.readings = part.samples.count
        // What the verdicts rest on is kept with the first of them, and stands for fewer readings now; when it was judged and by
        // which version of the rules stays.
        var basis = Verdict.Basis(of: part.input)
        basis.version = setting.verdicts.lazy.compactMap(\.basis).first?.version ?? basis.version
        part.setting.verdicts.removeAll { !names.contains($0.gate) }
        for index in part.setting.verdicts.indices { part.setting.verdicts[index].basis = index == 0 ? basis : nil }
        return part
    }

    private var input: GateInput {
        let basis = setting.verdicts.lazy.compactMap(\.basis).first
        var changedAt: [DeviceName: Instant] = [:]
        for touched in basis?.treated ?? [] { changedAt[touched.device] = touched.at }
        let first = setting.verdicts.first
        let none = Verdict.Window(from: Instant(milliseconds: 0), to: Instant(milliseconds: 0))
        var input = GateInput(
            wave: setting.wave, treated: setting.treated, control: setting.control, links: setting.links,
            rules: setting.rules, watch: setting.watch, samples: Dictionary(grouping: samples, by: \.subject),
            before: first?.before ?? none, after: first?.after ?? none, changedAt: changedAt, history: setting.history)
        input.shapedRates = setting.shapedRates
        return input
    }

    /// Judges again.
    public func replay() throws -> Replay {
        Replay(was: setting.verdicts, now: GateEvaluator.judge(input))
    }

    /// What was concluded then, and what is concluded now.
    public struct Replay: Hashable, Sendable {
        /// What was concluded then.
        public var was: [Verdict]
        /// What is concluded from the same readings now.
        public var now: [Verdict]

        /// The version of the rules by which it was judged then.
        public var version: Int? { was.lazy.compactMap(\.basis).first?.version }
        /// Whether the conclusions are the same to the last digit; which version reached them does not count.
        public var isSame: Bool { was.map(Self.plain) == now.map(Self.plain) }
        /// The verdicts that differ.
        public var differences: [(was: Verdict, now: Verdict)] {
            zip(was, now).filter { Self.plain($0) != Self.plain($1) }.map { (was: $0, now: $1) }
        }

        private static func plain(_ verdict: Verdict) -> Verdict {
            var verdict = verdict
            verdict.basis?.version = 0
            return verdict
        }
    }

    // MARK: The file

    private static let magic = "rollout-evidence"
    private static let format = 1

    /// The whole file.
    public func bytes() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var body = try encoder.encode(setting)
        for sample in samples {
            body.append(UInt8(ascii: "\n"))
            body.append(try encoder.encode(sample))
        }
        let digest = Digest(of: body).hexadecimal
        return Data("\(Self.magic) \(Self.format) sha256:\(digest)\n".utf8) + body + Data("\n".utf8)
    }

    /// Reads a file and proves that it is as it was written.
    ///
    /// - Throws: `InputError` with the line, when it is no evidence, was cut or changed, or is from a newer version.
    public init(_ bytes: Data, from path: String) throws(InputError) {
        func place(_ line: Int) -> SourceLocation { SourceLocation(file: path, line: line) }
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if bytes.last == UInt8(ascii: "\n") { lines.removeLast() }
        let header = String(decoding: (lines.first ?? Data()).prefix(200), as: UTF8.self).split(separator: " ")
        guard header.count == 3, header[0] == Self.magic, let format = Int(header[1]), header[2].hasPrefix("sha256:")
        else {
            throw InputError(
                at: place(1), "this is not evidence of a gate",
                remedy: "write some with: rollout gate export ROLLOUT -o FILE")
        }
        guard format <= Self.format else {
            throw InputError(
                at: place(1), "the evidence has format \(format), this version reads up to \(Self.format)",
                remedy: "replay it with the version that wrote it, or a newer one")
        }
        guard lines.count > 1 else { throw InputError(at: place(1), "the evidence is cut: it ends after its header") }
        let decoder = JSONDecoder()
        do { setting = try decoder.decode(Setting.self, from: lines[1]) } catch {
            throw InputError(at: place(2), "how it was judged cannot be read: the file was cut or changed")
        }
        samples = []
        for (index, line) in lines.enumerated().dropFirst(2) {
            do { samples.append(try decoder.decode(CounterSample.self, from: line)) } catch {
                throw InputError(at: place(index + 1), "this reading cannot be read: the file was cut or changed")
            }
        }
        guard samples.count == setting.readings else {
            throw InputError(
                at: place(lines.count),
                "the evidence is cut: it ends after \(samples.count) of \(setting.readings) readings")
        }
        let body = bytes.dropFirst(lines[0].count + 1)
        let digest = Digest(of: body.last == UInt8(ascii: "\n") ? body.dropLast() : body)
        guard header[2] == "sha256:\(digest.hexadecimal)" else {
            throw InputError(
                at: place(1),
                "the evidence was changed after it was written: its digest is \(digest.short), the header says \(header[2])",
                remedy: "export it again from the store")
        }
    }
}

/// Why evidence cannot be given.
public struct EvidenceTrouble: Error, Hashable, Sendable, CustomStringConvertible {
    /// In words.
    public var description: String

    init(_ description: String) { self.description = description }
}
