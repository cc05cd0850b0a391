import RolloutEngine

/// What intents mean in the canonical text of this platform. Pure.
enum LinuxRendering {
    /// Makes an intent true in a configuration.
    ///
    /// - Throws: `DriverError` with `.unsupported` for what cannot be expressed, or not without harm.
    static func apply(_ intent: ResolvedIntent, to config: inout DeviceConfig, _ role: LinuxRole) throws(DriverError) {
        switch intent {
        case .shape(let interface, let rate, let burst, let trafficClass):
            if let index = config.sections.firstIndex(where: { $0.name == "qos \(interface)" }) {
                guard let qos = PortQoS(lines: config.sections[index].lines) else {
                    throw DriverError.unsupported(
                        "the lines of 'qos \(interface)' are not those that this driver writes")
                }
                let shaped = try qos.shaped(to: rate, burst: burst, trafficClass: trafficClass, on: interface)
                config.sections[index].lines = shaped.lines
                config.sections[index].shapedRate = shaped.rate
                return
            }
            let index = try index(of: "qdisc \(interface)", in: config)
            guard let shaping = Shaping(lines: config.sections[index].lines) else {
                throw DriverError.unsupported("the lines of 'qdisc \(interface)' are not those that this driver writes")
            }
            config.sections[index].lines = try shaping.shaped(
                to: rate, burst: burst, trafficClass: trafficClass, on: interface
            ).lines
        case .police(let interface, let direction, let rate, let burst):
            let index = try index(of: DeviceConfig.policing(of: interface, direction), in: config)
            let section = config.sections[index]
            let policed: (lines: [String], shapedRate: BitsPerSecond?)? =
                if role == .openVSwitch {
                    try SwitchPolicer(lines: section.lines).map { policer throws(DriverError) in
                        let policed = try policer.policed(to: rate, burst: burst, direction, on: interface)
                        return (policed.lines, policed.rate)
                    }
                } else {
                    try Policing(lines: section.lines).map { policing throws(DriverError) in
                        let policed = try policing.policed(to: rate, burst: burst, direction, on: interface)
                        return (policed.lines, policed.rate)
                    }
                }
            guard let policed else {
                throw DriverError.unsupported("the lines of '\(section.name)' are not those that this driver writes")
            }
            config.sections[index].lines = policed.lines
            config.sections[index].shapedRate = policed.shapedRate
        case .lines:
            throw DriverError.unsupported("lines are for devices with a command line; here configuration is files")
        case .file(let path, let content, let mode, let reload, let check):
            let index = try index(of: "file \(path)", in: config)
            if config.sections[index].lines.first == BirdDaemon.notLoaded {
                throw DriverError.unsupported(
                    "\(path) was changed after BIRD had read its files: what it runs is not known. Load it (birdc configure)"
                        + " or put it back first")
            }
            if ShellText.holdsMarkers(content) {
                throw DriverError.unsupported(
                    "\(path): the content still holds '{{' or '{%': a template was not rendered")
            }
            config.sections[index].lines =
                try FileSection(path: path, mode: mode, content: Array(content.utf8)).lines
            config.sections[index].hint = reload
            config.sections[index].check = check
            for command in [reload, check].compactMap(\.self) where ShellText.plainCommand(command) == nil {
                throw DriverError.unsupported(
                    "\(path): the command '\(command)' is not one plain command (words and options, no shell syntax);"
                        + " put a script on the device and name it instead")
            }
        }
    }

    /// Refuses names that are none, before anything is said to a device.
    static func check(_ scope: ConfigScope) throws(DriverError) {
        if let name = scope.allInterfaces.first(where: { !ShellText.isInterface($0) }) {
            throw DriverError.unsupported("'\(name)' is not the name of an interface")
        }
        if let path = scope.files.first(where: { !ShellText.isPath($0) }) {
            throw DriverError.unsupported("'\(path)' is not the absolute path of a file")
        }
    }

    /// The first lines that differ, for a person: `qdisc e0: -tbf rate ..., +tbf rate ...`.
    static func differences(from expected: DeviceConfig, to found: DeviceConfig) -> String {
        var texts: [String] = []
        for section in expected.sections {
            guard let other = found.sections.first(where: { $0.name == section.name }) else {
                texts.append("\(section.name): missing")
                continue
            }
            let difference = other.lines.difference(from: section.lines) { Array($0.utf8) == Array($1.utf8) }
            if difference.isEmpty { continue }
            let shown = (difference.removals.map { ("-", $0) } + difference.insertions.map { ("+", $0) }).prefix(6).map
            {
                sign, change in
                switch change {
                case .remove(_, let line, _), .insert(_, let line, _): sign + line.prefix(120)
                }
            }
            texts.append("\(section.name): \(shown.joined(separator: ", "))")
        }
        return texts.joined(separator: "; ")
    }

    private static func index(of name: String, in config: DeviceConfig) throws(DriverError) -> Int {
        guard let index = config.sections.firstIndex(where: { $0.name == name }) else {
            throw DriverError.unsupported("'\(name)' was not read with the base")
        }
        return index
    }

}
