/// One command, under the device's lock: all it may look at and change.
struct Turn: Sendable {
    var device: ConsoleDevice
    var session: ConsoleSession
    let now: Moment
    let faults: ConsoleFaults
    let dialect: any Dialect

    init(device: ConsoleDevice, session: ConsoleSession, now: Moment, faults: ConsoleFaults) {
        self.device = device
        self.session = session
        self.now = now
        self.faults = faults
        dialect = device.platform.dialect
    }

    /// What it says, in lines.
    var output: [String] = []
    /// What comes after a `|`.
    var pipes: [String] = []
    /// The session ends.
    var isOver = false
    /// It ends without a word: nothing of `output` is said.
    var isCut = false
    /// What an ssh exec ends with.
    var status: Int32 = 0
    private var hasArmed = false
    /// The length of the prompt the line was typed after, for carets.
    var promptWidth = 0

    mutating func say(_ lines: String...) { output += lines }
    mutating func say(_ lines: [String]) { output += lines }

    /// An answer that says no.
    mutating func fail(_ lines: String...) {
        output += lines
        status = 1
    }

    mutating func fail(_ lines: [String]) {
        output += lines
        status = 1
    }

    mutating func ask(
        _ text: String, _ kind: Question.Kind = .line, _ answer: @escaping @Sendable (inout Turn, String) -> Void
    ) {
        session.question = Question(text: text, kind: kind, answer: answer)
    }

    mutating func hangUp() { isOver = true }

    /// Whether a fault that strikes a limited number of times strikes now.
    mutating func strikes(_ fault: String, limit: Int?) -> Bool {
        guard let limit else { return true }
        guard device.struck[fault, default: 0] < limit else { return false }
        device.struck[fault, default: 0] += 1
        return true
    }

    /// The device's name as it is shown.
    var name: String { faults.hostname ?? device.hostname }

    mutating func note(_ text: String) { device.note(text, by: session.user, at: now) }
}

extension Turn {
    /// What a commit does, with the faults that strike in it. Nothing happens if the session is cut before.
    mutating func takingEffect(_ change: (inout Turn) -> Void) {
        if faults.dropInCommit == .before, strikes("drop", limit: faults.dropTimes) {
            isOver = true
            isCut = true
            return
        }
        change(&self)
        if faults.dropInCommit == .after, strikes("drop", limit: faults.dropTimes) {
            isOver = true
            isCut = true
        }
    }

    /// Puts the candidate in force, and goes on editing it: for good, or on trial for some seconds where a timer can be armed.
    mutating func commitCandidate(
        onTrialFor seconds: Int?, label: String = "", isBoundToSession: Bool = false, refusal: String
    ) {
        let tree = session.target == .own ? device.running.applying(changes) : target
        takingEffect { turn in
            if let seconds,
                !turn.arm(seconds: seconds, back: turn.device.running, isBoundToSession: isBoundToSession)
            {
                return turn.fail(refusal)
            }
            turn.device.commit(
                tree, by: turn.session.user, session: turn.session.id, at: turn.now, label: label)
            turn.target = tree
            turn.session.base = tree
        }
    }

    /// Arms the revert timer; false, with nothing armed, where the fault says so.
    mutating func arm(
        seconds: Int, back tree: ConfigTree, name: String = "", isBoundToSession: Bool = false, restarts: Bool = false
    ) -> Bool {
        guard faults.timerRefuses != true else { return false }
        guard faults.timerIsLost != true else { return true }
        device.pending = PendingRevert(
            deadline: now.after(seconds: seconds), seconds: seconds, tree: tree, user: session.user,
            session: session.id, name: name, isBoundToSession: isBoundToSession, restarts: restarts)
        hasArmed = true
        return true
    }

    /// What becomes of a job that is to undo a change later.
    enum Scheduling { case refused, lost, kept }

    /// Whether a job that was given is refused, lost, or kept, as the faults of timers say.
    mutating func scheduling() -> Scheduling {
        if faults.timerRefuses == true { return .refused }
        if faults.timerIsLost == true { return .lost }
        hasArmed = true
        return .kept
    }

    /// What its own clock shows.
    var clock: Moment { device.clock(at: now) }

    /// What others do once a revert timer was armed, after the command that armed it.
    mutating func othersAct() {
        guard hasArmed else { return }
        for edit in faults.foreignEdits ?? [] where edit.inWindow == true {
            dialect.foreignEdit(edit, &device, at: now)
        }
    }

    /// A candidate of one's own in which nothing was changed shows what is in force, whoever changed that; but for platforms
    /// where it stays as it was made.
    mutating func followRunning() {
        guard session.base != nil, session.candidate == session.base, !dialect.habits.keepsBase else { return }
        session.base = device.running
        session.candidate = device.running
    }

    /// Whether the line is one that is to be refused.
    func isRefused(_ line: String) -> Bool { faults.refuse?.contains { line.contains($0) } ?? false }

    /// Whether the line is one that is to be lost.
    func isSwallowed(_ line: String) -> Bool { faults.swallow?.contains { line.contains($0) } ?? false }

    /// What configuration lines change.
    var target: ConfigTree {
        get {
            switch session.target {
            case .running: device.running
            case .own: session.candidate ?? device.running
            case .shared: device.candidate ?? device.running
            case .draft(let name): device.drafts.first { $0.name == name }?.tree ?? device.running
            }
        }
        set {
            switch session.target {
            case .running:
                device.running = newValue
                device.lastChange = CommitStamp(at: now, user: session.user)
            case .own: session.candidate = newValue
            case .shared: device.candidate = newValue
            case .draft(let name):
                guard let index = device.drafts.firstIndex(where: { $0.name == name }) else { return }
                device.drafts[index].tree = newValue
            }
        }
    }

    func reading(_ line: String) -> Reading { dialect.reading(line, device) }
}
