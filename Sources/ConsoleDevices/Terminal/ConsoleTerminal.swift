/// A session's terminal on a device: bytes in, effects out.
///
/// Nothing blocks and nothing asks a clock: whoever drives it says what time it is. Each command sees the device under its
/// lock, after all that was due until then.
public struct ConsoleTerminal: Sendable {
    private let storage: any ConsoleStorage
    private let user: String
    private let hasTerminal: Bool
    private let size: (width: Int, height: Int)
    private var session: ConsoleSession?
    private var dialect: any Dialect
    private var prompt = ""
    private var editor = LineEditor()
    /// Lines that wait below a full page.
    private var waiting: [String] = []
    private var said = 0
    private var isStalled = false
    private var isOver = false
    private var faults = ConsoleFaults()

    /// A terminal of `width` columns and `height` rows. Without a terminal (an ssh channel without a pty) there are no pages.
    ///
    /// - Throws: `ConsoleError` when the device cannot be read.
    public init(
        _ storage: any ConsoleStorage, user: String = "admin", width: Int = 80, height: Int = 24,
        hasTerminal: Bool = true
    ) throws(ConsoleError) {
        self.storage = storage
        self.user = user
        self.hasTerminal = hasTerminal
        size = (width, height)
        dialect = try storage.update { device, _ in device.platform }.dialect
    }

    /// The session begins: what is said up to the first prompt.
    public mutating func open(at now: Moment) throws(ConsoleError) -> [ConsoleEffect] {
        let turn = try begin(at: now)
        var outbox = outbox()
        let greeting = turn.dialect.greeting(turn.device, at: now)
        if !greeting.isEmpty { outbox.say(greeting.joined(separator: "\r\n") + "\r\n") }
        showPrompt(&outbox)
        return close(outbox)
    }

    /// One command without a dialogue, as ssh's exec. Questions are answered by an end of file, which is no.
    public mutating func execute(_ command: String, at now: Moment) throws(ConsoleError) -> [ConsoleEffect] {
        _ = try begin(at: now)
        session?.height = 0
        if session?.mode == .exec { session?.mode = .privileged }
        let lineEnd = dialect.habits.talksWithoutTerminal ? "\r\n" : "\n"
        var status: Int32 = 0
        var outbox = outbox()
        for line in command.split(whereSeparator: \.isNewline) {
            let turn = try take(at: now) { $0.obey(String(line)) }
            status = turn.status
            if !turn.isCut { outbox.say(turn.output.map { $0 + lineEnd }.joined()) }
            session?.question = nil
            if turn.isOver { break }
        }
        outbox.hangUp(status: status)
        try close(at: now)
        return close(outbox)
    }

    /// The connection is gone.
    public mutating func close(at now: Moment) throws(ConsoleError) {
        isOver = true
        guard let id = session?.id else { return }
        session = nil
        try storage.update { device, _ in
            device.advance(to: now)
            device.end(session: id, at: now)
        }
    }

    /// Nothing was typed, and time has passed.
    public mutating func tick(at now: Moment) throws(ConsoleError) -> [ConsoleEffect] {
        guard !isOver, session != nil else { return [] }
        let turn = try take(at: now) { _ in }
        var outbox = outbox()
        if turn.isOver { end(turn, &outbox) }
        return close(outbox)
    }

    /// These bytes were typed.
    public mutating func receive(_ bytes: [UInt8], at now: Moment) throws(ConsoleError) -> [ConsoleEffect] {
        var outbox = outbox()
        for byte in bytes {
            guard !isOver, !isStalled else { break }
            try type(byte, at: now, &outbox)
            isStalled = outbox.isStalled
        }
        return close(outbox)
    }

    private func outbox() -> Outbox { Outbox(faults, said: said, isStalled: isStalled) }

    private mutating func close(_ outbox: Outbox) -> [ConsoleEffect] {
        said = outbox.said
        isStalled = outbox.isStalled
        return outbox.effects
    }
}

// MARK: - A turn

extension ConsoleTerminal {
    private mutating func begin(at now: Moment) throws(ConsoleError) -> Turn {
        let (storage, user, size, hasTerminal) = (storage, user, size, hasTerminal)
        let begun = try storage.update { device, faults -> Turn? in
            Self.settle(&device, faults, storage, at: now)
            guard device.restarts == 0 || now >= device.startedAt.after(seconds: faults.bootSeconds ?? 0) else {
                return nil
            }
            let record = device.begin(user: user, process: storage.process, at: now)
            let dialect = device.platform.dialect
            var session = ConsoleSession(
                id: record.id, user: user, restarts: device.restarts, width: size.width,
                height: hasTerminal && dialect.habits.pages ? size.height : 0)
            dialect.begin(&session)
            return Turn(device: device, session: session, now: now, faults: faults)
        }
        guard let turn = begun else { throw ConsoleError("it is starting, and lets nobody in yet") }
        adopt(turn)
        return turn
    }

