/// What sets a platform apart: modes with prompts, commands, grammar, texts.
protocol Dialect: Sendable {
    var layout: ConfigLayout { get }
    var naming: InterfaceNaming { get }
    /// What configuration may look like.
    var grammar: [Rule] { get }
    var habits: TerminalHabits { get }

    /// Where a session begins.
    func begin(_ session: inout ConsoleSession)
    /// What is said before the first prompt.
    func greeting(_ device: ConsoleDevice, at now: Moment) -> [String]
    func prompt(_ session: ConsoleSession, _ device: ConsoleDevice, name: String, at now: Moment) -> String
    /// What can be said in the mode a session is in, beside configuration.
    func commands(_ session: ConsoleSession) -> [Command]
    /// A line that none of the commands is.
    func configure(_ line: String, _ turn: inout Turn)
    /// Says that a line was not understood; `column` counts characters of the line.
    func refuse(_ misreading: Misreading, column: Int, line: String, _ turn: inout Turn)
    /// Brings back what was before, as the platform writes that down.
    func revert(_ device: inout ConsoleDevice, _ pending: PendingRevert, at moment: Moment)
    /// Whether its scheduler counts seconds, whatever becomes of the device's clock.
    var schedulerCounts: Bool { get }
    /// What the configuration tells the device's scheduler to do.
    func schedules(of device: ConsoleDevice) -> [ScheduledJob]
    /// What a job does when its time has come, as the system.
    func run(_ job: ScheduledJob, _ device: inout ConsoleDevice, at moment: Moment)
    /// A change by somebody else, as typed lines, in force at once.
    func foreignEdit(_ edit: ConsoleFaults.ForeignEdit, _ device: inout ConsoleDevice, at now: Moment)

    func hostname(of tree: ConfigTree) -> String?
    func shapedRates(of tree: ConfigTree) -> [String: Int]
    /// What a device out of the box has, as typed lines.
    func factoryLines(hostname: String, interfaces: [String], rate: Int) -> [String]
    /// Why a line cannot be put there at all, as the device says it; nil when it can.
    func objection(to path: [ConfigNode], in tree: ConfigTree) -> [String]?
    /// Why a line cannot be taken away, as the device says it; nil when it can.
    func refusesToRemove(_ path: [ConfigNode], _ device: ConsoleDevice) -> String?
    /// What the control keys do, beside editing the line.
    func key(_ key: ControlKey, _ turn: inout Turn)
}

extension Dialect {
    func greeting(_ device: ConsoleDevice, at now: Moment) -> [String] { [] }
    func key(_ key: ControlKey, _ turn: inout Turn) {}
    func objection(to path: [ConfigNode], in tree: ConfigTree) -> [String]? { nil }
    func refusesToRemove(_ path: [ConfigNode], _ device: ConsoleDevice) -> String? { nil }
    var schedulerCounts: Bool { false }
    func schedules(of device: ConsoleDevice) -> [ScheduledJob] { [] }
    func run(_ job: ScheduledJob, _ device: inout ConsoleDevice, at moment: Moment) {}

    /// For platforms where every edit is in force at once.
    func foreignEdit(_ edit: ConsoleFaults.ForeignEdit, _ device: inout ConsoleDevice, at now: Moment) {
        device.running = edited(device.running, edit, device)
        device.lastChange = CommitStamp(at: now, user: "monitor")
        device.note("configured", by: "monitor", at: now)
    }

    func revert(_ device: inout ConsoleDevice, _ pending: PendingRevert, at moment: Moment) {
        device.running = pending.tree
        device.lastChange = CommitStamp(at: moment, user: "system")
        device.note("reverted: not confirmed in time", by: "system", at: moment)
    }

    /// A configuration after the typed lines of an edit.
    func edited(_ tree: ConfigTree, _ edit: ConsoleFaults.ForeignEdit, _ device: ConsoleDevice) -> ConfigTree {
        ConfigTree.typed(edit.lines, self, interfaces: device.interfaces.map(\.name), onto: tree).tree
    }

    func reading(_ line: String, _ device: ConsoleDevice) -> Reading {
        Reading(
            line, naming: naming, interfaces: device.interfaces.map(\.name), mayBeShort: habits.shortWords)
    }
}

/// Keys that mean something to the device.
enum ControlKey: Sendable { case c, d, x, z }

/// How a platform handles a terminal.
struct TerminalHabits: Sendable {
    /// What stands below a full page.
    var more = " --More-- "
    /// How that is wiped out again.
    var wipe = "\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}        \u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}"
    /// Whether keywords may be shortened.
    var shortWords = true
    /// Whether a question mark asks for help wherever it is typed.
    var helpsAtOnce = true
    /// How a line that is longer than the terminal is wide is shown.
    var longLine = LongLine.scrolls
    /// What comes before each prompt.
    var beforePrompt = ""
    /// Whether it says prompt and echo without a terminal.
    var talksWithoutTerminal = true
    /// Whether ^D on an empty line ends the session.
    var endsOnEOF = false
    /// Whether pages are made unless the session turned that off.
    var pages = true
    /// Whether a candidate of one's own stays as it was made when others commit, even if nothing was typed into it.
    var keepsBase = false

    enum LongLine: Sendable {
        /// The line moves left behind a `$` (Cisco).
        case scrolls
        /// It goes on in the next row (readline: a blank and a carriage return at the edge).
        case wraps
    }
}
