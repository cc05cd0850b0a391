import Foundation
package import RolloutEngine

/// Reads the definition of one platform, strictly: what is not known, or not as expected, is said with its place.
package struct PlatformReader {
    let file: String
    let complaints: ComplaintList
    /// The files that are being read, each based on the next.
    private let derived: [String]

    /// Reads a file.
    ///
    /// - Throws: `InputError` with every complaint that one reading finds.
    package static func read(file: String) throws(InputError) -> PlatformDefinition {
        try read(try InputFile.read(file), file: file)
    }

    /// Reads the bytes of a file.
    ///
    /// - Throws: `InputError` with every complaint that one reading finds.
    package static func read(_ bytes: [UInt8], file: String) throws(InputError) -> PlatformDefinition {
        try read(bytes, file: file, for: [])
    }

    private static func read(_ bytes: [UInt8], file: String, for derived: [String]) throws(InputError)
        -> PlatformDefinition
    {
        let complaints = ComplaintList()
        return try read(
            YAMLDocument.read(bytes, file: file, complaints: complaints), file: file, for: derived, complaints)
    }

    /// Reads a document; nil for one that could not be read, of which the complaints say why.
    static func read(
        _ root: YAMLNode?, file: String, for derived: [String] = [], _ complaints: ComplaintList
    ) throws(InputError) -> PlatformDefinition {
        let reader = PlatformReader(file: file, complaints: complaints, derived: derived + [file])
        var definition = PlatformDefinition()
        if let root,
            let map = YAMLMap(
                root, "the platform", in: file, complaints, example: "platform: arista_eos, modes: [...]")
        {
            definition = reader.definition(in: map)
        }
        try complaints.throwIfAny()
        return definition
    }

    private func definition(in root: YAMLMap) -> PlatformDefinition {
        var map = root
        let base = base(in: &map)
        var definition = base ?? PlatformDefinition()
        definition.place = SourceLocation(file: file)
        definition.basis = base.map { $0.names + $0.basis } ?? []
        definition.names = list("platform", in: &map, as: .named)
        if definition.names.isEmpty { _ = map.required("platform", TextFormat<PlatformName>.named) }

        /// What a key says, or what the base says where it is not there.
        func take<Value>(
            _ key: String, _ path: WritableKeyPath<PlatformDefinition, Value>,
            _ value: (inout YAMLMap, String) -> Value
        ) {
            map.know([key])
            guard base == nil || map.has(key) else { return }
            definition[keyPath: path] = value(&map, key)
        }
        take("summary", \.summary) { $0.value($1, .line) ?? "" }
        take("dialect", \.dialect) { $0.required($1, .line) ?? "" }
        take("enter", \.enter) { $0.value($1, TextFormat<EnterKey>.word)?.text ?? "\n" }
        take("width", \.width) { $0.value($1, .number(80...32_767, "a number of columns", example: 511)) ?? 511 }
        take("modes", \.modes) { items($1, in: &$0, "a mode").compactMap(mode) }
        take("home", \.home) { $0.required($1, .line) ?? "" }
        take("setup", \.setup) { list($1, in: &$0, as: .line) }
        take("errors", \.errors) { patterns($1, in: &$0) }
        take("locked", \.locked) { patterns($1, in: &$0) }
        take("lock_holder", \.lockHolder, lockHolder)
        take("chatter", \.chatter) { patterns($1, in: &$0) }
        take("pager", \.pager) { pattern($1, in: &$0) }
        take("questions", \.questions) { items($1, in: &$0, "a question").compactMap(question) }
        take("identify", \.identity, identity)
        take("running", \.running) { list($1, in: &$0, as: .line) }
        take("changed_by", \.changedBy) { finding($1, in: &$0) }
        take("change_record", \.changeRecord) { submap($1, in: &$0).flatMap(changeRecord) }
        take("normalise", \.normalisation) { items($1, in: &$0, "a rule").compactMap(normalisation) }
        take("change", \.change) { submap($1, in: &$0).map(change) ?? PlatformDefinition.Change() }
        take("revert_timer", \.revertTimer, revertTimer)
        take("save", \.save) { procedure($1, in: &$0) }
        take("requires", \.requirements) { items($1, in: &$0, "a requirement").compactMap(requirement) }
        take("evidence", \.evidence) { list($1, in: &$0, as: .line) }
        take("shaping", \.shaping) { ways($1, in: &$0) }
        take("policing", \.policing) { ways($1, in: &$0) }
        map.refuseUnknownKeys()
        return definition
    }

    /// The definition that this one says what is different from: beside it, or one that ships.
    private func base(in map: inout YAMLMap) -> PlatformDefinition? {
        guard let name = map.value("based_on", TextFormat<PlatformName>.named) else { return nil }
        let place = map.place(of: "based_on")
        let own = (file as NSString).deletingLastPathComponent
        let folders = [own.isEmpty ? "." : own] + [try? PlatformLibrary.builtIn()].compactMap { $0 }
        let files = folders.map { "\($0)/\(name).yaml" }
        guard let found = files.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            complaints.error(
                at: place, "the definition is based on '\(name)', which is not there",
                remedy: "expected one of the files \(files.joined(separator: ", "))")
            return nil
        }
        guard !derived.contains(found) else {
            complaints.error(at: place, "the definition is based on itself")
            return nil
        }
        do throws(InputError) {
            return try Self.read(try InputFile.read(found), file: found, for: derived)
        } catch {
            complaints.error(error)
            return nil
        }
    }

    private func lockHolder(_ map: inout YAMLMap, _ key: String) -> LineExpression? {
        let holder = pattern(key, in: &map)
        if let holder, !holder.groupNames.contains("who") {
            complaints.error(
                at: map.place(of: key), "lock_holder does not say who it is", remedy: "put (?<who>...) around it")
        }
        return holder
    }

    private func identity(_ map: inout YAMLMap, _ key: String) -> PlatformDefinition.Identity {
        var identity = PlatformDefinition.Identity()
        guard var parts = submap(key, in: &map) else { return identity }
        identity.hostname = finding("hostname", in: &parts)
        identity.firmware = finding("firmware", in: &parts)
        identity.model = finding("model", in: &parts)
        identity.serial = finding("serial", in: &parts)
        parts.refuseUnknownKeys()
        return identity
    }

    private func revertTimer(_ map: inout YAMLMap, _ key: String) -> PlatformDefinition.RevertTimer? {
        guard let entry = map.entry(key), !isNone(entry.value) else { return nil }
        return map.submap(entry.value, key, example: "none, or unit: minutes").flatMap(revertTimer)
    }
}

/// What ends a line, as it is written.
private enum EnterKey: String, CaseIterable, Sendable {
    case lf, cr, crlf

    var text: String {
        switch self {
        case .lf: "\n"
        case .cr: "\r"
        case .crlf: "\r\n"
        }
    }
}
