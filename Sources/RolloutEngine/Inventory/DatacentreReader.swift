import Foundation

/// Reads a datacentre's time zone, maintenance window and blackouts.
struct DatacentreReader {
    let complaints: ComplaintList

    /// A datacentre; where something is wrong there is a complaint, and UTC, no window and no blackouts stand for it.
    func read(_ name: String, _ map: inout YAMLMap) -> Datacentre {
        let zone = map.value("time_zone", .line)
        if let zone, TimeZone(identifier: zone) == nil {
            let near = nearest(to: zone, in: TimeZone.knownTimeZoneIdentifiers)
            complaints.error(
                at: map.place(of: "time_zone"), "unknown time zone \(excerpt(zone)) of datacentre \(name)",
                remedy: near.map { "did you mean '\($0)'?" } ?? "expected an IANA name such as Europe/Paris")
        }
        var window: MaintenanceWindow?
        if let entry = map.entry("window") {
            window = self.window(entry.value, of: name, in: map)
            if zone == nil {
                complaints.error(
                    at: map.place(of: "window"), "datacentre \(name) has a window but no time_zone",
                    remedy: "add its IANA name such as time_zone: Europe/Paris")
            }
        }
        var blackouts: [Blackout]?
        if let entry = map.entry("blackouts") {
            blackouts = BlackoutReader(complaints: complaints).read(
                entry.value, "blackouts of datacentre \(name)", in: map)
            if zone == nil {
                complaints.error(
                    at: map.place(of: "blackouts"), "datacentre \(name) has blackouts but no time_zone",
                    remedy: "add its IANA name such as time_zone: Europe/Paris")
            }
        }
        return Datacentre(
            name: DatacentreName(rawValue: name), timeZone: zone ?? "UTC", window: window, blackouts: blackouts)
    }

    private func window(_ node: YAMLNode, of name: String, in map: YAMLMap) -> MaintenanceWindow? {
        let what = "window of datacentre \(name)"
        guard case .map = node.content else {
            guard let (start, end) = map.read(node, as: Self.hours, what: what) else { return nil }
            return MaintenanceWindow(startMinute: start, endMinute: end)
        }
        guard var details = map.submap(node, what) else { return nil }
        let hours = details.required("hours", Self.hours)
        var days = Array(1...7)
        if let entry = details.entry("days") {
            days = Set(details.readList(entry.value, as: Self.days, what: "days of \(what)").joined()).sorted()
            if days.isEmpty, complaints.isClean {
                complaints.error(
                    at: details.place(of: "days"), "\(what) has no days", remedy: "expected [mon, tue] or mon-fri")
            }
        }
        details.refuseUnknownKeys()
        guard let (start, end) = hours else { return nil }
        return MaintenanceWindow(startMinute: start, endMinute: end, days: days)
    }

    /// `22:00-05:30`, in minutes from midnight.
    static let hours = TextFormat<(Int, Int)>(expected: "local hours such as 22:00-05:30") { text in
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map {
            TextFormat<Int>.minuteOfDay.parse(String($0).trimmingSpaces())
        }
        guard ends.count == 2, let start = ends[0], start < 1440, let end = ends[1] else { return nil }
        // Midnight at the end is the next day's, which a window that ends at or before its start reaches.
        return (start, end % 1440)
    }

    /// `tue` or `mon-fri`, as numbers from 1 for Monday.
    private static let days = TextFormat<[Int]>(expected: "a day such as mon, or days such as mon-fri") { text in
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        let ends = text.lowercased().split(separator: "-").map { end in names.firstIndex { end.hasPrefix($0) } }
        switch ends.count {
        case 1: return ends[0].map { [$0 + 1] }
        case 2:
            guard let first = ends[0], let last = ends[1] else { return nil }
            return first <= last ? (first...last).map { $0 + 1 } : (first...last + 7).map { $0 % 7 + 1 }
        default: return nil
        }
    }
}

extension TextFormat where Value == Int {
    /// A time of day, in minutes from midnight; 24:00 is the end of the day.
    package static let minuteOfDay = TextFormat(expected: "a time of day such as 22:00") { text in
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == 0x3a, let hour = Int(text.prefix(2)), let minute = Int(text.suffix(2)),
            bytes[0] != 0x2b, bytes[3] != 0x2b, bytes[0] != 0x2d, bytes[3] != 0x2d, (0...24).contains(hour),
            (0..<60).contains(minute), hour * 60 + minute <= 1440
        else { return nil }
        return hour * 60 + minute
    }
}
