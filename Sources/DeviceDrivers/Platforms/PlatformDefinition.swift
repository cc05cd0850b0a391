package import RolloutEngine

/// What one platform's command line looks like and how a change is made on it: data, read from `Definitions/*.yaml`.
///
/// One driver reads them all. What it may send to a device stands here and nowhere else, but for the lines of the change.
package struct PlatformDefinition: Sendable {
    /// The names by which inventories call it: `cisco_iosxe`, `cisco_ios`.
    package var names: [PlatformName] = []
    /// The names of those that it is based on.
    package var basis: [PlatformName] = []
    /// What it is, for people: `Cisco IOS XE and IOS`.
    package var summary = ""
    /// Where it was read.
    package var place = SourceLocation(file: "")
    /// How its configuration is written: the name of a dialect of the configuration trees.
    package var dialect = ""
    /// What ends a line that is sent.
    package var enter = "\n"
    /// How many columns are asked for.
    package var width = 511
    /// The modes of its command line, the one after login first.
    package var modes: [Mode] = []
    /// The mode in which it is read, and from which changes start.
    package var home = ""
    /// What is sent at home before anything else: paging off, width.
    package var setup: [String] = []
    /// What a line says that tells of a mistake.
    package var errors: [LineExpression] = []
    /// What a line says that tells that another session has the configuration for itself: a mistake that passes.
    package var locked: [LineExpression] = []
    /// Who that is, in a line of the same answer. Group `who`.
    package var lockHolder: LineExpression?
    /// Lines that match `errors` or could be taken for output, and mean nothing: log messages that come in between.
    package var chatter: [LineExpression] = []
    /// What the terminal shows when it waits before it shows more; nil when it never does.
    package var pager: LineExpression?
    /// The questions that may be answered, and how.
    package var questions: [Question] = []
    /// What tells who the device is.
    package var identity = Identity()
    /// The commands that print the running configuration.
    package var running: [String] = []
    /// Who changed the configuration last.
    package var changedBy: Finding?
    /// The device's own record of who changed it when; nil where none is known.
    package var changeRecord: ChangeRecord?
    /// What is made equal before configurations are compared.
    package var normalisation: [Normalisation] = []
    /// How a change is made.
    package var change = Change()
    /// How a device reverts by itself; nil when the platform has no way to.
    package var revertTimer: RevertTimer?
    /// What makes the running configuration survive a restart; nil where a commit does.
    package var save: Procedure?
    /// What must be true of a device before it is changed.
    package var requirements: [Requirement] = []
    /// What an engineer wants to see of a device in trouble.
    package var evidence: [String] = []
    /// The ways in which shaping is written; none when it is not known.
    package var shaping: [ShapingRules] = []
    /// The ways in which policing is written; none when it is not known.
    package var policing: [ShapingRules] = []

    /// One mode of the command line.
    package struct Mode: Hashable, Sendable {
        package var name: String
        package var place: SourceLocation
        /// Matches the whole last line. Its group `hostname` is the name the device shows.
        package var prompt: LineExpression
        /// Matches the line above it, when prompts have two lines.
        package var above: LineExpression?
        /// A prompt of this mode as it looks, with `router1` as the hostname: what the linter tries.
        package var sample: String
        /// The mode from which it is entered; nil for modes after login.
        package var from: String?
        /// What enters it.
        package var enter: String?
        /// What leads back.
        package var leave: String?
    }

    /// A question that may be answered.
    package struct Question: Hashable, Sendable {
        /// Matches the end of the last line.
        package var ask: LineExpression
        /// What is answered; empty for the default.
        package var answer: String
        /// What the question means when it is answered only to get away: the command failed.
        package var failure: String?
    }

    /// What tells who the device is.
    package struct Identity: Hashable, Sendable {
        package var hostname: Finding?
        package var firmware: Finding?
        package var model: Finding?
        package var serial: Finding?
    }

    /// A command and what is looked for in its answer.
    package struct Finding: Hashable, Sendable {
        package var command: String
        /// Its group `value` is what was looked for.
        package var find: LineExpression
    }

    /// A device's own record of who changed its configuration when.
    package struct ChangeRecord: Hashable, Sendable {
        /// Prints it.
        package var command: String
        /// An entry that a change of ours leaves. Its group `value` is our mark, or our user where entries name nothing else.
        package var ours: LineExpression
        /// An entry that the reading before such a change leaves; its group `value` is our user. Where entries of ours come late, what
        /// counts are those since then.
        package var read: LineExpression?
        /// An entry of a change. Its group `value` is the user who made it.
        package var by: LineExpression
        /// Whether the newest entry comes first.
        package var isNewestFirst: Bool
    }

    /// Makes lines equal that mean the same.
    package enum Normalisation: Hashable, Sendable {
        /// The line is left out.
        case drop(LineExpression)
        /// What matches becomes this.
        case replace(LineExpression, with: String)
    }

    /// Commands that are sent one after another in a mode.
    package struct Procedure: Hashable, Sendable {
        package var place = SourceLocation(file: "")
        /// The mode they are sent in; nil for home.
        package var mode: String?
        package var commands: [String]
        /// Must be found in what the last command says; nil when its silence is consent.
        package var expect: LineExpression?
    }

    /// How a change is made.
    package struct Change: Hashable, Sendable {
        package var kind = Kind.none
        /// The mode in which the change's lines are sent.
        package var mode = ""
        /// What is sent instead of the mode's own `enter`; its last command leads into `mode`.
        package var open: Procedure?
        /// Prints what the candidate changes, for people.
        package var difference: Procedure?
        /// Prints the candidate as a whole, so that it can be compared.
        package var candidate: Procedure?
        /// Makes the candidate the running configuration, without a timer.
        package var commit: Procedure?
        /// Throws the candidate away.
        package var abort: Procedure?
        /// Which lines the candidate holds back until it is committed, where others take effect at once; empty where it holds all.
        package var only: [LineExpression] = []

        /// Where a change's lines go.
        package enum Kind: String, CaseIterable, Sendable {
            /// Straight into the running configuration, line by line.
            case none
            /// Into a named session.
            case session
            /// Into a candidate.
            case candidate
        }
    }

    /// How a device reverts by itself when nobody confirms.
    package struct RevertTimer: Hashable, Sendable {
        package var place = SourceLocation(file: "")
        /// The smallest step: `{minutes}`, `{seconds}` and `{clock}` are rounded up to it.
        package var unit: Timespan
        package var least: Timespan
        package var most: Timespan
        /// Commits with the timer; nil when opening the change arms it.
        package var commit: Procedure?
        /// Prints what timer is pending.
        package var query: Procedure
        /// A line that says that one is pending. Groups `who` and `remaining`.
        package var pending: LineExpression
        /// What the device complains of when none is pending.
        package var none: LineExpression?
        /// Begins another entry of a list: what is said from there on is not said of the pending timer.
        package var entry: LineExpression?
        /// A line below that says who armed it, when it is another one. Group `who`.
        package var who: LineExpression?
        /// A line below that says how much is left, when it is another one. Group `remaining`.
        package var remaining: LineExpression?
        /// What a number without a unit in `remaining` counts.
        package var remainingUnit: Timespan
        /// Whether `who` holds our mark, so that our timer can be told from another's.
        package var showsMark: Bool
        /// Whether the device says of a timer whose it is: a mark, or a user.
        package var namesWho: Bool { who != nil || pending.groupNames.contains("who") }
        /// Whether only the session that armed it can confirm and undo, so that it is kept open until then.
        package var isHeld: Bool
        /// Whether going back takes back what others changed since as well.
        package var undoesOthers: Bool
        /// Keeps the change.
        package var confirm: Procedure
        /// How it goes back.
        package var wayBack: WayBack
        /// What there is to say of a timer that is a job in the device's own scheduler; nil for others.
        package var job: ScheduledJob?

        /// Goes back at once; nil where the device would restart.
        package var undo: Procedure? { if case .procedure(let procedure) = wayBack { procedure } else { nil } }
        /// How long the device takes to start at most, where it goes back by that; else nil.
        package var restart: Timespan? { if case .restart(let span) = wayBack { span } else { nil } }

        /// A way back.
        package enum WayBack: Hashable, Sendable {
            /// A command of the device, which can be told to go back at once, too.
            case procedure(Procedure)
            /// It starts anew with what was saved, within so long. Within the time the lines back are sent instead, and then
            /// `confirm`.
            case restart(Timespan)
        }

        /// How long it waits when it is to wait for a span.
        ///
        /// Rounded up: a device that goes back later than planned is confirmed all the same, one that does earlier is not.
        func wait(for span: Timespan) -> Timespan {
            let unit = max(1, unit.milliseconds)
            return Timespan(milliseconds: (max(span, least).milliseconds + unit - 1) / unit * unit)
        }

        /// How long it may be until it runs out: a time of day is rounded up to the next one that can be said.
        func longest(for span: Timespan) -> Timespan { wait(for: span) + (job?.clock == nil ? .zero : unit) }
    }

    /// A revert timer that is a job in the device's own scheduler. `confirm` takes it away, also what is left of one that ran.
    package struct ScheduledJob: Hashable, Sendable {
        /// Prints what time the device's clock shows; nil where the scheduler counts seconds and goes by no clock.
        package var clock: String?
        /// Lines of that. Groups `year`, `month`, `day`, `hour`, `minute`, `second`, in one line or in several.
        package var reading: [LineExpression]
        /// A line of the pending job that says when it runs, with the same groups.
        package var due: LineExpression?
        /// A line below the pending one that says that the job ran already.
        package var spent: LineExpression?
        /// What else must be there for the job to do its work. The group `value` must be our mark.
        package var proofs: [Finding]
    }

    /// What must be true of a device before it is changed.
    package struct Requirement: Hashable, Sendable {
        package var command: String
        /// A line that must be there.
        package var find: LineExpression?
        /// A line that must not be there.
        package var refuse: LineExpression?
        /// What to do about it.
        package var remedy: String
    }
}

