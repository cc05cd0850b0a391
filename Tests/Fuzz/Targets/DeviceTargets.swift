#if DEBUG
@testable import DeviceDrivers
@testable import RolloutEngine

extension FuzzTarget {
    private static let scope = ConfigScope(interfaces: ["e0"], files: ["/etc/motd"])

    /// Each part is an answer: `NAME STATUS`, and what was printed from the next line on.
    static func readLinuxAnswers(_ bytes: [UInt8]) throws(BrokenPromise) {
        let answers = Self.answers(bytes)
        let framed = Self.framed(answers)
        // The same bytes as they are: a frame that was not written by our script.
        if let forged = try? ShellReport(bytes, nonce: "n") {
            let length = forged.entries.reduce(0) { $0 + $1.output.count + 6 }
            try promise(length <= bytes.count, "a report says more than its bytes")
        }
        guard let report = try? ShellReport(framed, nonce: "n") else { return }
        try promise(report.entries.map(\.output) == answers.map(\.1), "an answer is not what was printed")
        do {
            let reading = try LinuxReading(report, scope: LinuxScope(scope))
            let again = try LinuxReading(report, scope: LinuxScope(scope))
            try promise(reading.observation == again.observation, "read twice, it says two things")
            try promise(reading.traces == again.traces, "read twice, its timers differ")
            try promise(reading.traces.allSatisfy { $0.remaining ?? .zero >= .zero }, "a timer acted in the future")
            for section in reading.observation.config.sections { try canBeRestored(section) }
        } catch let broken as BrokenPromise {
            throw broken
        } catch let error as DriverError {
            try promise(!error.message.isEmpty, "refused without a reason")
        } catch {
            try promise(error is ShellReport.Garbled, "refused as \(error)")
        }
    }

    /// Three outputs: queueing disciplines, classes, filters.
    static func readTrafficControl(_ bytes: [UInt8]) throws(BrokenPromise) {
        let outputs = parts(bytes, 3)
        guard
            let shaping = try? TrafficControlOutput.shaping(
                disciplines: outputs[0], classes: text(outputs[1]), filters: text(outputs[2]))
        else { return }
        try canBeRestored(.init(name: "qdisc e0", lines: shaping.lines))
        try canBeShaped(shaping)
    }

    /// Lines that claim to be canonical: of shaping, then of a file.
    static func readConfigLines(_ bytes: [UInt8]) throws(BrokenPromise) {
        let halves = parts(bytes, 2).map { text($0).split(separator: "\n").map(String.init) }
        if let shaping = Shaping(lines: halves[0]) {
            try canBeRestored(.init(name: "qdisc e0", lines: shaping.lines))
            try canBeShaped(shaping)
        }
        if let file = FileSection(lines: halves[1]) {
            try canBeRestored(.init(name: "file /etc/motd", lines: file.lines))
            try promise(isSame(file.lines, halves[1]), "lines of a file read as others: \(file.lines)")
        }
    }

    /// What a driver read it can put back from its lines alone.
    private static func canBeRestored(_ section: DeviceConfig.Section) throws(BrokenPromise) {
        let again =
            section.name.hasPrefix("qdisc ")
            ? Shaping(lines: section.lines)?.lines : FileSection(lines: section.lines)?.lines
        try promise(isSame(again ?? ["nothing"], section.lines), "\(section.lines) reads back as \(again ?? [])")
    }

    /// A change either is refused or leads to lines that can be restored and a way there.
    private static func canBeShaped(_ shaping: Shaping) throws(BrokenPromise) {
        let trafficClass: String? = if case .classes(let tree) = shaping { tree.classes.first?.id } else { nil }
        for rate: UInt64 in [8000, 1_234_567, 500_000_000, 4_000_000_000_000] {
            guard
                let wanted = try? shaping.shaped(
                    to: BitsPerSecond(rate), burst: ByteCount(16384), trafficClass: trafficClass, on: "e0")
            else { continue }
            try canBeRestored(.init(name: "qdisc e0", lines: wanted.lines))
            try promise(wanted.commands(from: shaping, on: "e0") != nil, "no way from \(shaping) to \(wanted)")
            try promise(shaping.commands(from: wanted, on: "e0") != nil, "no way back from \(wanted) to \(shaping)")
        }
    }

    /// The answers that an input holds: a part each, its heading in the first line.
    static func answers(_ bytes: [UInt8]) -> [(heading: [UInt8], output: [UInt8])] {
        parts(bytes, 40).filter { !$0.isEmpty }.map { part in
            let end = part.firstIndex(of: UInt8(ascii: "\n")) ?? part.count
            return (Array(part[..<end]), Array(part[min(end + 1, part.count)...]))
        }
    }

    /// Answers as our script prints them.
    static func framed(_ answers: [([UInt8], [UInt8])]) -> [UInt8] {
        var frame = Array("@@begin n\n".utf8)
        for (heading, output) in answers {
            frame += Array("@".utf8) + heading + Array(" \(output.count)\n".utf8) + output + [UInt8(ascii: "\n")]
        }
        return frame + Array("@@end n \(answers.count)\n".utf8)
    }

    /// The first bytes of a connection; then lines of known hosts.
    static func readGreeting(_ bytes: [UInt8]) throws(BrokenPromise) {
        let given = parts(bytes, 2)
        let isPrintable = { (text: String) in text.utf8.allSatisfy { (32...126).contains($0) } }
        try promise(isPrintable(KeyExchangeOffer.greeting(in: given[0]) ?? ""), "a greeting holds controls")
        if let offer = KeyExchangeOffer(firstBytes: given[0]) {
            try promise(isPrintable(offer.text(of: [])), "an offer holds controls")
            try promise(offer.gaps(with: offer).count <= 4, "an offer is not itself")
        }
        let hosts = KnownHosts(text(given[1]))
        let count = given[1].count { $0 == UInt8(ascii: "\n") } + 1
        try promise(hosts.lines.count + hosts.unreadable.count <= count, "known hosts has more lines than its text")
        try promise(hosts.lines.allSatisfy { (1...count).contains($0.entry.line) }, "a key stands on no line")
    }
}
#endif
