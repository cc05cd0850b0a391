extension VyOSDialect {
    /// What is in force on trial, and the timer that ends it.
    ///
    /// The timer is armed before the commit, and stays when that fails. What was committed on trial enters the archive of commits
    /// when it is confirmed.
    static func commitOnTrial(_ minutes: Int, _ comment: String, _ turn: inout Turn) {
        guard !turn.changes.isEmpty else { return turn.say("No configuration changes to commit") }
        guard turn.device.pending == nil else { return turn.fail("Another confirm is pending") }
        let reloads = Self.reloads(turn.device.running)
        if reloads {
            turn.say(
                "", "commit-confirm will automatically reload previous config in \(minutes) minutes",
                "unless changes are confirmed.")
        } else {
            turn.say(
                "", "commit-confirm will automatically reboot in \(minutes) minutes unless changes", "are confirmed.")
        }
        turn.ask("Proceed ? [Y/n] ") { turn, answer in
            guard ["", "y", "yes"].contains(answer.trimmed.lowercased()) else {
                return turn.fail("commit-confirm canceled")
            }
            guard turn.arm(seconds: minutes * 60, back: turn.device.startup, restarts: !reloads) else {
                return turn.fail(
                    "vyos.config_mgmt.ConfigMgmtError: Failed to start transient timer unit: Unit commit-confirm.timer failed."
                )
            }
            turn.say(
                "Initialized commit-confirm; \(minutes) minutes to confirm before \(reloads ? "reload" : "reboot")")
            putInForce(comment, &turn) { turn, _ in turn.device.pending?.name = comment.isEmpty ? "commit" : comment }
        }
    }

    /// Commits for good.
    static func commit(_ comment: String, _ turn: inout Turn) {
        guard !turn.changes.isEmpty else { return turn.say("No configuration changes to commit") }
        putInForce(comment, &turn) { turn, tree in archive(tree, comment, &turn) }
    }

    /// Ends the trial: what is in force, whoever committed it, enters the archive.
    static func confirm(_ turn: inout Turn) {
        guard let pending = turn.device.pending else { return turn.say("No confirm pending") }
        turn.device.pending = nil
        if turn.device.commits.first?.tree != turn.device.running {
            turn.device.commit(
                turn.device.running, by: pending.user, session: pending.session, at: turn.now, comment: pending.name)
        }
        turn.say(pending.restarts ? "Reboot timer stopped" : "Reload timer stopped")
    }

    /// The candidate becomes a commit of the archive.
    static func rollBackSoftly(to revision: Int, _ turn: inout Turn) {
        guard let tree = JunosDialect.commit(revision, turn.device) else {
            return turn.fail("Invalid revision number \(revision): must be 0 < rev < \(turn.device.commits.count)")
        }
        turn.session.candidate = tree
        turn.say(
            "Rollback diff has been applied.", "Use \"compare\" to review the changes or \"commit\" to apply them.")
    }

    /// The timer of systemd, as it lists it.
    static func listTimers(_ turn: inout Turn) {
        guard let pending = turn.device.pending else { return }
        turn.say(
            SystemdTimers.row(
                of: "commit-confirm", due: pending.deadline, at: turn.now,
                past: "-                           -        "))
    }

    /// What was committed on trial, as it waits for its place in the log of commits.
    static func showEntry(_ turn: inout Turn) {
        guard let pending = turn.device.pending, !pending.name.isEmpty else {
            return turn.fail("cat: /tmp/commit-rev-entry: No such file or directory")
        }
        let seconds = pending.deadline.milliseconds / 1000 - pending.seconds
        turn.say("|\(seconds)|\(pending.user)|cli|\(pending.name)|")
    }

    /// Whether a trial ends by loading what was before, not by a restart.
    static func reloads(_ tree: ConfigTree) -> Bool {
        tree.value(["system", "config-management", "commit-confirm", "action"]) == "reload"
    }

    private static func archive(_ tree: ConfigTree, _ comment: String, _ turn: inout Turn) {
        guard tree.node(["system", "config-management", "commit-revisions"]) != nil else { return }
        turn.device.commit(tree, by: turn.session.user, session: turn.session.id, at: turn.now, comment: comment)
    }

    private static func putInForce(_ comment: String, _ turn: inout Turn, then: (inout Turn, ConfigTree) -> Void) {
        let tree = turn.device.running.applying(turn.changes)
        let missing = (tree.node(["qos"])?.children ?? []).filter { node in
            tree.value(["qos", node.key, "egress"]).map { tree.node(["qos", "policy", "shaper \($0)"]) == nil } ?? false
        }
        guard missing.isEmpty, turn.faults.commitFails != true else {
            let names = missing.map(\.line).joined(separator: ", ")
            return turn.fail("[[\(names.isEmpty ? "system" : "qos \(names)")]] failed", "Commit failed")
        }
        turn.takingEffect { turn in
            turn.device.running = tree
            turn.device.lastChange = CommitStamp(at: turn.now, user: turn.session.user)
            turn.session.candidate = tree
            turn.session.base = tree
            turn.note("commit by \(turn.session.user)")
            then(&turn, tree)
        }
    }
}