/// How an interface's shaping or policing is written on a platform.
package struct ShapingRules: Hashable, Sendable {
    package var place = SourceLocation(file: "")
    /// The line that an interface of these rules is part of, which stays where it is there, whatever goes that stands below. Where it
    /// holds `{service}`, it must be there, and that is what the interface is part of, in as many words as it takes.
    package var within: String?
    /// The lines, each as the path to it. `{interface}`, `{policy}`, `{rate}` and `{burst}` stand for what differs.
    package var lines: [[String]]
    /// The path to the rate of a class inside an interface's policy, `{class}`; empty where classes are not shaped.
    package var classPath: [String] = []
    /// Paths to whatever else uses a policy, beside `lines`: it is as shared as by an interface.
    package var users: [[String]] = []
    /// Paths to what may not stand beside these lines, as the interface would then be held to something else.
    package var alone: [[String]] = []
    /// Paths to what a policy must say already, as it would otherwise let more through. They are never written.
    package var needs: [[String]] = []
    /// What stands for `{direction}`: the directions that can be policed.
    package var directions: [TrafficDirection: String] = [:]
    /// Lines that must be there too. What stands in the place of their last word is left as it is.
    package var kept: [[String]] = []
    /// The name of what this tool makes itself.
    package var policy: String?
    /// What `{rate}` counts, in bit/s.
    package var rateUnit: UInt64
    /// What `{burst}` counts, in bits.
    package var burstUnit: UInt64
    /// The least and the most that the platform takes, if it says.
    package var least: BitsPerSecond?
    package var most: BitsPerSecond?
}

