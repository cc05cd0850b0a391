extension Turn {
    /// Obeys a typed line.
    mutating func obey(_ line: String) {
        let line = line.trimmed
        guard !line.isEmpty else { return }
        session.commands += 1
        for edit in faults.foreignEdits ?? [] where edit.atCommand == session.commands {
            dialect.foreignEdit(edit, &device, at: now)
        }
        if faults.dropAtCommand == session.commands, strikes("drop", limit: faults.dropTimes) {
            isOver = true
            isCut = true
            return
        }
        if faults.unexpectedQuestion == session.commands {
            ask("A management action is in progress. Continue? [y/n]: ") { turn, answer in
                if answer.lowercased().hasPrefix("y") { turn.carryOut(line) } else { turn.say("Cancelled.") }
            }
            return
        }
        carryOut(line)
    }

    private mutating func carryOut(_ line: String) {
        let parts = line.split(separator: "|", omittingEmptySubsequences: false).map { String($0).trimmed }
        // Elsewhere a bar may be part of a description.
        let verb = line.prefix { $0 != " " }
        let showing = ["show", "display", "info", "compare", "run", "do"]
        let shows = verb.count > 1 && showing.contains { $0.hasPrefix(verb) }
        let isPiped = parts.count > 1 && !line.contains("\"") && shows
        pipes = isPiped ? Array(parts.dropFirst()) : []
        command(isPiped ? parts[0] : line)
        for pipe in pipes { filter(Word.split(pipe).map(\.text)) }
    }

    /// Finds the command, or takes the line for configuration.
    mutating func command(_ line: String) {
        let commands = dialect.commands(session)
        let patterns = commands.indices.flatMap { index in commands[index].patterns.map { (index, $0) } }
        let reading = reading(line)
        switch Choice.pick(patterns.map(\.1), reading) {
        case .success(let chosen):
            commands[patterns[chosen.index].0].run(&self, Arguments(words: chosen.agreement.canonical))
        case .failure(let error):
            guard session.mode != .configuration else { return dialect.configure(line, &self) }
            refuse(error.misreading, reading)
        }
    }

    /// Says that a line was not understood.
    mutating func refuse(_ misreading: Misreading, _ reading: Reading) {
        status = 1
        let column =
            switch misreading {
            case .invalid(let word), .ambiguous(let word):
                word < reading.words.count ? reading.words[word].offset : reading.line.count
            case .incomplete: reading.line.count
            }
        dialect.refuse(misreading, column: column, line: reading.line, &self)
    }

    private mutating func filter(_ words: [String]) {
        guard let verb = words.first else { return }
        let text = words.dropFirst().joined(separator: " ").unquoted
        if "include".hasPrefix(verb) || verb == "match" || verb == "grep" {
            output = output.filter { $0.contains(text) }
        } else if "exclude".hasPrefix(verb) || verb == "except" {
            output = output.filter { !$0.contains(text) }
        } else if "begin".hasPrefix(verb) {
            output = Array(output.drop { !$0.contains(text) })
        } else if verb == "count" {
            output = ["Count: \(output.count) lines"]
        }
        // Everything else is the command's own affair: `| compare`, `| display set`, `| no-more`.
    }
}
