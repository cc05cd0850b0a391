/// Where relative paths of an inventory start, and what `~` stands for.
struct Surroundings: Sendable {
    /// The inventory's folder, absolute.
    let folder: String
    /// The home folder; nil when it is unknown.
    let home: String?

    /// A path as written, made absolute.
    func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        if let home, path == "~" || path.hasPrefix("~/") { return home + path.dropFirst(1) }
        var parts = folder.split(separator: "/")
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// A reference whose file is absolute.
    func absolute(_ reference: SecretReference) -> SecretReference {
        if case .file(let path) = reference { .file(absolute(path)) } else { reference }
    }
}

/// A setting that is one value: its dotted name, and how it is read into a level's settings.
struct ScalarSetting: Sendable {
    let path: String
    let expected: String
    /// The complaint about a text that is not as expected; nil when it was taken.
    let apply: @Sendable (inout DeviceSettings, String, Surroundings) -> String?

    /// A setting written in a format.
    init<Value>(
        _ path: String, _ format: TextFormat<Value>,
        _ set: @escaping @Sendable (inout DeviceSettings, Value, Surroundings) -> Void
    ) {
        self.path = path
        expected = format.expected
        apply = { settings, text, surroundings in
            guard let value = format.parse(text) else { return format.complaint(about: text, what: path) }
            set(&settings, value, surroundings)
            return nil
        }
    }
}

/// A setting that is a list.
struct ListSetting: Sendable {
    let path: String
    let item: TextFormat<String>
    let set: @Sendable (inout DeviceSettings, [String]) -> Void
}

/// Every setting that a device can have. YAML and CSV both read this table.
enum SettingVocabulary {
    static let scalars: [ScalarSetting] = [
        ScalarSetting("address", .address) { settings, value, _ in settings.address = value },
        ScalarSetting("hostname", .line) { settings, value, _ in settings.hostname = value },
        ScalarSetting("serial", .line) { settings, value, _ in settings.serial = value },
        ScalarSetting("platform", .named) { settings, value, _ in settings.platform = value },
        ScalarSetting("range", .named) { settings, value, _ in settings.range = value },
        ScalarSetting("datacentre", .named) { settings, value, _ in settings.datacentre = value },
        ScalarSetting("ssh.client", .word) { settings, value, _ in settings.ssh.client = value },
        ScalarSetting("ssh.port", .port) { settings, value, _ in settings.ssh.port = value },
        ScalarSetting("ssh.user", .line) { settings, value, _ in settings.ssh.user = value },
        ScalarSetting("ssh.key_file", .line) { $0.ssh.keyFile = $2.absolute($1) },
        ScalarSetting("ssh.key_passphrase", .secret) { $0.ssh.keyPassphrase = $2.absolute($1) },
        ScalarSetting("ssh.password", .secret) { $0.ssh.password = $2.absolute($1) },
        ScalarSetting("ssh.enable_password", .secret) { $0.ssh.enablePassword = $2.absolute($1) },
        ScalarSetting("ssh.known_hosts", .line) { $0.ssh.knownHosts = $2.absolute($1) },
        ScalarSetting("ssh.jump", .jump) { settings, value, _ in settings.ssh.jump = value },
        ScalarSetting("ssh.connect_timeout", .timespan(example: "10s")) { settings, value, _ in
            settings.ssh.connectTimeout = value
        },
        ScalarSetting("ssh.command_timeout", .timespan(example: "30s")) { settings, value, _ in
            settings.ssh.commandTimeout = value
        },
        ScalarSetting("ssh.namespace", .name) { settings, value, _ in settings.ssh.namespace = value },
        ScalarSetting("snmp.port", .port) { settings, value, _ in settings.snmp.port = value },
        ScalarSetting("snmp.version", .word) { settings, value, _ in settings.snmp.version = value },
        ScalarSetting("snmp.user", .userName) { settings, value, _ in settings.snmp.user = value },
        ScalarSetting("snmp.auth", .word) { settings, value, _ in settings.snmp.auth = value },
        ScalarSetting("snmp.auth_key", .secret) { $0.snmp.authKey = $2.absolute($1) },
        ScalarSetting("snmp.priv", .word) { settings, value, _ in settings.snmp.priv = value },
        ScalarSetting("snmp.priv_key", .secret) { $0.snmp.privKey = $2.absolute($1) },
        ScalarSetting("snmp.context", .line) { settings, value, _ in settings.snmp.context = value },
        ScalarSetting("snmp.any_source", .flag) { settings, value, _ in settings.snmp.anySource = value },
        ScalarSetting("snmp.community", .secret) { $0.snmp.community = $2.absolute($1) },
        ScalarSetting("snmp.timeout", .timespan(example: "1s")) { settings, value, _ in settings.snmp.timeout = value },
        ScalarSetting("snmp.retries", .number(0...10, "a number from 0 to 10", example: 1)) { settings, value, _ in
            settings.snmp.retries = value
        },
        ScalarSetting("snmp.namespace", .name) { settings, value, _ in settings.snmp.namespace = value },
    ]

