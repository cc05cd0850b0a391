#if DEBUG
import Foundation
@testable import RolloutEngine

/// What is written by the tool, and read again.
extension FuzzTarget {
    /// A plan file; or the JSON of a plan, for which a true header is made.
    static func readPlan(_ bytes: [UInt8]) throws(BrokenPromise) {
        try readPlanFile(Data(bytes))
        for format in 1...Plan.currentFormat {
            let header = "rollout-plan \(format) sha256:\(Digest(of: Data(bytes)).hexadecimal)\n"
            try readPlanFile(Data(header.utf8) + Data(bytes))
        }
    }

    private static func readPlanFile(_ bytes: Data) throws(BrokenPromise) {
        do throws(InputError) {
            let read = try PlanFile(bytes, from: "x.plan")
            guard let written = try? PlanFile(read.plan) else {
                throw InputError(at: SourceLocation(file: ""), "a plan that was read cannot be written")
            }
            let again = try PlanFile(written.bytes, from: "again.plan")
            guard again.plan == read.plan else { throw InputError(at: SourceLocation(file: ""), "it reads otherwise") }
            for device in read.plan.devices {
                if let target = device.target { _ = ConfigDiff(from: target.base, to: target.desired) }
            }
            _ = PlanDuration.estimate(read.plan)
            _ = read.plan.links.map { "\($0.link.capacity) \($0.cap.approximate)" }
            _ = read.plan.policy.headroom.cap.description
        } catch {
            let places = error.complaints.map(\.location)
            try promise(!places.isEmpty && places.allSatisfy { $0.file == "x.plan" && $0.line == 1 }, "\(error)")
        }
    }

