#if DEBUG
import ConfigTrees

@testable import DeviceDrivers
@testable import RolloutEngine

/// Command lines of network devices: what a terminal shows, where an answer ends, and what is read in it.
extension FuzzTarget {
    private static let definitions: [KeptDefinition] = {
        do { return try PlatformLibrary().definitions.map(KeptDefinition.init) } catch { fatalError("\(error)") }
    }()

    private static func definition(_ choice: UInt8) -> KeptDefinition {
        definitions[Int(choice) % definitions.count]
    }

    // MARK: A terminal and a conversation

    /// A byte that chooses the platform, and commands, one a line; then what the device prints, in parts with a silence behind
    /// each. A command is given as soon as the one before is over.
    static func readCommandLine(_ bytes: [UInt8]) throws(BrokenPromise) {
        guard let choice = bytes.first else { return }
        let given = parts(Array(bytes.dropFirst()), 20)
        try showTerminal(Array(given.dropFirst().joined()))
        var talk = Talk(definition(choice), commands: text(given[0]).split(separator: "\n").map(String.init))
        for part in given.dropFirst() {
            // In pieces, as it may come from a wire.
            for start in stride(from: 0, to: part.count, by: 61) {
                try talk.hears(Array(part[start..<min(part.count, start + 61)]))
            }
            try talk.hears(nil)
        }
    }

    /// A terminal shows text, whatever it is fed and however that is cut, and no more of it than it counts.
    private static func showTerminal(_ bytes: [UInt8]) throws(BrokenPromise) {
        var (whole, cut) = (TerminalText(), TerminalText())
        whole.feed(bytes)
        for byte in bytes { cut.feed(CollectionOfOne(byte)) }
        try promise(
            isSame(whole.lines, cut.lines) && isSame([whole.lastLine], [cut.lastLine]), "cut, it shows other lines")
        try promise(whole.count == cut.count, "cut, it counts \(cut.count) and not \(whole.count)")
        let shown = whole.lines + [whole.lastLine]
        for line in shown {
            let controls = line.unicodeScalars.filter { $0.value != 9 && ($0.value < 0x20 || 0x7f...0x9f ~= $0.value) }
            try promise(controls.isEmpty, "a line holds \(controls.map(\.value))")
        }
        // A byte that is not UTF-8 is shown with three.
        let size = shown.reduce(0) { $0 + $1.utf8.count }
        try promise(size <= 3 * whole.count, "\(whole.count) bytes were counted, and \(size) are shown")
    }

    /// A conversation and all that is known of it from outside.
    private struct Talk {
        private let kept: KeptDefinition
        private var conversation: Conversation
        private var commands: [String]
        /// What the device has shown, with the lines that ended since the command was given.
        private var screen = TerminalText()
        private var command: String?
        private var questions = 0
        private var secrets = 0
        private var mayGiveSecret = false

        init(_ kept: KeptDefinition, commands: [String]) {
            self.kept = kept
            self.commands = commands.reversed()
            conversation = Conversation(kept, outputLimit: 1 << 20)
        }

        /// The device prints, or is silent.
        mutating func hears(_ bytes: [UInt8]?) throws(BrokenPromise) {
            if let bytes { screen.feed(bytes) }
            try obey(conversation.handle(bytes.map { .bytes($0) } ?? .silence))
        }

        private mutating func obey(_ effects: [Conversation.Effect]) throws(BrokenPromise) {
            for effect in effects {
                switch effect {
                case .listen: break
                case .send(let bytes): try sends(bytes)
                case .sendSecret:
                    secrets += 1
                    try promise(mayGiveSecret && secrets == 1, "a password is given that nobody let go")
                case .fail(let failure):
                    try promise(!failure.message.isEmpty, "given up without a reason")
                    let again = Result { () throws(Conversation.Failure) in try conversation.ask("x") }
                    try promise((try? again.get()) == nil, "after the end a command is sent")
                case .done(let answer):
                    try ends(answer)
                    try next()
                }
            }
        }

        /// Nothing is said to a device but commands, keys for its pager, and answers that its definition knows.
        private mutating func sends(_ bytes: [UInt8]) throws(BrokenPromise) {
            if bytes == [0x20] { return }
            questions += 1
            let known = kept.value.questions.map { Array(($0.answer + kept.value.enter).utf8) }
            try promise(known.contains(bytes), "it is told \(bytes), which answers no question")
            try promise(questions <= 8, "questions are answered for ever")
        }

        private func ends(_ answer: Conversation.Answer) throws(BrokenPromise) {
            try promise(kept.value.mode(answer.mode) != nil, "an answer ends in the mode '\(answer.mode)'")
            let hostname = conversation.hostname ?? ""
            let last = screen.lastLine
            try promise(
                !hostname.isEmpty && last.unicodeScalars.count <= PromptMatcher.longest
                    && last.contains(hostname.prefix(10)),
                "'\(last)' is no prompt of \(hostname)")
            guard let command else { return }
            let squeezed = screen.lines.joined().filter { $0 != " " }
            try promise(squeezed.contains(command.filter { $0 != " " }), "an answer before the echo of '\(command)'")
            for line in answer.lines {
                try promise(screen.lines.contains { $0.hasSuffix(line) }, "'\(line)' was not printed")
            }
        }

