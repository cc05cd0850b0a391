import DeviceDrivers
import RolloutEngine

/// What was understood of a transcript, as lines of text.
enum TranscriptText {
    /// For programs.
    struct Report: Encodable {
        struct Exchange: Encodable {
            var line: Int
            var command: String
            var mode: String
            var answer: [String]
            var complaint: String?
        }

        struct Finding: Encodable {
            var what: String
            var command: String
            var value: String?
        }

        var platform: PlatformName?
        var mode: String?
        var hostname: String?
        var exchanges: [Exchange]
        var findings: [Finding]

        init(_ read: Transcript, by definition: PlatformDefinition) {
            platform = definition.names.first
            mode = read.login?.mode
            hostname = read.login?.hostname
            exchanges = read.exchanges.map {
                Exchange(
                    line: $0.line, command: $0.command, mode: $0.answer.mode, answer: $0.answer.lines,
                    complaint: $0.answer.complaint)
            }
            findings = read.findings(by: definition).map {
                Finding(what: $0.what, command: $0.command, value: $0.value)
            }
        }
    }

    /// A line for each command, and what was learnt.
    static func lines(_ read: Transcript, by definition: PlatformDefinition) -> [String] {
        guard let login = read.login else { return [] }
        var table = TextTable(["LINE", "COMMAND", "MODE", "ANSWER"])
        table.add(["", "(login)", login.mode, "\(SafeText.line(login.hostname)) in its prompts"])
        for exchange in read.exchanges {
            let said = exchange.answer.lines.count
            let answer = exchange.answer.complaint.map { "complains: \(SafeText.line($0))" }
            table.add([
                "\(exchange.line)", SafeText.line(exchange.command), exchange.answer.mode,
                answer ?? (said == 1 ? "1 line" : "\(said) lines"),
            ])
        }
        if let ending = read.ending {
            table.add(["\(ending.line)", SafeText.line(ending.command), "", "the session ends"])
        }
        var known = TextTable(["WHAT", "VALUE", "FROM"])
        for finding in read.findings(by: definition) {
            known.add([
                finding.what,
                finding.value.map(SafeText.line) ?? (finding.isAsked ? "not said" : "not asked in the transcript"),
                finding.command,
            ])
        }
        return table.lines + [""] + known.lines
    }
}
