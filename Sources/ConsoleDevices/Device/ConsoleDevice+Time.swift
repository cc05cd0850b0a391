extension ConsoleDevice {
    /// Carries out what is due at `now`, in the order of its times: reverts that nobody confirmed, restarts, schedules.
    ///
    /// To be called before anything is answered.
    public mutating func advance(to now: Moment) {
        while true {
            let revert = pending?.deadline
            guard let next = [revert, reloadAt, nextJob].compactMap({ $0 }).min(), next <= now else { return }
            if next == revert {
                self.revert(at: next)
            } else if next == reloadAt {
                restart(at: next)
            } else {
                runNextJob(at: next)
            }
        }
    }

    /// Brings back what was before the change that nobody confirmed.
    mutating func revert(at moment: Moment) {
        guard let pending else { return }
        self.pending = nil
        guard !pending.restarts else { return restart(at: moment) }
        platform.dialect.revert(&self, pending, at: moment)
    }

    /// Starts anew with the startup configuration. Every session ends.
    mutating func restart(at moment: Moment) {
        reloadAt = nil
        pending = nil
        candidate = nil
        drafts = []
        lockedBy = nil
        sessions = []
        restarts += 1
        startedAt = moment
        running = startup
        lastChange = nil
        jobs = []
        readSchedules(at: moment)
        note("restarted", by: "system", at: moment)
    }

    /// A session begins.
    mutating func begin(user: String, process: Int?, at now: Moment) -> SessionRecord {
        let record = SessionRecord(id: nextSession, user: user, since: now, process: process)
        nextSession += 1
        sessions.append(record)
        return record
    }

    /// A session was cut off, and the device does not notice for some seconds.
    mutating func lose(session: Int, for seconds: Int, at now: Moment) {
        guard let index = sessions.firstIndex(where: { $0.id == session }) else { return }
        sessions[index].endsAt = now.after(seconds: seconds)
    }

    /// A session is gone: what it alone held is let go of, and what hung on it is undone.
    mutating func end(session: Int, at now: Moment) {
        guard sessions.contains(where: { $0.id == session }) else { return }
        sessions.removeAll { $0.id == session }
        if lockedBy == session {
            lockedBy = nil
            candidate = nil
        }
        if let pending, pending.isBoundToSession, pending.session == session { revert(at: now) }
    }
}