        private mutating func next() throws(BrokenPromise) {
            (command, questions, secrets) = (nil, 0, 0)
            _ = screen.takeLines()
            guard let text = commands.popLast() else { return }
            mayGiveSecret = text.utf8.count % 2 == 0
            let effects: [Conversation.Effect]
            do throws(Conversation.Failure) {
                effects = try conversation.ask(
                    text, hasSecret: mayGiveSecret, weight: text.utf8.count % 3 == 0 ? .proved : .concluded)
            } catch {
                return try promise(error.code == .unsupported, "a command is refused as \(error.code)")
            }
            guard case .send(let bytes)? = effects.first else { return }
            let enter = Array(kept.value.enter.utf8)
            try promise(
                bytes == Array(text.utf8) + enter && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f },
                "\(bytes) is sent as one command")
            command = text
        }
    }

    // MARK: What is read in an answer

    /// A byte that chooses the platform, and an interface; then a configuration, and what is said of timers and clocks.
    static func readDevice(_ bytes: [UInt8]) throws(BrokenPromise) {
        guard let choice = bytes.first else { return }
        let kept = definition(choice)
        let given = parts(Array(bytes.dropFirst()), 3)
        guard let reader = try? DeviceReader(kept) else { return }
        let lines = given.map { text($0).split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
        try readTimers(lines[2], reader, kept.value)
        guard let tree = try? reader.tree(lines[1], effect: .none) else { return }
        let interface = lines[0][0]
        guard CLIDriver.isInterface(interface) else { return }
        let outline = DeviceReader.outline(tree)
        let policing = TrafficDirection.allCases.map { try? ShapingWays(policing: $0, of: kept.value) }
        for case let ways? in [try? ShapingWays(shapingOf: kept.value)] + policing {
            guard let text = try? ways.text(of: interface, in: outline), let found = try? text.find(in: outline) else {
                continue
            }
            try canBeLed(found, text, tree, reader)
        }
    }

    /// No timer waits for less than nothing, and read twice it is the same.
    private static func readTimers(_ lines: [String], _ reader: DeviceReader, _ definition: PlatformDefinition)
        throws(BrokenPromise)
    {
        let timer = reader.timer(in: lines)
        try promise(timer == reader.timer(in: lines), "read twice, its timer differs")
        try promise(timer?.remaining ?? .zero >= .zero, "a timer went off in the future: \(timer?.remaining ?? .zero)")
        try promise(reader.spentTimers(in: lines).allSatisfy { !$0.isEmpty }, "a timer without a name is over")
        for line in lines.prefix(4) {
            try promise(DeviceReader.span(line, unit: .minutes(1)) ?? .zero >= .zero, "'\(line)' is less than nothing")
        }
        guard let clock = definition.revertTimer?.job.flatMap({ DeviceClock($0.reading, in: lines) }) else { return }
        let later = clock.advanced(by: .minutes(5), upTo: .minutes(1))
        try promise(clock.span(until: later) >= .minutes(5), "five minutes after \(clock.text) is \(later.text)")
    }

    /// A rate that can be set is read back as what it is, and there is a way to it and back.
    private static func canBeLed(
        _ found: ShapingText.Found, _ text: ShapingText, _ tree: ConfigTree, _ reader: DeviceReader
    ) throws(BrokenPromise) {
        let base = DeviceConfig(sections: [found.section(named: "shaping")])
        if let idle = try? reader.commands(from: base, to: base, in: tree) {
            try promise(idle.isEmpty, "nothing differs, and yet there is to do: \(idle)")
        }
        for rate: UInt64 in [8000, 1_234_567, 500_000_000] {
            guard let lines = try? text.shaped(found, to: BitsPerSecond(rate), burst: ByteCount(16384)) else {
                continue
            }
            let outline = ConfigOutline(found.shared + lines)
            let again = try? text.find(in: outline)
            try promise(
                again?.rate == BitsPerSecond(rate), "\(rate) is read back as \(again?.rate?.value ?? 0) from \(lines)")
            let wanted = DeviceConfig(sections: [.init(name: "shaping", lines: lines)])
            _ = try? reader.commands(from: base, to: wanted, in: tree)
            _ = try? reader.commands(from: wanted, to: base, in: tree)
        }
    }

    // MARK: Expressions

    /// An expression, and lines that it is looked for in.
    static func readExpression(_ bytes: [UInt8]) throws(BrokenPromise) {
        let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let expression: LineExpression
        do throws(LineExpression.Mistake) {
            expression = try LineExpression(text(Array(bytes[..<end])))
        } catch {
            return try promise(!error.description.isEmpty, "refused without a reason")
        }
        for line in text(Array(bytes[end...])).split(separator: "\n").map(String.init) {
            let match = expression.firstMatch(in: line)
            try promise(expression.isFound(in: line) == (match != nil), "found or not, '\(line)'")
            guard let match else { continue }
            try promise(
                match.range.lowerBound >= 0 && match.range.upperBound <= line.utf8.count, "a match beyond '\(line)'")
            let found = String(decoding: Array(line.utf8)[match.range], as: UTF8.self)
            for name in expression.groupNames {
                // Cut inside a letter, both are mended in their own way.
                guard let group = match[name], !group.contains("\u{fffd}"), !found.contains("\u{fffd}") else {
                    continue
                }
                try promise(found.utf8.count >= group.utf8.count, "a group is longer than its match")
            }
        }
    }
}
#endif
