// Candidates: shared, exclusive, and private ones, which have names and outlive their sessions.
extension SRLinuxDialect {
    static let entering: [Command] = [
        Command("enter candidate [shared] [name <word>]") { turn, _ in
            guard turn.device.lockedBy == nil else {
                return turn.fail("Error: Candidate 'default' is in exclusive use by another session")
            }
            turn.device.candidate = turn.device.candidate ?? turn.device.running
            enter(.shared, &turn)
        },
        Command("enter candidate private [name <word>]") { turn, arguments in
            enterPrivately(arguments["name"] ?? "private-\(turn.session.user)", &turn)
        },
        Command("enter candidate exclusive [name <word>]") { turn, _ in
            guard turn.device.lockedBy == nil, turn.device.candidate == nil else {
                return turn.fail("Error: Candidate 'default' is in use by another session")
            }
            turn.device.lockedBy = turn.session.id
            turn.device.candidate = turn.device.running
            turn.session.isExclusive = true
            enter(.shared, &turn)
        },
        Command("enter running") { turn, _ in leave(&turn) },
    ]

    /// The candidate of that name as it was left, or a new one.
    private static func enterPrivately(_ name: String, _ turn: inout Turn) {
        let known = turn.device.drafts.first { $0.name == name }
        guard known != nil || turn.device.drafts.count < 10 else {
            return turn.fail("Error: Cannot create candidate '\(name)': the maximum of 10 candidates is reached")
        }
        turn.session.note = name
        turn.session.candidate = known?.tree ?? turn.device.running
        turn.session.base = known?.base ?? turn.device.running
        enter(.own, &turn)
        keep(&turn)
    }

    private static func enter(_ target: ConsoleSession.Target, _ turn: inout Turn) {
        turn.session.mode = .configuration
        turn.session.target = target
        turn.session.levels = []
    }

    /// The device keeps what a session typed into its candidate.
    static func keep(_ turn: inout Turn) {
        guard turn.session.target == .own, let tree = turn.session.candidate else { return }
        turn.device.drafts.removeAll { $0.name == turn.session.note }
        turn.device.drafts.append(
            Draft(name: turn.session.note, user: turn.session.user, tree: tree, base: turn.session.base))
    }

    /// Back to the running datastore. A candidate that is done with is gone.
    static func leave(_ turn: inout Turn, isDone: Bool = false) {
        if isDone, turn.session.target == .own { turn.device.drafts.removeAll { $0.name == turn.session.note } }
        if turn.session.isExclusive {
            turn.device.lockedBy = nil
            turn.device.candidate = nil
            turn.session.isExclusive = false
        }
        if turn.device.candidate == turn.device.running { turn.device.candidate = nil }
        turn.session.mode = .privileged
        turn.session.levels = []
        turn.session.candidate = nil
        turn.session.base = nil
        turn.session.note = ""
    }

    static func discard(_ turn: inout Turn) {
        turn.target = turn.device.running
        turn.session.base = turn.device.running
        keep(&turn)
    }
}