    /// A fact on each line.
    static func readJournal(_ bytes: [UInt8]) throws(BrokenPromise) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var state = RolloutState()
        var sequence: Int64 = 0
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let plain = line.withUnsafeBytes(PlainFact.read)
            guard let fact = try? JSONDecoder().decode(Fact.self, from: Data(line)) else {
                try promise(plain == nil, "what is no fact is read as one")
                continue
            }
            try promise(plain == nil || plain == fact, "the short way reads another fact than \(fact)")
            guard let written = try? encoder.encode(fact) else {
                throw BrokenPromise(description: "a fact that was read cannot be written: \(fact)")
            }
            let again = try? JSONDecoder().decode(Fact.self, from: written)
            try promise(again == fact, "a fact reads otherwise: \(fact)")
            try promise(again.flatMap { try? encoder.encode($0) } == written, "a fact is written in two ways: \(fact)")
            sequence += 1
            state.apply(
                JournalEntry(
                    sequence: sequence, at: Instant(milliseconds: 1_770_000_000_000 + sequence * 1000), fence: 1,
                    fact: fact))
        }
    }

    /// Two configurations; a line `@NAME` starts a section.
    static func compareConfigs(_ bytes: [UInt8]) throws(BrokenPromise) {
        let configs = parts(bytes, 2).map { DeviceConfig(sections: sections(text($0))) }
        let (base, desired) = (configs[0], configs[1])
        let difference = ConfigDiff(from: base, to: desired)
        let lines = { (config: DeviceConfig, name: String) in
            config.sections.first { $0.name.utf8.elementsEqual(name.utf8) }?.lines ?? []
        }
        for name in Set((base.sections + desired.sections).map(\.name)) {
            let (before, after) = (lines(base, name), lines(desired, name))
            let section = difference.sections.first { $0.name.utf8.elementsEqual(name.utf8) }
            try promise((section == nil) == isSame(before, after), "'\(name)' differs, and no line of it")
            guard let section else { continue }
            let removed = section.lines.filter { $0.kind == .removed }.map(\.text)
            let added = section.lines.filter { $0.kind == .added }.map(\.text)
            let kept = section.lines.filter { $0.kind == .kept }.map(\.text)
            try promise(isIn(before, section.lines, without: .added), "what stays and goes is not in \(before)")
            try promise(isIn(after, section.lines, without: .removed), "what stays and comes is not in \(after)")
            try promise(
                bag(before, without: removed) == bag(after, without: added),
                "\(before) without \(removed) is not \(after) without \(added), beside \(kept)")
        }
        try promise(
            base.isEquivalent(to: desired) == (base.digest == desired.digest), "the digest and the comparison disagree")
        if base.sections.map(\.name) == desired.sections.map(\.name) {
            try promise(difference.isEmpty == base.isEquivalent(to: desired), "no difference, and yet not the same")
        }
    }

    private static func sections(_ text: String) -> [DeviceConfig.Section] {
        var sections: [DeviceConfig.Section] = []
        var names: Set<[UInt8]> = []
        // Not by characters, of which a carriage return and a newline are one.
        for part in Array(text.utf8).split(separator: UInt8(ascii: "\n")) {
            let line = String(decoding: part, as: UTF8.self)
            if line.utf8.first == UInt8(ascii: "@"), names.insert(Array(line.utf8)).inserted {
                sections.append(.init(name: String(line.dropFirst()), lines: []))
            } else if !sections.isEmpty {
                sections[sections.count - 1].lines.append(line)
            }
        }
        return sections
    }

    /// Whether the lines of a difference, but for one kind, stand in a text in this order.
    private static func isIn(_ text: [String], _ lines: [ConfigDiff.Line], without kind: ConfigDiff.Line.Kind) -> Bool {
        var rest = text[...]
        for line in lines where line.kind != kind {
            guard let at = rest.firstIndex(where: { isSame([$0], [line.text]) }) else { return false }
            rest = rest[(at + 1)...]
        }
        return true
    }

    private static func bag(_ lines: [String], without others: [String]) -> [[UInt8]: Int] {
        var bag: [[UInt8]: Int] = [:]
        for line in lines { bag[Array(line.utf8), default: 0] += 1 }
        for line in others { bag[Array(line.utf8), default: 0] -= 1 }
        return bag.filter { $0.value != 0 }
    }

    /// The text.
    static func makeSafe(_ bytes: [UInt8]) throws(BrokenPromise) {
        let given = text(bytes)
        let line = SafeText.line(given)
        let block = SafeText.block(given)
        try promise(!line.unicodeScalars.contains(where: isObeyed), "a line holds what a terminal obeys: \(line)")
        let isClean = !block.unicodeScalars.contains { isObeyed($0) && $0 != "\n" && $0 != "\t" }
        try promise(isClean, "a block holds what a terminal obeys: \(block)")
        try makeSafeJSON(given)
        try promise(isSame([SafeText.line(line)], [line]), "made safe twice, it differs")
        let isTame = given.utf8.allSatisfy { (32...126).contains($0) }
        try promise(!isTame || isSame([line], [given]), "plain text was changed")
        try promise(
            !excerpt(given).unicodeScalars.contains(where: isObeyed), "an excerpt holds what a terminal obeys")
    }

    private static func makeSafeJSON(_ given: String) throws(BrokenPromise) {
        guard let data = try? JSONEncoder().encode([given]) else { return }
        let json = SafeText.json(text(Array(data)))
        try promise(!json.unicodeScalars.contains(where: isObeyed), "JSON holds what a terminal obeys: \(json)")
        let again = try? JSONDecoder().decode([String].self, from: Data(json.utf8))
        try promise(isSame(again ?? [], [given]), "JSON says something else: \(json)")
    }

    /// By number, so that it does not lean on what it checks.
    private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0: true  // C0, DEL, C1
        case 0x61c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true  // marks, embeddings, overrides, isolates
        case 0x200b...0x200d, 0x2060, 0xfeff, 0x2028, 0x2029, 0xe0000...0xe007f: true  // invisible, separators, tags
        default: false
        }
    }
}
#endif