    /// All that is due, and the end of sessions that could not say so.
    private static func settle(
        _ device: inout ConsoleDevice, _ faults: ConsoleFaults, _ storage: any ConsoleStorage, at now: Moment
    ) {
        device.advance(to: now)
        device.setClock(ahead: faults.clockOffset ?? 0, at: now)
        for session in device.sessions {
            if let end = session.endsAt {
                if end <= now { device.end(session: session.id, at: end) }
            } else if let process = session.process, !storage.isAlive(process) {
                device.end(session: session.id, at: now)
            }
        }
    }

    /// One step of the session under the device's lock.
    private mutating func take(
        at now: Moment, _ step: @Sendable (inout Turn) -> Void
    ) throws(ConsoleError) -> Turn {
        guard let session else { preconditionFailure("a terminal is opened before it is used") }
        let (storage, promptWidth) = (storage, prompt.lastLine.count)
        let turn = try storage.update { device, faults -> Turn in
            Self.settle(&device, faults, storage, at: now)
            var turn = Turn(device: device, session: session, now: now, faults: faults)
            turn.promptWidth = promptWidth
            guard device.restarts == session.restarts else {
                turn.isOver = true
                return turn
            }
            turn.followRunning()
            step(&turn)
            turn.device.readSchedules(at: now)
            turn.othersAct()
            if turn.device.restarts != session.restarts { turn.isOver = true }
            if turn.isOver, turn.isCut, let seconds = faults.lingers {
                turn.device.lose(session: session.id, for: seconds, at: now)
            } else if turn.isOver {
                turn.device.end(session: session.id, at: now)
            }
            device = turn.device
            return turn
        }
        adopt(turn)
        return turn
    }

    private mutating func adopt(_ turn: Turn) {
        session = turn.session
        faults = turn.faults
        prompt = dialect.prompt(turn.session, turn.device, name: turn.name, at: turn.now)
    }
}

// MARK: - What is shown

extension ConsoleTerminal {
    private mutating func showPrompt(_ outbox: inout Outbox) {
        guard hasTerminal || dialect.habits.talksWithoutTerminal else { return }
        let habits = dialect.habits
        outbox.say(habits.beforePrompt + prompt.replacingLineFeeds)
        if faults.syslog == .prompt { outbox.say("\r\n" + Self.syslogLine + "\r\n") }
    }

    private static let syslogLine = "*Nov 26 17:00:00.123: %SYS-5-CONFIG_I: Configured from console by monitor on vty7"

    private mutating func finish(_ turn: Turn, _ outbox: inout Outbox) {
        if let delay = turn.faults.delayPerCommand { outbox.wait(milliseconds: delay) }
        guard !turn.isOver else { return end(turn, &outbox) }
        var lines = turn.output
        let middle = lines.count / 2
        if turn.faults.syslog == .output { lines.insert(Self.syslogLine, at: middle) }
        if turn.faults.promptInOutput == true, lines.count > 2 { lines.insert(prompt.lastLine, at: middle) }
        if turn.faults.garbage == true {
            outbox.say([0xFF, 0xFE, 0x00, 0x1B, 0x5B, 0x33, 0x31, 0x6D, 0xC3, 0x28, 0x07])
        }
        show(lines, &outbox)
    }

    private mutating func end(_ turn: Turn, _ outbox: inout Outbox) {
        if !turn.isCut { outbox.say(turn.output.map { $0 + "\r\n" }.joined()) }
        outbox.hangUp(status: turn.status)
        isOver = true
        session = nil
    }

    /// Shows lines, a page at a time, then the question or the prompt.
    private mutating func show(_ lines: [String], _ outbox: inout Outbox) {
        let height = session?.height ?? 0
        if height > 1, lines.count >= height {
            outbox.say(lines[..<(height - 1)].map { $0 + "\r\n" }.joined() + dialect.habits.more)
            waiting = Array(lines[(height - 1)...])
            return
        }
        waiting = []
        outbox.say(lines.map { $0 + "\r\n" }.joined())
        if let question = session?.question {
            outbox.say(question.text.replacingLineFeeds)
        } else {
            showPrompt(&outbox)
        }
    }

