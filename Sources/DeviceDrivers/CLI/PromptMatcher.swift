import RolloutEngine

/// Says what the end of a terminal's output is: a prompt, a pager, a question, or nothing yet. Pure.
///
/// Only the last line counts, the one without an end, and only as a whole: what stands in the middle of output is output. A
/// prompt must also show the hostname that the device showed at login. Configuration can hold a line that looks like all
/// of that; so whoever asks must also have seen the echo of what it sent, and wait for a short silence.
package struct PromptMatcher: Sendable {
    /// What stands at the end.
    package enum Tail: Hashable, Sendable {
        /// Nothing that waits for us.
        case output
        /// The prompt of a mode.
        case prompt(mode: String, hostname: String)
        /// More output after a key.
        case pager
        /// A question that the definition answers.
        case question(PlatformDefinition.Question)
        /// Something asks for yes or no, or for a choice, and nobody said how to answer.
        case unknownQuestion
        /// Something asks for a password.
        case password
    }

    /// No prompt is longer, in characters.
    package static let longest = 512
    /// A hostname that was cut short to fit a prompt keeps at least so many letters.
    private static let shortestCut = 10

    private let kept: KeptDefinition
    private var definition: PlatformDefinition { _read { yield kept.value } }
    /// The name that prompts show, once the first one was seen.
    package private(set) var hostname: String?
    /// Prompts that were made out: a device shows few, again and again.
    private var prompts: [String: Tail] = [:]
    /// Whether a line alone says whether it is a prompt.
    private let keepsPrompts: Bool
    private static let mostPrompts = 64

    private static let password = pattern("(?i)(password|passphrase|passcode)( for \\S+)?: *$")
    private static let unknown = pattern(
        "(?i)([\\[(](y(es)?[/|,]no?|y/n.*|confirm|yes,no|no)[\\])]( ?\\(\\w+\\))?[:?]? *|\\? *)$")

    /// A matcher for a platform.
    package init(_ definition: KeptDefinition) {
        kept = definition
        keepsPrompts = definition.value.modes.allSatisfy { $0.above == nil }
    }

    /// Notes what the device calls itself in its prompts, from the first one.
    package mutating func learn(_ hostname: String) {
        self.hostname = hostname
        prompts = [:]
    }

    /// What the end of the output is.
    ///
    /// - Parameter above: The last line that ended, when there is one.
    package mutating func tail(of text: borrowing TerminalText, above: String?) -> Tail {
        guard let line = text.lastLine(upTo: Self.longest), !line.isEmpty else { return .output }
        if let prompt = prompt(in: line, above: above) { return prompt }
        if let pager = definition.pager, pager.isFound(in: line) { return .pager }
        if let question = definition.questions.first(where: { $0.ask.isFound(in: line) }) { return .question(question) }
        if Self.password.isFound(in: line) { return .password }
        return Self.unknown.isFound(in: line) ? .unknownQuestion : .output
    }

    /// The mode whose prompt a line is.
    package mutating func prompt(in line: String, above: String?) -> Tail? {
        guard mayShowOurs(line) else { return nil }
        if let known = prompts[line] { return known }
        for index in definition.modes.indices where definition.modes[index].isShown(by: line, above: above) {
            let shown = definition.modes[index].prompt.firstMatch(in: line)?["hostname"] ?? ""
            guard isOurs(shown) else { continue }
            let prompt = Tail.prompt(mode: definition.modes[index].name, hostname: shown)
            if keepsPrompts, prompts.count < Self.mostPrompts { prompts[line] = prompt }
            return prompt
        }
        return nil
    }

    /// Whether a line holds as much of our hostname as a prompt shows: few lines of an output do, and each is asked of.
    private func mayShowOurs(_ line: String) -> Bool {
        guard var name = hostname else { return true }
        var line = line
        return name.withUTF8 { name in
            line.withUTF8 { line in
                let least = min(name.count, Self.shortestCut)
                guard least > 0 else { return true }
                guard line.count >= least else { return false }
                return (0...(line.count - least)).contains { start in
                    line[start] == name[0] && (1..<least).allSatisfy { line[start + $0] == name[$0] }
                }
            }
        }
    }

    private func isOurs(_ shown: String) -> Bool {
        guard let hostname else { return true }
        // Views that hang on the hostname by a dash, as `[~core-1-GigabitEthernet0/0/1]`, are its prompts as well.
        if shown.hasPrefix(hostname + "-") { return true }
        return shown == hostname || (shown.utf8.count >= Self.shortestCut && hostname.hasPrefix(shown))
    }

    private static func pattern(_ text: String) -> LineExpression {
        do { return try LineExpression(text) } catch { preconditionFailure("\(text) \(error)") }
    }
}
