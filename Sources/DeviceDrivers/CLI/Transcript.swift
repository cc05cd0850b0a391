import RolloutEngine

/// What a terminal showed of somebody's session with a device, played to what reads terminals, a byte at a time. Pure.
///
/// It shows whether a definition understands its platform where no device is at hand: a session that was copied from a terminal
/// window, or logged, is enough. Whatever stands behind a prompt counts as typed; how long the device was silent is not known.
package struct Transcript: Sendable {
    /// A command and its answer.
    package struct Exchange: Hashable, Sendable {
        /// Where it was typed, from 1.
        package var line: Int
        package var command: String
        package var answer: Conversation.Answer
    }

    /// Where nothing more was understood, and why.
    package struct Mistake: Hashable, Sendable {
        package var line: Int
        package var message: String
    }

    /// The mode of the first prompt, and the name that it shows.
    package private(set) var login: (mode: String, hostname: String)?
    package private(set) var exchanges: [Exchange] = []
    /// The command that the session ended with, if no prompt came behind it any more.
    package private(set) var ending: (line: Int, command: String)?
    package private(set) var mistake: Mistake?

    private var conversation: Conversation
    private var open: (line: Int, command: String)?
    private var line = 1

    /// Plays a transcript to what reads a platform.
    package init(_ bytes: [UInt8], by definition: PlatformDefinition) {
        conversation = Conversation(KeptDefinition(definition))
        var previous: UInt8 = 0
        for (index, byte) in bytes.enumerated() {
            let isLineEnd = byte == UInt8(ascii: "\n")
            // What was copied has lost its carriage returns.
            let shown = isLineEnd && previous != UInt8(ascii: "\r") ? [UInt8(ascii: "\r"), byte] : [byte]
            previous = byte
            take(conversation.handle(.bytes(shown)), before: bytes[(index + 1)...])
            if isLineEnd { line += 1 }
            if mistake != nil { return }
        }
        end()
    }

    /// The answer to a command; nil when it was not typed, or the device complained.
    package func answer(to command: String) -> [String]? {
        exchanges.last { $0.command == command && $0.answer.complaint == nil }?.answer.lines
    }

    private mutating func take(_ effects: [Conversation.Effect], before rest: ArraySlice<UInt8>) {
        switch effects.last {
        case .fail(let failure): mistake = Mistake(line: line, message: failure.message)
        case .listen(forSilence: true):
            var settled = conversation
            let later = settled.handle(.silence)
            guard case .done(let answer)? = later.last else {
                // A question, a password, more output: all of it was answered, and that is shown or not.
                guard ![UInt8(ascii: " "), UInt8(ascii: "\r")].contains(rest.first) else { return }
                // What is asked before the first prompt is the login's affair. A question may go on behind its question mark.
                if case .fail? = later.last, login == nil || asksOn(rest) { return }
                conversation = settled
                return take(later.filter { $0 != .listen(forSilence: true) }, before: rest)
            }
            let typed = Self.line(rest)
            let isOver = rest.allSatisfy { $0 <= 0x20 }
            // A key that was pressed for nothing, or a prompt in the middle of output.
            guard isOver || !typed.isEmpty else { return }
            conversation = settled
            note(answer)
            if !isOver { begin(typed) }
        default: break
        }
    }

    /// Whether more of this line is a question, too.
    private func asksOn(_ rest: ArraySlice<UInt8>) -> Bool {
        var conversation = conversation
        return rest.prefix { $0 != UInt8(ascii: "\n") }.contains { byte in
            conversation.handle(.bytes([byte])).last == .listen(forSilence: true) && byte != UInt8(ascii: "\r")
        }
    }

    private mutating func note(_ answer: Conversation.Answer) {
        if let open {
            exchanges.append(Exchange(line: open.line, command: open.command, answer: answer))
        } else if login == nil {
            login = (answer.mode, conversation.hostname ?? "")
        }
        open = nil
    }

    private mutating func begin(_ command: String) {
        open = (line, command)
        do throws(Conversation.Failure) {
            _ = try conversation.ask(command, hasSecret: true)
        } catch {
            mistake = Mistake(line: line, message: error.message)
        }
    }

    private mutating func end() {
        if login == nil {
            mistake = Mistake(
                line: line, message: "no prompt was seen: what the modes' prompts match never stands alone")
        }
        // The last command hangs up, mostly.
        ending = open
    }

    /// What is typed on the rest of a line, as it stood there in the end.
    private static func line(_ rest: ArraySlice<UInt8>) -> String {
        var text = TerminalText()
        text.feed(rest.prefix { $0 != UInt8(ascii: "\n") })
        return String(text.lastLine.drop { $0 == " " }).trimmingTrailingSpaces()
    }
}

extension Transcript {
    /// What is learnt of a device from the answers, by name.
    package struct Finding: Hashable, Sendable {
        package var what: String
        /// What would have to be typed.
        package var command: String
        /// Nil when it was not typed, or its answer does not say.
        package var value: String?
        package var isAsked: Bool
    }

    /// Who the device is, its configuration, and what timer is pending, as the driver would read them.
    package func findings(by definition: PlatformDefinition) -> [Finding] {
        let identity = definition.identity
        var found: [Finding] = []
        for (what, finding) in [
            ("hostname", identity.hostname), ("firmware", identity.firmware), ("model", identity.model),
            ("serial", identity.serial),
        ] {
            guard let finding else { continue }
            let lines = answer(to: finding.command)
            found.append(
                Finding(
                    what: what, command: finding.command, value: lines.flatMap { DeviceReader.value(finding, in: $0) },
                    isAsked: lines != nil))
        }
        guard let reader = try? DeviceReader(KeptDefinition(definition)) else { return found }
        let running = definition.running.map { answer(to: $0) }
        if !running.isEmpty {
            found.append(
                Finding(
                    what: "configuration", command: definition.running.joined(separator: ", "),
                    value: Self.described(running.compactMap(\.self).flatMap(\.self), reader),
                    isAsked: !running.contains(nil)))
        }
        if let query = definition.revertTimer?.query {
            let lines = query.commands.map { command in exchanges.last { $0.command == command }?.answer.lines }
            found.append(
                Finding(
                    what: "revert timer", command: query.commands.joined(separator: ", "),
                    value: lines.contains(nil)
                        ? nil
                        : reader.timer(in: lines.compactMap(\.self).flatMap(\.self)).map {
                            "\($0.name)\($0.remaining.map { ", \($0) left" } ?? "")"
                        } ?? "none",
                    isAsked: !lines.contains(nil)))
        }
        return found
    }

    private static func described(_ lines: [String], _ reader: DeviceReader) -> String? {
        guard !lines.isEmpty else { return nil }
        do throws(DriverError) {
            return "\(DeviceReader.outline(try reader.tree(lines, effect: .none)).lines.count) lines"
        } catch {
            return error.message
        }
    }
}
