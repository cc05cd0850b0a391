import RolloutEngine

/// The differences of many devices, those that are the same shown once.
struct DiffGroups {
    private struct Group {
        var diff: ConfigDiff
        var devices: [DeviceName]
        var platform: PlatformName
    }

    private var order: [String] = []
    private var groups: [String: Group] = [:]
    private var count = 0

    /// Adds a device's difference.
    mutating func add(_ diff: ConfigDiff, of device: DeviceName, on platform: PlatformName) {
        count += 1
        let key = "\(platform)\n\(diff.text)"
        if groups[key] == nil {
            order.append(key)
            groups[key] = Group(diff: diff, devices: [], platform: platform)
        }
        groups[key]?.devices.append(device)
    }

    /// A heading for each difference, the most frequent first, and the lines of the first `limit` of them.
    ///
    /// - Parameter theRest: The command that shows those of all.
    func lines(limit: Int, style: Style, theRest: String) -> [String] {
        var lines: [String] = []
        let groups = order.compactMap { self.groups[$0] }.sorted { $0.devices.count > $1.devices.count }
        for (index, group) in groups.enumerated() {
            lines.append(
                style.paint("Diff \(Self.letter(index))", .strong)
                    + "  \(padded("\(group.devices.count)", 4, left: true)) device\(group.devices.count == 1 ? " " : "s")"
                    + "  \(SafeText.line(group.platform.rawValue))   "
                    + "+\(group.diff.added) -\(group.diff.removed)   \(Self.names(group.devices, style))")
            guard index < limit else { continue }
            for section in group.diff.sections {
                for line in section.lines {
                    let text = "  \(line.kind.rawValue) \(SafeText.line(section.name)): \(SafeText.line(line.text))"
                    switch line.kind {
                    case .added: lines.append(style.paint(text, .good))
                    case .removed: lines.append(style.paint(text, .bad))
                    case .kept: lines.append(text)
                    }
                }
            }
        }
        if groups.count > limit {
            lines.append("  (the differences themselves from \(Self.letter(limit)) on: \(theRest))")
        }
        let odd = groups.filter { $0.devices.count == 1 }
        if groups.count > 1, odd.count <= 3, count > 4 {
            for group in odd {
                lines.append("Odd one out: \(Self.names(group.devices, style)) differs from every other device")
            }
        }
        return lines
    }

    /// The first of them.
    static func names(_ devices: [DeviceName], _ style: Style) -> String {
        let shown = devices.prefix(4).map { SafeText.line($0.rawValue) }.joined(separator: ", ")
        return style.paint(devices.count > 4 ? "\(shown), \(style.ellipsis)" : shown, .quiet)
    }

    private static func letter(_ index: Int) -> String {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        let first = letters[letters.index(letters.startIndex, offsetBy: index % 26)]
        return index < 26 ? String(first) : "\(first)\(index / 26)"
    }
}
