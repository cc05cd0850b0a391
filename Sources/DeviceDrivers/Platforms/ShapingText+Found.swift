import RolloutEngine

extension ShapingText {
    /// What was found of an interface's shaping.
    struct Found: Hashable, Sendable {
        /// The lines that belong to it alone.
        var lines: [String]
        /// The lines of a policy that it shares with others.
        var shared: [String]
        /// What stands beside them and may not.
        var obstacles: [String] = []
        /// The service that the interface is in, where the rules ask for it.
        var service: String?
        /// The rate, when there is one that can be read.
        var rate: BitsPerSecond?
        /// The rates of the classes that have one.
        var classRates: [String: BitsPerSecond] = [:]

        /// The section of this name.
        func section(named name: String) -> DeviceConfig.Section {
            let hint = obstacles.map { "beside " + $0 } + (service.map { ["within " + $0] } ?? []) + shared
            var section = DeviceConfig.Section(
                name: name, lines: lines, hint: hint.isEmpty ? nil : hint.joined(separator: "\n"), shapedRate: rate)
            section.classRates = classRates.isEmpty ? nil : classRates
            return section
        }

        /// What a section was made of.
        init(in section: DeviceConfig.Section) {
            let hint = (section.hint ?? "").split(separator: "\n").map(String.init)
            lines = section.lines
            shared = hint.filter { !$0.hasPrefix("beside ") && !$0.hasPrefix("within ") }
            service = hint.first { $0.hasPrefix("within ") }.map { String($0.dropFirst(7)) }
            obstacles = hint.filter { $0.hasPrefix("beside ") }.map { String($0.dropFirst(7)) }
            rate = section.shapedRate
        }

        init(lines: [String], shared: [String], obstacles: [String] = [], rate: BitsPerSecond?) {
            self.lines = lines
            self.shared = shared
            self.obstacles = obstacles
            self.rate = rate
        }
    }
}
