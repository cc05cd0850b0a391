/// What is noted while an inventory is said in our words.
struct ImportNotes {
    private struct Drop: Hashable {
        let key: String
        let reason: String
    }

    private var drops: [Drop: Set<SourceLocation>] = [:]
    /// References by the secret that they stand for, so that one password is filled in once.
    private var references: [String: String] = [:]
    private var places: [String: (kept: String, at: Set<SourceLocation>)] = [:]
    /// What names were before they were made names, by setting.
    private var originals: [String: [String: String]] = [:]

    mutating func drop(_ key: String, at place: SourceLocation, _ reason: String) {
        drops[Drop(key: key, reason: reason), default: []].insert(place)
    }

    /// A reference for a secret to be filled in. The secret itself goes nowhere.
    mutating func reference(to value: ForeignValue, as path: String, level: String) -> String {
        let kept: String
        let identity: String
        if let text = value.text {
            if SecretReference(text) != nil { return text }
            let isEncrypted = text.hasPrefix("$ANSIBLE_VAULT;")
            kept = isEncrypted ? "encrypted" : SimpleTemplate.isTemplate(text) ? "a template" : "written out"
            identity = "\(path)\n\(text)"
        } else {
            kept = "encrypted"
            identity = "\(path)\n\(value.location)"
        }
        let reference = references[identity] ?? newReference(path, level)
        references[identity] = reference
        places[reference, default: (kept, [])].at.insert(value.location)
        return reference
    }

    private func newReference(_ path: String, _ level: String) -> String {
        let words = ["ROLLOUT", path] + (level.isEmpty ? [] : [level])
        let name = String(
            words.joined(separator: "_").uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        var candidate = "env:\(name)"
        var number = 2
        while places[candidate] != nil {
            candidate = "env:\(name)_\(number)"
            number += 1
        }
        return candidate
    }

    /// A text made a name: whatever a name cannot hold becomes a hyphen. Two texts that would become one name are refused.
    mutating func name(
        _ text: String, for setting: String, at place: SourceLocation, _ complaints: ComplaintList
    ) -> String {
        guard TextFormat<String>.name.parse(text) == nil else { return text }
        let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || "_./+".contains($0))) }
        let name = words.joined(separator: "-")
        guard TextFormat<String>.name.parse(name) != nil else {
            complaints.error(at: place, TextFormat<String>.name.complaint(about: text, what: setting))
            return text
        }
        if let other = originals[setting]?[name], other != text {
            complaints.error(
                at: place, "\(excerpt(text)) and \(excerpt(other)) would both become the \(setting) \(name)",
                remedy: "rename one of them")
        }
        originals[setting, default: [:]][name] = text
        return name
    }

    /// What was dropped, by key.
    var dropped: [ImportReport.DroppedKey] {
        drops.map { .init(key: $0.key.key, reason: $0.key.reason, places: Self.sorted($0.value)) }
            .sorted { ($0.key, $0.reason) < ($1.key, $1.reason) }
    }

    /// What has to be filled in.
    var secrets: [ImportReport.MissingSecret] {
        places.map { .init(reference: $0.key, kept: $0.value.kept, places: Self.sorted($0.value.at)) }
            .sorted { $0.reference < $1.reference }
    }

    private static func sorted(_ places: Set<SourceLocation>) -> [SourceLocation] {
        places.sorted { ($0.file, $0.line, $0.column) < ($1.file, $1.line, $1.column) }
    }
}
