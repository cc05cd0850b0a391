import Foundation
import RolloutEngine

/// Schedules in words.
enum ScheduleText {
    /// What it carries out.
    static func work(_ schedule: Schedule) -> String {
        switch schedule.work {
        case .plan(let path, let digest): "plan \(path) (\(digest.short))"
        case .anew(let inputs, let approved):
            "\(inputs.change) on \(inputs.inventory)" + (inputs.limit.map { " -l \($0)" } ?? "")
                + ", planned anew, at most \(approved.devices) devices"
        }
    }

    /// When it is due.
    static func timing(_ schedule: Schedule) -> String {
        switch schedule.timing {
        case .cron(let expression, let zone): "\(expression) in \(zone)"
        case .once(let instant): "once, at \(instant)"
        case .windows: "once, when the next window opens"
        }
    }

    /// An instant as a clock on a wall of the schedule's time zone shows it.
    static func clock(_ instant: Instant, of schedule: Schedule) -> String {
        guard case .cron(_, let name) = schedule.timing, let zone = TimeZone(identifier: name) else {
            return "\(instant.description.prefix(16).replacing("T", with: " ")) UTC"
        }
        let seconds = Double(instant.milliseconds) / 1000
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds))
        let local = instant + .seconds(Int64(offset))
        let sign = offset < 0 ? "-" : "+"
        let minutes = abs(offset) / 60
        let shift = "\(sign)\(padded(minutes / 60)):\(padded(minutes % 60))"
        return "\(local.description.prefix(16).replacing("T", with: " ")) \(shift)"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
