package import RolloutEngine

/// What is said to a command line and what it answers, as a machine: events in, effects out. Pure.
///
/// One command at a time. Its echo must come back letter by letter before anything counts as its answer; its answer ends
/// with a prompt that is the whole last line, shows the hostname learnt at login, and is followed by a short silence.
///
/// No silence is waited for where no output is that the prompt could stand in the middle of: behind the echo of a command
/// that should say nothing (`Weight.proved`); nor behind one of which nobody reads what it says (`Weight.unread`). The echo of
/// the next command proves that prompt: whatever came in between ends the conversation. Whoever feeds it keeps the time: `Effect.listen` says what is awaited.
package struct Conversation: Sendable {
    /// What happened.
    package enum Event: Sendable {
        /// The device printed something.
        case bytes([UInt8])
        /// It printed nothing for as long as it takes to be sure.
        case silence
        /// The time for this command is over.
        case deadline
        /// The connection ended.
        case ended
    }

    /// What is to be done.
    package enum Effect: Hashable, Sendable {
        /// Send these bytes.
        case send([UInt8])
        /// Send the secret that this command may be answered with. It never passes through here.
        case sendSecret
        /// Wait for bytes; `forSilence` when a silence settles something.
        case listen(forSilence: Bool)
        /// The command is over.
        case done(Answer)
        /// The conversation is over: nothing more can be understood.
        case fail(Failure)
    }

    /// What hangs on a command's answer.
    package enum Weight: Sendable {
        /// Something is concluded from it: it counts once a silence shows that it is whole.
        case concluded
        /// It should be nothing, and another command follows, whose echo proves that it was. Else as `concluded`.
        case proved
        /// Nothing, whatever it is, but a mistake that it tells of; another command follows, whose echo proves that it was over.
        case unread
    }

    /// What a command said.
    package struct Answer: Hashable, Sendable {
        /// The lines between echo and prompt, without log messages and what belongs to prompts.
        package var lines: [String]
        /// The mode it left the device in.
        package var mode: String
        /// The line that tells of a mistake, with those around it; nil when there is none.
        package var complaint: String?
        /// What a question meant that was answered only to get away.
        package var failure: String?

        /// An answer.
        package init(
            lines: [String] = [], mode: String = "", complaint: String? = nil, failure: String? = nil
        ) {
            self.lines = lines
            self.mode = mode
            self.complaint = complaint
            self.failure = failure
        }

        /// As one text.
        package var text: String { lines.joined(separator: "\n") }
    }

    /// Why nothing more can be understood.
    package struct Failure: Error, Hashable, Sendable {
        package var code: DriverError.Code
        package var message: String
    }

    private enum State {
        case login
        case idle
        case echo(command: String, joined: String)
        case answer(command: String)
        case over
    }

    private let kept: KeptDefinition
    private var definition: PlatformDefinition { _read { yield kept.value } }
    private let outputLimit: Int
    private var matcher: PromptMatcher
    private var text = TerminalText()
    private var state = State.login
    private var answer = Answer()
    private var above: String?
    private var pagerResidue: String?
    private var questionsAnswered = 0
    private var maySendSecret = false
    private var hasSentSecret = false
    private var weight = Weight.concluded
    /// Whether what is asked for is a log: its lines are output.
    private var keepsChatter = false
    /// Whether anything came behind the echo but what belongs to the prompt.
    private var hasSpoken = false
    private var used = 0
    private var prompt = ""

    /// More questions than this in one command are a loop.
    private static let mostQuestions = 8

    /// A conversation with a device that was just logged in to: its first prompt is awaited.
    package init(_ definition: KeptDefinition, outputLimit: Int = 16 << 20) {
        kept = definition
        self.outputLimit = outputLimit
        matcher = PromptMatcher(definition)
    }

    /// The name that its prompts show, once one was seen.
    package var hostname: String? { matcher.hostname }

    /// Begins a command. The answer to the one before must have come.
    ///
    /// - Parameters:
    ///   - hasSecret: Whether a password that it asks for can be given, once.
    ///   - weight: What hangs on its answer.
    ///   - keepsChatter: Whether log messages are what is asked for.
    /// - Throws: `Failure` with `.unsupported` for what must not be sent: several lines, control characters, templates that
    ///   were not rendered, more than fits the terminal's width.
    package mutating func ask(
        _ command: String, hasSecret: Bool = false, weight: Weight = .concluded, keepsChatter: Bool = false
    ) throws(Failure)
        -> [Effect]
    {
        switch state {
        case .idle: break
        default:
            throw Failure(code: .connectionLost, message: "the session was given up before '\(command.prefix(80))'")
        }
        if let problem = problem(with: command) {
            throw Failure(code: .unsupported, message: "'\(command.prefix(80))' is not sent: \(problem)")
        }
        answer = Answer()
        above = nil
        questionsAnswered = 0
        maySendSecret = hasSecret
        hasSentSecret = false
        self.weight = weight
        self.keepsChatter = keepsChatter
        hasSpoken = false
        used = text.count
        state = .echo(command: command, joined: "")
        return [.send(Array((command + definition.enter).utf8)), .listen(forSilence: false)]
    }

    /// Takes in what happened.
    package mutating func handle(_ event: Event) -> [Effect] {
        switch event {
        case .bytes(let bytes):
            text.feed(bytes)
            guard text.count - used <= outputLimit else {
                return fail(.outputTooLarge, "it printed more than \(outputLimit) bytes")
            }
            if let failure = takeLines() { return failure }
            return look(isSilent: false)
        case .silence: return look(isSilent: true)
        case .deadline: return fail(.timeout, "no prompt came in time; the last line is '\(excerpt)'")
        case .ended: return fail(.connectionLost, "the session ended; the last line is '\(excerpt)'")
        }
    }

    // MARK: Lines

    /// Sorts the lines that ended; gives the end of the conversation when they cannot be right.
    private mutating func takeLines() -> [Effect]? {
        for line in text.takeLines() {
            switch state {
            case .login, .idle, .over: break
            case .echo(let command, let joined):
                if let failure = takeEcho(line, of: command, after: joined) { return failure }
            case .answer: takeAnswer(line)
            }
            above = line
        }
        return nil
    }

    /// The echo may be wrapped by a terminal that did not believe its width, and log messages may stand before it.
    private mutating func takeEcho(_ line: String, of command: String, after joined: String) -> [Effect]? {
        let shown = joined + line
        let wanted = command.trimmingTrailingSpaces()
        // The space at the end of a prompt may have come after it.
        let behind = shown.hasPrefix(prompt) ? shown.dropFirst(prompt.count).drop { $0 == " " } : ""
        if shown == wanted || behind == wanted || isPrompted(shown, by: wanted) {
            state = .answer(command: command)
            return nil
        }
        // Where it was wrapped, spaces may be gone.
        let (part, whole) = (shown.filter { $0 != " " }, (prompt + wanted).filter { $0 != " " })
        if !joined.isEmpty, part == whole {
            state = .answer(command: command)
            return nil
        }
        if whole.hasPrefix(part), part.utf8.count > prompt.filter({ $0 != " " }).utf8.count {
            state = .echo(command: command, joined: shown)
            return nil
        }
        let alone = line.hasPrefix(prompt) ? String(line.dropFirst(prompt.count)) : line
        if joined.isEmpty, alone.isEmpty || isChatter(alone) || prompt.trimmingTrailingSpaces() == line { return nil }
        return fail(.garbledOutput, "the echo of '\(wanted.prefix(120))' should come, but '\(line.prefix(200))' came")
    }

    /// A prompt that was written anew, after a log message or in another mode's colours, and the command behind it.
    private mutating func isPrompted(_ shown: String, by wanted: String) -> Bool {
        guard shown.hasSuffix(wanted) else { return false }
        let before = String(shown.dropLast(wanted.count))
        if case .prompt? = matcher.prompt(in: before, above: above) { return true }
        return false
    }

    private mutating func takeAnswer(_ raw: String) {
        var line = raw
        if hasSentSecret {
            // The rest of the line that asked for it.
            hasSentSecret = false
        } else if case .proved = weight, !hasSpoken {
            hasSpoken = !belongsToPrompt(raw)
        }
        if let residue = pagerResidue {
            pagerResidue = nil
            // Not every device wipes its pager away.
            for text in [residue, residue.trimmingTrailingSpaces()] where line.hasPrefix(text) {
                line = String(line.dropFirst(text.count))
                break
            }
        }
        // A prompt that is shown anew after a log message is no output; in a banner, it says nothing that is compared.
        if !keepsChatter && isChatter(line) || isPrompt(line) { return }
        if answer.complaint == nil, kept.complaints.isFound(in: line) {
            answer.complaint = line.trimmingTrailingSpaces()
        }
        answer.lines.append(line)
    }

    /// Whether a line is one that stands above a prompt.
    private func belongsToPrompt(_ line: String) -> Bool {
        line.isEmpty
            || definition.modes.contains { mode in
                mode.above?.isFound(in: line) ?? mode.sample.split(separator: "\n").dropLast().contains { $0 == line }
            }
    }

    private func isChatter(_ line: String) -> Bool { kept.chatter.isFound(in: line) }

    private mutating func isPrompt(_ line: String) -> Bool {
        guard line.utf8.count <= PromptMatcher.longest, case .prompt? = matcher.prompt(in: line, above: above) else {
            return false
        }
        return true
    }

    // MARK: The last line

    private mutating func look(isSilent: Bool) -> [Effect] {
        switch state {
        case .idle, .over: return [.listen(forSilence: false)]
        case .echo(let command, let joined):
            // Half an echo and then a prompt: the device took something else than what was sent.
            guard !joined.isEmpty, let last = text.lastLine(upTo: PromptMatcher.longest),
                case .prompt? = matcher.prompt(in: last, above: above)
            else { return [.listen(forSilence: false)] }
            guard isSilent else { return [.listen(forSilence: true)] }
            return fail(
                .garbledOutput, "the echo of '\(command.prefix(120))' should come, but '\(joined.suffix(200))' came")
        case .login, .answer: break
        }
        switch matcher.tail(of: text, above: above) {
        case .output: return [.listen(forSilence: false)]
        case .prompt(let mode, let hostname):
            return isSilent || isProvedLater ? end(in: mode, hostname) : [.listen(forSilence: true)]
        case .pager:
            guard case .answer = state, let last = text.lastLine(upTo: PromptMatcher.longest) else {
                return [.listen(forSilence: false)]
            }
            guard isSilent || pagerResidue == nil else { return [.listen(forSilence: true)] }
            pagerResidue = last
            return [.send([0x20]), .listen(forSilence: false)]
        case .question(let question):
            guard isSilent else { return [.listen(forSilence: true)] }
            guard case .answer = state, questionsAnswered < Self.mostQuestions else {
                return fail(.refused, "it asks '\(excerpt)', again and again")
            }
            questionsAnswered += 1
            if let failure = question.failure { answer.failure = "\(failure): it asked '\(excerpt)'" }
            return [.send(Array((question.answer + definition.enter).utf8)), .listen(forSilence: false)]
        case .unknownQuestion:
            guard isSilent else { return [.listen(forSilence: true)] }
            guard case .answer(let command) = state else { return [.listen(forSilence: false)] }
            return fail(
                .refused,
                "to '\(command.prefix(120))' it asks '\(excerpt)', and its definition does not say what to answer")
        case .password:
            guard isSilent else { return [.listen(forSilence: true)] }
            if case .answer = state, maySendSecret {
                maySendSecret = false
                hasSentSecret = true
                return [.sendSecret, .listen(forSilence: false)]
            }
            return fail(
                .authentication,
                "it asks for a password ('\(excerpt)') that was not given or not accepted: set ssh.enable_password, or log"
                    + " in with an account that needs none for configuration")
        }
    }

    /// Whether nothing is concluded from the answer, or the prompt stands where output would begin and nothing from there being none.
    private var isProvedLater: Bool {
        guard case .answer = state, !hasSentSecret, pagerResidue == nil, matcher.hostname != nil else { return false }
        return switch weight {
        case .concluded: false
        case .proved: !hasSpoken
        case .unread: true
        }
    }

    /// The prompt stands: the command is over.
    private mutating func end(in mode: String, _ hostname: String) -> [Effect] {
        if matcher.hostname == nil { matcher.learn(hostname) }
        prompt = text.lastLine
        answer.mode = mode
        // What belongs to a prompt of two lines is no output; an empty line before a prompt is none either.
        if let above = definition.mode(mode)?.above, let last = answer.lines.last, above.isFound(in: last) {
            answer.lines.removeLast()
        }
        while answer.lines.last?.isEmpty == true { answer.lines.removeLast() }
        while answer.lines.first?.isEmpty == true { answer.lines.removeFirst() }
        if let complaint = answer.complaint {
            let near = answer.lines.prefix(6).joined(separator: " | ")
            answer.complaint = answer.lines.count > 1 ? "\(complaint) (\(near.prefix(300)))" : complaint
        }
        state = .idle
        return [.done(answer)]
    }

    private mutating func fail(_ code: DriverError.Code, _ message: String) -> [Effect] {
        state = .over
        return [.fail(Failure(code: code, message: message))]
    }

    private var excerpt: String { String(text.lastLine.trimmingTrailingSpaces().suffix(200)) }

    // MARK: What may be sent

    private func problem(with command: String) -> String? {
        if command.isEmpty { return "it is empty" }
        let bytes = Array(command.utf8)
        if bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) { return "it holds a control character" }
        for (first, second) in zip(bytes, bytes.dropFirst()) where first == UInt8(ascii: "{") {
            if second == UInt8(ascii: "{") || second == UInt8(ascii: "%") {
                return "it holds '{\(Character(UnicodeScalar(second)))': a template was not rendered"
            }
        }
        let room = definition.width - prompt.utf8.count - 2
        return bytes.count > room ? "it is longer than the \(room) columns that the terminal has left" : nil
    }
}

extension String {
    /// Without the spaces at its end.
    func trimmingTrailingSpaces() -> String {
        guard hasSuffix(" ") else { return self }
        return String(decoding: Array(utf8.reversed().drop { $0 == 0x20 }.reversed()), as: UTF8.self)
    }
}