    static let lists: [ListSetting] = [
        ListSetting(path: "links", item: .name) { $0.links = $1.map { LinkName(rawValue: $0) } },
        ListSetting(path: "interfaces", item: .line) { $0.interfaces = $1 },
        ListSetting(path: "groups", item: .name) { $0.groups = $1.map { GroupName(rawValue: $0) } },
        ListSetting(path: "tags", item: .name) { $0.tags = $1 },
    ]

    /// Failure domains that may stand beside the other settings, without `domains`.
    static let commonDomains = ["pair", "rack"]

    static func scalar(_ path: String) -> ScalarSetting? { scalarsByPath[path] }
    static func list(_ path: String) -> ListSetting? { lists.first { $0.path == path } }

    private static let scalarsByPath = Dictionary(uniqueKeysWithValues: scalars.map { ($0.path, $0) })

    /// The keys below `ssh` or `snmp`.
    static func keys(below prefix: String) -> [String] {
        scalars.filter { $0.path.hasPrefix(prefix + ".") }.map { String($0.path.dropFirst(prefix.count + 1)) }
    }

    /// The keys of a level's map.
    static let topLevelKeys =
        scalars.map(\.path).filter { !$0.contains(".") } + lists.map(\.path) + commonDomains
        + ["domains", "ssh", "snmp", "vars"]

    /// What a plain text means as a variable: a whole number, a flag, or itself.
    ///
    /// A number with a leading zero stays text, as do yes, no, on and off: they mean different things to different tools.
    static func variable(_ text: String) -> Variable {
        if text == "true" { return .flag(true) }
        if text == "false" { return .flag(false) }
        let digits = text.hasPrefix("-") ? text.dropFirst() : Substring(text)
        guard digits.utf8.first != 0x30 || digits.utf8.count == 1,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(text)
        else { return .text(text) }
        return .number(number)
    }
}

extension TextFormat where Value == String {
    /// Where a device is reached.
    static let address = TextFormat(expected: "an address or a host name such as 192.0.2.7") { text in
        isAddress(text) ? text : nil
    }

    /// A user of SNMP v3: what RFC 3414 gives room to.
    static let userName = TextFormat(expected: "the name of an SNMP user, of up to 32 octets") { text in
        text.utf8.count <= 32 ? line.parse(text) : nil
    }

    /// A device of the inventory, or `user@host:port`.
    static let jump = TextFormat(expected: "a device of this inventory, or user@host:port") { text in
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return TextFormat.name.parse(text) }
        var host = parts[1]
        if let colon = host.lastIndex(of: ":"), host.last != "]" {
            guard let port = Int(host[host.index(after: colon)...]), (1...65_535).contains(port) else { return nil }
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return !parts[0].isEmpty && line.parse(String(parts[0])) != nil && isAddress(String(host)) ? text : nil
    }

    /// Letters, digits and `. : - _ %`, which is every address and host name, and nothing that a shell would look at.
    private static func isAddress(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != 0x2d, text.utf8.count <= 255 else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2e, 0x3a, 0x2d, 0x5f, 0x25: true
            default: false
            }
        }
    }
}
