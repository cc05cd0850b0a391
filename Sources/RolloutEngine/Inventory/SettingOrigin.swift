/// Where one setting of a device comes from, and what it replaced.
public struct SettingOrigin: Hashable, Codable, Sendable {
    /// The setting, by its dotted name: `ssh.port`, `vars.cap`.
    public var setting: String
    /// The value as written. For a secret this is where it is kept.
    public var value: String
    /// What gave it.
    public var level: Level
    /// Where it is written.
    public var location: SourceLocation
    /// What less particular levels had to say, the nearest first.
    public var overridden: [Overridden]

    /// One level's part in a setting.
    public init(
        setting: String, value: String, level: Level, location: SourceLocation, overridden: [Overridden] = []
    ) {
        self.setting = setting
        self.value = value
        self.level = level
        self.location = location
        self.overridden = overridden
    }

    /// A value that a more particular level replaced.
    public struct Overridden: Hashable, Codable, Sendable {
        /// The value as written.
        public var value: String
        /// What gave it.
        public var level: Level
        /// Where it is written.
        public var location: SourceLocation

        /// A value that was replaced.
        public init(value: String, level: Level, location: SourceLocation) {
            self.value = value
            self.level = level
            self.location = location
        }
    }

    /// The levels of an inventory, each more particular than the one before.
    public enum Level: Hashable, Codable, Sendable, CustomStringConvertible {
        /// What holds for every device.
        case defaults
        /// What holds for a product range.
        case range(RangeName)
        /// What holds for a datacentre.
        case datacentre(DatacentreName)
        /// What holds for a group.
        case group(GroupName)
        /// What is said of the device itself.
        case device

        /// `defaults`, `range eco`, `device`.
        public var description: String {
            switch self {
            case .defaults: "defaults"
            case .range(let name): "range \(name)"
            case .datacentre(let name): "datacentre \(name)"
            case .group(let name): "group \(name)"
            case .device: "device"
            }
        }
    }
}

/// One value as written, with its place.
struct SettingValue: Sendable {
    let path: String
    let value: String
    let location: SourceLocation

    /// The settings of a map, maps below it written with dots.
    static func flatten(_ entries: [YAMLEntry], file: String, skipping: [String] = []) -> [SettingValue] {
        var values: [SettingValue] = []
        for entry in entries where !skipping.contains(entry.key) {
            let path = SettingVocabulary.commonDomains.contains(entry.key) ? "domains.\(entry.key)" : entry.key
            if case .map(let below) = entry.value.content, ["ssh", "snmp", "domains", "vars"].contains(entry.key) {
                for item in below where !item.value.isNull {
                    values.append(SettingValue(path: "\(path).\(item.key)", node: item.value, file: file))
                }
            } else if !entry.value.isNull {
                values.append(SettingValue(path: path, node: entry.value, file: file))
            }
        }
        return values
    }

    init(path: String, value: String, location: SourceLocation) {
        self.path = path
        self.value = value
        self.location = location
    }

    private init(path: String, node: YAMLNode, file: String) {
        self.path = path
        value = Self.text(of: node)
        location = SourceLocation(file: file, line: node.line, column: node.column)
    }

    private static func text(of node: YAMLNode) -> String {
        switch node.content {
        case .null, .encrypted: ""
        case .scalar(let text, _): text
        case .list(let items): items.map(text).joined(separator: ", ")
        case .map(let entries): entries.map { "\($0.key): \(text(of: $0.value))" }.joined(separator: ", ")
        }
    }
}
