/// What is to be done about a schedule.
public enum ScheduleAction: Hashable, Sendable {
    /// Say that this occurrence is being begun, then create its rollout, unless it is there already, and say so.
    case begin(Schedule, occurrence: Instant)
    /// Pass this occurrence over, and say why.
    case skip(ScheduleName, occurrence: Instant, because: String)
    /// Nothing before then.
    case wake(at: Instant)
}

/// Decides which schedules are due. Pure: the same arguments give the same actions.
public enum ScheduleClerk {
    /// How long whoever said that it begins an occurrence is waited for, when nobody can tell whether it still lives.
    public static let patience = Timespan.minutes(5)

    /// What is to be done now, by name of the schedules.
    ///
    /// - Parameters:
    ///   - unfinished: The rollouts that are not over.
    ///   - isGone: Whether a process that began an occurrence is certainly gone, or is this one.
    public static func next(
        _ state: ServiceState, unfinished: Set<RolloutID>, at now: Instant, isGone: (String) -> Bool
    ) -> [ScheduleAction] {
        state.schedules.sorted { $0.key < $1.key }.compactMap { _, schedule in
            next(schedule, state.lineStop, unfinished, at: now, isGone)
        }
    }

    private static func next(
        _ its: ScheduleState, _ lineStop: LineCall?, _ unfinished: Set<RolloutID>, at now: Instant,
        _ isGone: (String) -> Bool
    ) -> ScheduleAction? {
        let schedule = its.schedule
        if let begun = its.begun {
            let until = begun.at + patience
            guard isGone(begun.by) || now >= until else { return .wake(at: until) }
            return .begin(schedule, occurrence: begun.occurrence)
        }
        guard let first = its.nextOccurrence else { return nil }
        guard first <= now else { return .wake(at: first) }
        guard let due = its.lastOccurrence(from: first, upTo: now) else {
            let stopped = lineStop.map { ", while the line is stopped (\($0.words))" } ?? ""
            return .skip(
                schedule.name, occurrence: first,
                because: "it was not begun within \(schedule.lateness) of \(first)\(stopped)")
        }
        if lineStop != nil { return .wake(at: due + schedule.lateness + .milliseconds(1)) }
        if let last = its.lastRollout, unfinished.contains(last) {
            return .skip(
                schedule.name, occurrence: due,
                because: "rollout \(last), which it started before, is not over: see rollout status \(last.number)")
        }
        return .begin(schedule, occurrence: due)
    }
}

extension ScheduleState {
    /// When it is due next, be that in the past; nil when it is not due any more.
    public var nextOccurrence: Instant? {
        switch schedule.timing {
        case .cron(let expression, let zone): expression.next(after: settledUntil, in: zone)
        case .once(let instant): lastOccurrence == nil ? instant : nil
        case .windows(let datacentres):
            lastOccurrence == nil
                ? datacentres.compactMap { MaintenanceCalendar.start(in: $0, leaving: .zero, from: setAt) }.min() : nil
        }
    }

    /// The occurrence that is due at `now`: of several that nobody began, only the last, and only if it is not too late for it.
    fileprivate func lastOccurrence(from first: Instant, upTo now: Instant) -> Instant? {
        let earliest = now - schedule.lateness
        guard case .cron(let expression, let zone) = schedule.timing else { return first >= earliest ? first : nil }
        var due = first >= earliest ? first : expression.next(after: earliest - .milliseconds(1), in: zone)
        guard var last = due, last <= now else { return nil }
        while true {
            due = expression.next(after: last, in: zone)
            guard let later = due, later <= now else { return last }
            last = later
        }
    }
}
