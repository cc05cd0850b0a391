package import RolloutEngine

/// Looks for what is wrong with a definition although it can be read. Pure.
package enum PlatformLint {
    /// What was found.
    package struct Report: Hashable, Sendable {
        /// What would make the driver fail or do harm.
        package var errors: [Complaint] = []
        /// What is better mended.
        package var warnings: [Complaint] = []

        /// Nothing was found so far.
        package init() {}
    }

    /// Examines one definition.
    ///
    /// - Parameter words: The words that this platform's command line knows; empty when no list of them is there.
    package static func examine(_ definition: PlatformDefinition, words: Set<String>) -> Report {
        var lint = Examination(definition: definition, words: words)
        lint.modes()
        lint.prompts()
        lint.commands()
        lint.promises()
        return lint.report
    }
}

private struct Examination {
    let definition: PlatformDefinition
    let words: Set<String>
    var report = PlatformLint.Report()

    private mutating func error(_ message: String, at place: SourceLocation? = nil, remedy: String? = nil) {
        report.errors.append(Complaint(at: place ?? definition.place, message, remedy: remedy))
    }

    private mutating func warn(_ message: String, at place: SourceLocation? = nil, remedy: String? = nil) {
        report.warnings.append(Complaint(at: place ?? definition.place, message, remedy: remedy))
    }

    // MARK: Modes

    mutating func modes() {
        let names = definition.modes.map(\.name)
        guard let login = names.first else { return error("there are no modes") }
        for name in Set(names).sorted() where names.count(where: { $0 == name }) > 1 {
            error("two modes are named '\(name)'")
        }
        var wanted = [
            ("home", definition.home, definition.place), ("change.mode", definition.change.mode, definition.place),
        ]
        wanted += definition.procedures.compactMap { name, procedure in
            procedure.mode.map { ("in of \(name)", $0, procedure.place) }
        }
        for (what, mode, place) in wanted where !names.contains(mode) {
            error(
                "\(what) is '\(mode)', which is no mode", at: place,
                remedy: suggestion(for: mode, among: names, noun: "modes"))
        }
        for mode in definition.modes {
            if let from = mode.from, !names.contains(from) {
                error(
                    "mode \(mode.name) is entered from '\(from)', which is no mode", at: mode.place,
                    remedy: suggestion(for: from, among: names, noun: "modes"))
            }
            if mode.from != nil, mode.enter == nil, !isOpened(mode.name) {
                error("mode \(mode.name) is entered from another, but no command enters it", at: mode.place)
            }
            if mode.name != login, mode.from == nil, mode.name != definition.home {
                error("mode \(mode.name) is entered from nowhere", at: mode.place, remedy: "say from and enter")
            }
        }
        guard names.contains(definition.home) else { return }
        if login != definition.home, definition.way(from: login, to: definition.home) == nil {
            error("no commands lead from '\(login)' after login to home, which is '\(definition.home)'")
        }
        for mode in definition.modes where mode.name != definition.home {
            if !isOpened(mode.name), mode.name != login, definition.way(from: definition.home, to: mode.name) == nil,
                names.contains(mode.from ?? "")
            {
                error("mode \(mode.name) cannot be reached from home", at: mode.place)
            }
            if definition.way(from: mode.name, to: definition.home) == nil {
                error("no commands lead from mode \(mode.name) back home", at: mode.place, remedy: "say what leaves it")
            }
        }
    }

    /// Whether `change.open` is what leads into a mode.
    private func isOpened(_ mode: String) -> Bool { definition.change.open != nil && mode == definition.change.mode }

    // MARK: Prompts

