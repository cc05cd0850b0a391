/// How systemd lists its timers, where a Linux is beneath.
///
/// Source: systemctl(1).
enum SystemdTimers {
    /// A row without a legend.
    ///
    /// - Parameter past: The columns of a run before, of which there was none: `n/a n/a`, or `- -` since systemd 254.
    static func row(of unit: String, due: Moment, at now: Moment, past: String) -> String {
        let left = now.seconds(until: due)
        let parts = [(left / 3600, "h"), (left / 60 % 60, "min"), (left % 60, "s")].filter { $0.0 > 0 }
        return "\(due.weekdayDate.prefix(3)) \(due.isoDate) \(due.clock) UTC "
            + parts.prefix(2).map { "\($0.0)\($0.1)" }.joined(separator: " ")
            + " left \(past) \(unit).timer \(unit).service"
    }
}
