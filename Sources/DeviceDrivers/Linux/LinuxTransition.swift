import RolloutEngine

/// The commands that lead a device from one configuration in scope to another. Pure.
///
/// Each is one line of a script: words quoted one by one, so that a value is never more than a value.
struct LinuxTransition: Hashable, Sendable {
    /// The commands in their order, each with a name for people.
    var steps: [Step]

    /// One command.
    struct Step: Hashable, Sendable {
        /// What it is for: `qdisc e0`, `reload nginx -s reload`.
        var title: String
        /// The line of shell.
        var command: String
    }

    /// What leads from `other` to `wanted`. Sections that do not differ are left alone.
    ///
    /// Reload commands come last, each once, those of files that differ.
    ///
    /// - Throws: `DriverError` with `.unsupported` when a section is not canonical, a name is not one, or there is no way.
    init(to wanted: DeviceConfig, from other: DeviceConfig, hints: [String: String]) throws(DriverError) {
        guard wanted.sections.map(\.name) == other.sections.map(\.name) else {
            throw DriverError.unsupported("base and target do not hold the same sections")
        }
        steps = []
        var reloads: [String] = []
        for (section, before) in zip(wanted.sections, other.sections) {
            let words = section.name.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2 else {
                throw DriverError.unsupported("'\(section.name)' is not a section of this platform")
            }
            switch words[0] {
            case "qdisc", "qos", "police-ingress", "police-egress":
                for command in try Self.shaping(section, before, on: words[1]) {
                    steps.append(Step(title: section.name, command: command))
                }
            case "file":
                guard let command = try Self.file(section, before, at: words[1]) else { continue }
                steps.append(Step(title: section.name, command: command))
                if let reload = hints[section.name], !reloads.contains(reload) { reloads.append(reload) }
            default:
                throw DriverError.unsupported("'\(section.name)' is not a section of this platform")
            }
        }
        for reload in reloads {
            guard let words = ShellText.plainCommand(reload) else {
                throw DriverError.unsupported(
                    "'\(reload)' is not one plain command; put a script on the device and name it instead")
            }
            steps.append(Step(title: "reload \(reload)", command: ShellText.command(words)))
        }
    }

    private static func shaping(_ section: DeviceConfig.Section, _ before: DeviceConfig.Section, on interface: String)
        throws(DriverError) -> [String]
    {
        guard ShellText.isInterface(interface) else {
            throw DriverError.unsupported("'\(interface)' is not the name of an interface")
        }
        let commands: [[String]]?
        if let direction = section.policedDirection {
            if let wanted = Policing(lines: section.lines), let current = Policing(lines: before.lines) {
                commands = wanted.commands(from: current, direction, on: interface)
            } else if let wanted = SwitchPolicer(lines: section.lines), let current = SwitchPolicer(lines: before.lines)
            {
                commands = wanted.commands(from: current, on: interface)
            } else {
                throw foreignLines(section)
            }
        } else if section.name.hasPrefix("qos ") {
            guard let wanted = PortQoS(lines: section.lines), let current = PortQoS(lines: before.lines) else {
                throw foreignLines(section)
            }
            commands = wanted.commands(from: current, on: interface)
        } else {
            guard let wanted = Shaping(lines: section.lines), let current = Shaping(lines: before.lines) else {
                throw foreignLines(section)
            }
            commands = wanted.commands(from: current, on: interface)
        }
        guard let commands else {
            throw DriverError.unsupported("there is no way on \(interface) from \(before.lines) to \(section.lines)")
        }
        return commands.map(ShellText.command)
    }

    private static func file(_ section: DeviceConfig.Section, _ before: DeviceConfig.Section, at path: String)
        throws(DriverError) -> String?
    {
        guard ShellText.isPath(path) else {
            throw DriverError.unsupported("'\(path)' is not the absolute path of a file")
        }
        guard let wanted = FileSection(lines: section.lines), let current = FileSection(lines: before.lines) else {
            throw foreignLines(section)
        }
        if wanted == current { return nil }
        guard let check = section.check else { return wanted.command(for: path) }
        // A base that is put back is not checked: it was there before.
        guard let words = ShellText.plainCommand(check), check.contains("%s") else {
            throw DriverError.unsupported("\(path): the check '\(check)' is not one plain command with %s in it")
        }
        return wanted.command(for: path, check: words)
    }

    private static func foreignLines(_ section: DeviceConfig.Section) -> DriverError {
        DriverError.unsupported("the lines of '\(section.name)' are not those that this driver writes")
    }

}