    private mutating func page(_ byte: UInt8, _ outbox: inout Outbox) {
        let height = max(2, session?.height ?? 0)
        let count: Int
        switch byte {
        case 32: count = height - 1
        case 10, 13: count = 1
        case 113, 81, 3: count = 0
        default: return
        }
        outbox.say(dialect.habits.wipe)
        let lines = count == 0 ? [] : Array(waiting.prefix(count))
        let rest = count == 0 ? [] : Array(waiting.dropFirst(count))
        outbox.say(lines.map { $0 + "\r\n" }.joined())
        waiting = rest
        if rest.isEmpty { show([], &outbox) } else { outbox.say(dialect.habits.more) }
    }
}

// MARK: - What is typed

extension ConsoleTerminal {
    private mutating func type(_ byte: UInt8, at now: Moment, _ outbox: inout Outbox) throws(ConsoleError) {
        guard waiting.isEmpty else { return page(byte, &outbox) }
        let question = session?.question
        let isSecret = question?.kind == .secret
        if let question, question.kind == .key {
            let isReturn = byte == 10 || byte == 13
            if !isReturn { outbox.say([byte]) }
            outbox.say("\r\n")
            let answer = isReturn ? "" : String(decoding: [byte], as: UTF8.self)
            return try answered(question, answer, at: now, &outbox)
        }
        switch editor.type(byte, helpsAtOnce: dialect.habits.helpsAtOnce && question == nil) {
        case .nothing: return
        case .echo(let bytes): if !isSecret { echo(bytes, &outbox) }
        case .help:
            outbox.say("?\r\n  <cr>\r\n\r\n")
            showPrompt(&outbox)
            outbox.say(editor.text)
        case .control(let key): try press(key, at: now, &outbox)
        case .line(let line):
            if echoes { outbox.say("\r\n") }
            if let question { return try answered(question, line, at: now, &outbox) }
            finish(try take(at: now) { $0.obey(line) }, &outbox)
        }
    }

    private var echoes: Bool { hasTerminal || dialect.habits.talksWithoutTerminal }

    private mutating func answered(
        _ question: Question, _ answer: String, at now: Moment, _ outbox: inout Outbox
    ) throws(ConsoleError) {
        let turn = try take(at: now) { turn in
            turn.session.question = nil
            question.answer(&turn, answer)
        }
        finish(turn, &outbox)
    }

    private mutating func press(_ key: ControlKey, at now: Moment, _ outbox: inout Outbox) throws(ConsoleError) {
        if key == .d, let question = session?.question, question.kind == .lines {
            outbox.say("\r\n")
            return try answered(question, "\u{4}", at: now, &outbox)
        }
        if key == .d, !(editor.isEmpty && dialect.habits.endsOnEOF) { return }
        if key == .c { outbox.say("^C") }
        outbox.say("\r\n")
        editor.clear()
        let turn = try take(at: now) { turn in
            turn.session.question = nil
            if key == .d, turn.session.mode != .configuration { turn.hangUp() }
            turn.dialect.key(key, &turn)
        }
        finish(turn, &outbox)
    }

    /// The echo of what was typed, at the edge of the terminal as the platform shows it.
    private func echo(_ bytes: [UInt8], _ outbox: inout Outbox) {
        guard echoes else { return }
        let width = faults.wrapEcho ?? (session?.width ?? 0)
        let start = session?.question?.text.lastLine.count ?? prompt.lastLine.count
        let column = start + editor.text.count
        guard width > 10, hasTerminal || faults.wrapEcho != nil, bytes.count == 1, column >= width else {
            return outbox.say(bytes)
        }
        switch dialect.habits.longLine {
        case .scrolls:
            // Once the line is full it is shown anew from its last third on.
            let shown = width / 3
            if (column - width) % max(1, width - shown - start) == 0 {
                outbox.say("\r" + prompt.lastLine + "$" + String(editor.text.suffix(shown)))
            } else {
                outbox.say(bytes)
            }
        case .wraps: outbox.say(column % width == 0 ? bytes + [32, 13] : bytes)
        }
    }
}

extension String {
    /// What stands after the last line feed.
    var lastLine: String { split(separator: "\n", omittingEmptySubsequences: false).last.map(String.init) ?? "" }
    /// With carriage returns, as a terminal wants line feeds.
    var replacingLineFeeds: String {
        split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    }
}