    mutating func prompts() {
        for mode in definition.modes {
            var lines = mode.sample.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let last = lines.removeLast()
            let above = lines.last
            let found = definition.modes.filter { $0.isShown(by: last, above: above) }.map(\.name)
            if !found.contains(mode.name) {
                error("the prompt of mode \(mode.name) does not match its sample '\(last)'", at: mode.place)
            }
            for other in found where other != mode.name && mode.name < other {
                error(
                    "modes \(mode.name) and \(other) cannot be told apart: both prompts match '\(last)'",
                    at: mode.place)
            }
            for other in found where other != mode.name && mode.name > other {
                guard let twin = definition.mode(other), !twin.sampleMatches(mode) else { continue }
                error(
                    "modes \(other) and \(mode.name) cannot be told apart: both prompts match '\(last)'",
                    at: mode.place)
            }
            for marker in definition.errors where marker.isFound(in: last) {
                error("the error marker '\(marker)' matches the prompt of mode \(mode.name)", at: mode.place)
            }
            if let pager = definition.pager, pager.isFound(in: last) {
                error("the pager matches the prompt of mode \(mode.name)", at: mode.place)
            }
        }
    }

    // MARK: Commands

    mutating func commands() {
        let place = definition.place
        var all: [(String, String, SourceLocation)] = definition.setup.map { ("setup", $0, place) }
        for mode in definition.modes {
            all += [mode.enter, mode.leave].compactMap { $0.map { ("mode \(mode.name)", $0, mode.place) } }
        }
        for (name, procedure) in definition.procedures {
            all += procedure.commands.map { (name, $0, procedure.place) }
        }
        let identity = definition.identity
        all += [identity.hostname, identity.firmware, identity.model, identity.serial].compactMap {
            $0.map { ("identify", $0.command, place) }
        }
        all += definition.running.map { ("running", $0, place) }
        all += definition.requirements.map { ("requires", $0.command, place) }
        all += [definition.changedBy?.command, definition.changeRecord?.command].compactMap { $0 }
            .map { ("changes", $0, place) }
        all += definition.evidence.map { ("evidence", $0, place) }
        if let timer = definition.revertTimer, let job = timer.job {
            let commands = (job.clock.map { [$0] } ?? []) + job.proofs.map(\.command)
            all += commands.map { ("revert_timer.job", $0, timer.place) }
        }
        for (name, rules) in definition.ways {
            all += rules.paths.flatMap { $0 }.map { (name, $0, rules.place) }
            all += rules.directions.values.sorted().map { (name, $0, rules.place) }
        }
        if words.isEmpty {
            warn("there is no list of the words that this platform knows, so that spelling is not checked")
        }
        for (what, command, place) in all { check(command, of: what, at: place) }
    }

    private mutating func check(_ command: String, of what: String, at place: SourceLocation) {
        for name in Placeholders.names(in: command) where !Placeholders.known.contains(name) {
            error(
                "\(what): '\(command)' holds {\(name)}, which nothing fills in", at: place,
                remedy: "known: \(Placeholders.known.sorted().map { "{\($0)}" }.joined(separator: ", "))")
        }
        guard !words.isEmpty else { return }
        let plain = Placeholders.filled(command) { _ in " 0 " }
        for word in plain.split(whereSeparator: { " /=;\"".contains($0) }).map(String.init)
        where word.count > 1 && word.allSatisfy({ $0.isLetter || $0 == "-" || $0 == "_" }) && !words.contains(word) {
            error(
                "\(what): '\(command)': the platform does not know the word '\(word)'", at: place,
                remedy: suggestion(for: word, among: words.sorted(), noun: "words"))
        }
    }

    // MARK: Promises

    mutating func promises() {
        if definition.errors.isEmpty {
            error("there are no error markers: every mistake would go unseen", remedy: "list what starts a complaint")
        }
        if definition.identity.hostname == nil {
            error("identify does not say how the hostname is found: it is checked before every change")
        }
        if definition.running.isEmpty { error("running does not say how the configuration is read") }
        let change = definition.change
        if change.kind != .none, change.abort == nil { error("change has a candidate but no abort") }
        rates()
        guard let timer = definition.revertTimer else {
            return warn(
                "there is no revert timer: devices of this platform are changed only where a policy says"
                    + " 'without_revert_timer: allow'")
        }
        let arming = timer.commit ?? change.open
        let spans = Placeholders.due.union(["minutes", "seconds", "clock"])
        if !(arming?.commands ?? []).contains(where: { !Set(Placeholders.names(in: $0)).isDisjoint(with: spans) }) {
            error(
                "nothing that arms the revert timer says how long it waits", at: timer.place,
                remedy: "one of {minutes}, {seconds}, {clock} and {due_...} in revert_timer.commit or change.open")
        }
        if change.kind == .none, timer.commit != nil {
            error(
                "without a candidate, lines take effect at once: revert_timer.commit would come too late",
                at: timer.place, remedy: "arm the timer in change.open")
        }
        if timer.showsMark, !timer.namesWho {
            error("shows_mark is true, but no pattern has a group 'who'", at: timer.place)
        }
        if timer.restart != nil, definition.requirements.isEmpty {
            error(
                "a restart brings back what was saved, and nothing proves before a change that this is what runs",
                at: timer.place, remedy: "ask for it in requires")
        }
        if timer.least > timer.most { error("least is longer than most", at: timer.place) }
        promises(of: timer, armedBy: arming?.commands ?? [])
    }
}