extension ShapingRules {
    /// The rules for one direction; nil when it cannot be policed.
    package func directed(_ direction: TrafficDirection) -> ShapingRules? {
        directions[direction].map { filled("direction", with: $0) }
    }

    /// The rules with a name in braces replaced everywhere.
    func filled(_ name: String, with value: String) -> ShapingRules {
        func filled(_ text: String) -> String { Placeholders.filled(text) { $0 == name ? value : nil } }
        var rules = self
        rules.lines = lines.map { $0.map(filled) }
        rules.users = users.map { $0.map(filled) }
        rules.alone = alone.map { $0.map(filled) }
        rules.needs = needs.map { $0.map(filled) }
        rules.kept = kept.map { $0.map(filled) }
        rules.policy = policy.map(filled)
        return rules
    }

    /// Every path that is written down.
    package var paths: [[String]] { lines + kept + users + alone + needs + [classPath] + (within.map { [[$0]] } ?? []) }

    /// Whether a line holds a name in braces.
    func holds(_ name: StaticString) -> Bool {
        lines.contains { $0.contains { Placeholders.holds(name, in: $0) } }
    }
}

extension PlatformDefinition {
    /// The mode of this name.
    package func mode(_ name: String) -> Mode? { modes.first { $0.name == name } }

    /// Whether opening a change arms the timer, before the first line is sent.
    package var armsOnOpening: Bool { revertTimer.map { $0.commit == nil } ?? false }

    /// The commands that lead from one mode to another; nil when there is no way.
    package func way(from start: String, to goal: String) -> [(command: String, mode: String)]? {
        var open = [(start, [(command: String, mode: String)]())]
        var seen: Set = [start]
        while !open.isEmpty {
            let (mode, path) = open.removeFirst()
            if mode == goal { return path }
            var steps: [(command: String, mode: String)] = []
            for next in modes where next.from == mode {
                if let enter = next.enter { steps.append((enter, next.name)) }
            }
            if let here = self.mode(mode), let back = here.from, let leave = here.leave {
                steps.append((leave, back))
            }
            for step in steps where seen.insert(step.mode).inserted { open.append((step.mode, path + [step])) }
        }
        return nil
    }

    /// Whether what opens a change tells the device the lines back.
    var tellsWayBack: Bool {
        (change.open?.commands ?? []).contains {
            !Placeholders.wayBack.isDisjoint(with: Placeholders.names(in: $0))
        }
    }

    /// Every way to shape and to police, with the name of its key.
    var ways: [(name: String, rules: ShapingRules)] {
        shaping.map { ("shaping", $0) } + policing.map { ("policing", $0) }
    }

    /// Every procedure with the name of its key, in the order of a change.
    package var procedures: [(name: String, procedure: Procedure)] {
        let all: [(String, Procedure?)] = [
            ("change.open", change.open), ("change.difference", change.difference),
            ("change.candidate", change.candidate), ("change.commit", change.commit), ("change.abort", change.abort),
            ("revert_timer.commit", revertTimer?.commit), ("revert_timer.query", revertTimer?.query),
            ("revert_timer.confirm", revertTimer?.confirm), ("revert_timer.undo", revertTimer?.undo), ("save", save),
        ]
        return all.compactMap { name, procedure in procedure.map { (name, $0) } }
    }
}
