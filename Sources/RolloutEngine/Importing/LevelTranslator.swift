/// Says the variables of one level in our settings, and keeps a note of what cannot be said.
struct LevelTranslator {
    /// A setting or variable as it is to be written, by its dotted name.
    enum Written: Hashable, Sendable {
        case text(String)
        case list([String])
        case variable(Variable)
    }

    typealias Settings = [String: Written]

    let keys: ForeignKeys
    let options: ImportOptions
    /// The names of all hosts, one of which a jump may be.
    let hosts: Set<String>
    let complaints: ComplaintList
    private(set) var notes = ImportNotes()

    init(keys: ForeignKeys, options: ImportOptions, hosts: Set<String>, complaints: ComplaintList) {
        self.keys = keys
        self.options = options
        self.hosts = hosts
        self.complaints = complaints
    }

    /// The settings of a level; those of a host when there is one.
    mutating func settings(of variables: ForeignVariables, level: String, host: ForeignFleet.Host? = nil) -> Settings {
        var settings: Settings = [:]
        var ranks: [String: Int] = [:]
        let consumed = [options.datacentreFrom?.key, options.rangeFrom?.key]
        for (key, value) in variables.sorted(by: { $0.key < $1.key }) {
            if let (path, rank) = keys.setting(of: key) {
                guard rank < ranks[path] ?? .max, !value.node.isNull else { continue }
                guard let written = setting(path, key, value, level, host) else { continue }
                ranks[path] = rank
                settings[path] = written
            } else if !consumed.contains(key) {
                if let written = variable(key, value) { settings["vars.\(key)"] = .variable(written) }
            }
        }
        return settings
    }

    // MARK: Settings

    private mutating func setting(
        _ path: String, _ key: String, _ value: ForeignValue, _ level: String, _ host: ForeignFleet.Host?
    ) -> Written? {
        if ForeignKeys.secretSettings.contains(path) {
            return .text(notes.reference(to: value, as: path, level: level))
        }
        if host == nil, ForeignKeys.deviceSettings.contains(path) { return nil }
        if path == "tags" { return tags(key, value) }
        guard let text = value.text else {
            drop(key, value, isEncrypted(value) ? "encrypted" : "no text, which \(path) is")
            return nil
        }
        guard !SimpleTemplate.isTemplate(text) else {
            guard let host else { return nil }
            guard let filled = SimpleTemplate.filled(text, host: host) else {
                if path == "address" {
                    complaints.error(
                        at: value.location, "the address of \(excerpt(host.name)) is a template that cannot be told",
                        remedy: "only names of variables are filled in; write the address out")
                }
                drop(key, value, "a template, which is not rendered")
                return nil
            }
            return checked(path, filled, key, value)
        }
        return checked(path, text, key, value)
    }

    private mutating func checked(_ path: String, _ text: String, _ key: String, _ value: ForeignValue) -> Written? {
        switch path {
        case "ssh.jump": return jump(text, key, value)
        case "platform":
            return valid(path, ForeignKeys.platform(text, also: options.platforms), key, value)
        case "pair", "rack": return .text(notes.name(text, for: path, at: value.location, complaints))
        default: return valid(path, text, key, value)
        }
    }

    /// A setting that our own reader would take, or a complaint in its words, at the place where it was read.
    private func valid(_ path: String, _ text: String, _ key: String, _ value: ForeignValue) -> Written? {
        var scratch = DeviceSettings()
        let nowhere = Surroundings(folder: "/", home: nil)
        if let problem = SettingVocabulary.scalar(path)?.apply(&scratch, text, nowhere) {
            complaints.error(at: value.location, problem, remedy: "it is the value of \(SafeText.line(key))")
            return nil
        }
        return .text(text)
    }

    private mutating func jump(_ text: String, _ key: String, _ value: ForeignValue) -> Written? {
        guard ForeignKeys.argumentKeys.contains(key) else { return valid("ssh.jump", text, key, value) }
        let arguments = SSHArguments(text)
        if arguments.saysMore { drop(key, value, "arguments of ssh beside a jump") }
        guard let jump = arguments.jump else { return nil }
        if let problem = SSHArguments.problem(of: jump, devices: hosts) {
            drop(key, value, problem)
            return nil
        }
        return .text(jump)
    }

    private mutating func tags(_ key: String, _ value: ForeignValue) -> Written? {
        let texts: [String]
        switch value.node.content {
        case .scalar(let text, _): texts = text.split { " ,;".contains($0) }.map(String.init)
        case .list(let items):
            texts = items.compactMap { if case .scalar(let text, _) = $0.content { text } else { nil } }
        default:
            drop(key, value, "no list of tags")
            return nil
        }
        let names = texts.map { notes.name($0, for: "tags", at: value.location, complaints) }
        return names.isEmpty ? nil : .list(names)
    }

    // MARK: Variables

    private mutating func variable(_ key: String, _ value: ForeignValue) -> Variable? {
        if let reason = reasonAgainst(key, value) {
            drop(key, value, reason)
            return nil
        }
        guard let variable = Self.variable(value.node, depth: 0) else {
            drop(key, value, "a map; variables are text, whole numbers, flags, and lists of them")
            return nil
        }
        return variable
    }

    private func reasonAgainst(_ key: String, _ value: ForeignValue) -> String? {
        if isEncrypted(value) { return "encrypted" }
        if Self.looksSecret(key) { return "looks like a secret, and variables are written into plans" }
        if let prefix = keys.ownPrefix, key.hasPrefix(prefix) { return "the other tool's own, without counterpart" }
        if TextFormat<String>.variableName.parse(key) == nil { return "no name for a variable" }
        if SimpleTemplate.isTemplate(value.node) { return "a template, which is not rendered" }
        return nil
    }

    private static func variable(_ node: YAMLNode, depth: Int) -> Variable? {
        switch node.content {
        case .null: return .text("")
        case .scalar(let text, let plain):
            let isTame = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
            let isHarmful = !isTame && text.unicodeScalars.contains { $0.isSilent && $0 != "\n" && $0 != "\t" }
            return isHarmful ? nil : plain ? SettingVocabulary.variable(text) : .text(text)
        case .list(let items) where depth < 4:
            let values = items.compactMap { variable($0, depth: depth + 1) }
            return values.count == items.count ? .list(values) : nil
        case .list, .map, .encrypted: return nil
        }
    }

    /// Whether a key promises a secret: wider than for our own variables, as other tools have nowhere else to put them.
    static func looksSecret(_ key: String) -> Bool {
        if SettingsReader.looksSecret(key) { return true }
        let words = key.lowercased().split { !$0.isLetter && !$0.isNumber }
        return words.contains {
            ["pass", "pwd", "psk", "token", "community", "credential", "credentials"].contains($0)
        }
    }

    private func isEncrypted(_ value: ForeignValue) -> Bool {
        if case .encrypted = value.node.content { return true }
        return value.text?.hasPrefix("$ANSIBLE_VAULT;") ?? Self.isVaultMap(value.node)
    }

    /// `{"__ansible_vault": "…"}`, as the JSON of `ansible-inventory --export` has it.
    private static func isVaultMap(_ node: YAMLNode) -> Bool {
        guard case .map(let entries) = node.content else { return false }
        return entries.contains { $0.key == "__ansible_vault" }
    }

    private mutating func drop(_ key: String, _ value: ForeignValue, _ reason: String) {
        notes.drop(key, at: value.location, reason)
    }
}