extension Examination {
    /// What rules of shaping and policing promise.
    fileprivate mutating func rates() {
        for (name, rules) in definition.ways {
            let names = Set(rules.lines.flatMap { $0 }.flatMap(Placeholders.names))
            for wanted in ["interface", "rate"] where !names.contains(wanted) {
                error("\(name): no line holds {\(wanted)}", at: rules.place)
            }
            if names.contains("policy"), rules.policy == nil {
                error(
                    "\(name): lines name a {policy}, but not what ours is called", at: rules.place, remedy: "say policy"
                )
            }
            if name == "policing", !names.contains("burst") {
                error("policing: no line holds {burst}, without which a rate means little", at: rules.place)
            }
            if rules.directions.count > 1, !names.contains("direction") {
                error("policing: no line holds {direction}, so that both would be the same", at: rules.place)
            }
            if rules.holds("service"), rules.within?.contains("{service}") != true {
                error(
                    "\(name): nothing says where {service} is found", at: rules.place,
                    remedy: "such as within: '/configure service {service} sap {interface}'")
            }
            if !rules.classPath.isEmpty {
                let held = Set(rules.classPath.flatMap(Placeholders.names))
                for wanted in ["class", "policy", "rate"] where !held.contains(wanted) {
                    error("\(name): class does not hold {\(wanted)}", at: rules.place)
                }
            }
        }
    }

    /// What a timer that is a job promises beside the others.
    fileprivate mutating func promises(of timer: PlatformDefinition.RevertTimer, armedBy commands: [String]) {
        let names = Set(commands.flatMap(Placeholders.names))
        guard let job = timer.job else {
            if !names.isDisjoint(with: Placeholders.due.union(Placeholders.wayBack)) {
                error(
                    "only a timer that is a job knows when it is due, and the lines back", at: timer.place,
                    remedy: "say revert_timer.job")
            }
            return
        }
        let parts: Set = ["year", "month", "day", "hour", "minute", "second"]
        let read = Set(job.reading.flatMap(\.groupNames))
        if job.clock == nil {
            if job.due != nil || !names.isDisjoint(with: Placeholders.due) {
                error(
                    "when the job is due goes by the device's clock, and nothing says what that shows", at: timer.place,
                    remedy: "say clock and reading")
            }
        } else if !read.isSuperset(of: parts) {
            error(
                "reading does not find \(parts.subtracting(read).sorted().joined(separator: ", ")) of the device's clock",
                at: timer.place)
        }
        if let due = job.due, !parts.subtracting(["second"]).isSubset(of: due.groupNames) {
            error("due does not say the whole time", at: timer.place)
        }
        if job.proofs.isEmpty {
            warn("nothing proves that the job does its work, only that it is there", at: timer.place)
        }
    }
}

extension PlatformDefinition.Mode {
    /// Whether the end of what a device printed is a prompt of this mode.
    package func isShown(by last: String, above: String?) -> Bool {
        guard prompt.isFound(in: last) else { return false }
        guard let pattern = self.above else { return true }
        return above.map { pattern.isFound(in: $0) } ?? false
    }

    fileprivate func sampleMatches(_ other: PlatformDefinition.Mode) -> Bool {
        var lines = sample.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let last = lines.removeLast()
        return other.isShown(by: last, above: lines.last)
    }
}
