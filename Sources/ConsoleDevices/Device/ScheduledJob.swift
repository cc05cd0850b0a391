/// Lines that a device obeys of itself, at a time of its own clock.
struct ScheduledJob: Codable, Equatable, Sendable {
    let name: String
    /// When it is meant to run first, by the device's clock.
    var start: Moment
    /// From one time to the next; 0 for once.
    let seconds: Int
    let script: String
    /// What the device's clock showed when it learnt of it: what should have run before is not made up for.
    var since = Moment(milliseconds: 0)
    /// What the device's clock showed when it last ran.
    var lastRun: Moment?

    /// When it runs next, by the device's clock; nil when it does not run again.
    var due: Moment? {
        let past = max(since, lastRun ?? since)
        if start > past { return start }
        guard seconds > 0 else { return nil }
        let rounds = (past.milliseconds - start.milliseconds) / (seconds * 1000) + 1
        return start.after(seconds: rounds * seconds)
    }

    /// Whether the other says the same.
    func says(_ other: ScheduledJob) -> Bool {
        (name, start, seconds, script) == (other.name, other.start, other.seconds, other.script)
    }
}

extension ConsoleDevice {
    /// What its own clock shows.
    func clock(at now: Moment) -> Moment { now.after(seconds: clockOffset) }

    /// Whether something is to come that may change its configuration: a revert timer, or a job of its scheduler.
    public var isArmed: Bool { pending != nil || reloadAt != nil || jobs.contains { $0.due != nil } }

    /// Takes in what the configuration says of jobs.
    mutating func readSchedules(at now: Moment) {
        jobs = platform.dialect.schedules(of: self).map { wanted in
            if let known = jobs.first(where: { $0.says(wanted) }) { return known }
            var job = wanted
            job.since = clock(at: now)
            return job
        }
    }

    /// Sets its clock. What came due by that runs once, however often it should have.
    mutating func setClock(ahead seconds: Int, at now: Moment) {
        guard seconds != clockOffset else { return }
        let shift = seconds - clockOffset
        clockOffset = seconds
        guard !platform.dialect.schedulerCounts else {
            for index in jobs.indices { jobs[index].start = jobs[index].start.after(seconds: shift) }
            return
        }
        let shown = clock(at: now)
        for name in jobs.filter({ $0.due.map { $0 <= shown } ?? false }).map(\.name) { runJob(name, at: now) }
    }

    /// The real time at which a job comes next.
    var nextJob: Moment? { jobs.compactMap(\.due).min()?.after(seconds: -clockOffset) }

    /// Runs what comes next.
    mutating func runNextJob(at now: Moment) {
        guard let job = jobs.filter({ $0.due != nil }).min(by: { ($0.due ?? $0.start) < ($1.due ?? $1.start) }) else {
            return
        }
        runJob(job.name, at: now)
    }

    private mutating func runJob(_ name: String, at now: Moment) {
        guard let index = jobs.firstIndex(where: { $0.name == name }) else { return }
        jobs[index].lastRun = clock(at: now)
        platform.dialect.run(jobs[index], &self, at: now)
        readSchedules(at: now)
    }
}
