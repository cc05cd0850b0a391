/// A change with the policy by which it is carried out, as loaded from their files.
public struct LoadedChange: Sendable {
    /// What should become true.
    public let change: Change
    /// How to get there.
    public let policy: Policy
    /// Each file that was read, with the digest of its bytes, sorted by path.
    public let files: [InputDigest]
    /// What looks like a mistake but can be used.
    public let warnings: [Complaint]
    /// Where each text of an intent is written, by its dotted name: `shape[0].egress_rate`.
    public let places: [String: SourceLocation]
}

/// Loads changes and policies from YAML files, usually in `policies/`.
///
/// A file holds a `change`, a `policy`, or both; `policy: cautious.yaml` names another file, relative to this one.
public enum ChangeFile {
    /// Loads a change and its policy.
    ///
    /// - Throws: `InputError` with everything that is wrong with them, by file, line and column.
    public static func load(_ path: String) throws(InputError) -> LoadedChange {
        try load(path, reading: InputFile.read)
    }

    /// The same, with files that come from anywhere.
    static func load(_ path: String, reading file: @escaping (String) throws(InputError) -> [UInt8]) throws(InputError)
        -> LoadedChange
    {
        let loaded = try loadParts(path, reading: file)
        guard let change = loaded.change else {
            throw InputError(at: SourceLocation(file: path), "holds no change", remedy: "add one under change:")
        }
        return LoadedChange(
            change: change, policy: loaded.policy ?? Policy(name: "cautious"), files: loaded.files,
            warnings: loaded.warnings, places: loaded.places)
    }

    /// Loads a policy alone.
    ///
    /// - Throws: `InputError` with everything that is wrong with it, by file, line and column.
    public static func loadPolicy(_ path: String) throws(InputError) -> (policy: Policy, warnings: [Complaint]) {
        let loaded = try loadParts(path)
        guard let policy = loaded.policy else {
            throw InputError(at: SourceLocation(file: path), "holds no policy", remedy: "add one under policy:")
        }
        return (policy, loaded.warnings)
    }

    /// Reads a file for its complaints and warnings, whether it holds a change, a policy or both.
    ///
    /// - Throws: `InputError` with everything that is wrong with it, by file, line and column.
    public static func check(_ path: String) throws(InputError) -> [Complaint] { try loadParts(path).warnings }

    private struct Parts {
        var change: Change?
        var policy: Policy?
        var files: [InputDigest]
        var warnings: [Complaint]
        var places: [String: SourceLocation]
    }

    private static func loadParts(
        _ path: String, reading file: @escaping (String) throws(InputError) -> [UInt8] = InputFile.read
    ) throws(InputError) -> Parts {
        let complaints = ComplaintList()
        var files: [InputDigest] = []
        func read(_ path: String) throws(InputError) -> [UInt8] {
            let bytes = try file(path)
            let digest = InputDigest(path: path, digest: Digest(of: bytes))
            if !files.contains(digest) { files.append(digest) }
            return bytes
        }
        func document(_ path: String) throws(InputError) -> YAMLMap? {
            guard let root = YAMLDocument.read(try read(path), file: path, complaints: complaints),
                var map = YAMLMap(root, "the file", in: path, complaints, example: "change: …")
            else { return nil }
            map.know(["change", "policy"])
            map.refuseUnknownKeys()
            return map
        }

        var changeReader = ChangeReader(complaints: complaints) { name throws(InputError) in
            let place = neighbour(name, of: path)
            let bytes = SourceText.withoutByteOrderMark(try read(place))
            if let problem = SourceText.firstProblem(in: bytes, file: place) { throw InputError([problem]) }
            return String(decoding: bytes, as: UTF8.self)
        }
        var change: Change?
        var policy: Policy?
        if var map = try document(path) {
            let changeEntry = map.entry("change")
            let policyEntry = map.entry("policy")
            if changeEntry == nil, policyEntry == nil, complaints.isClean {
                complaints.error(at: map.location, "the file holds neither a change nor a policy")
            }
            if let changeEntry { change = changeReader.read(changeEntry.value, in: map) }
            if let policyEntry {
                policy = try self.policy(policyEntry.value, in: map, at: path, complaints, document)
            } else if changeEntry != nil {
                complaints.warn(
                    at: map.location, "no policy is given, so the cautious one is used",
                    remedy: "name one with policy: FILE, or write it out under policy:")
            }
        }
        try complaints.throwIfAny()
        return Parts(
            change: change, policy: policy, files: files.sorted { naturallyPrecedes($0.path, $1.path) },
            warnings: complaints.sortedWarnings, places: changeReader.places)
    }

    private static func policy(
        _ node: YAMLNode, in map: YAMLMap, at path: String, _ complaints: ComplaintList,
        _ document: (String) throws(InputError) -> YAMLMap?
    ) throws(InputError) -> Policy? {
        let reader = PolicyReader(complaints: complaints)
        guard case .scalar(let name, _) = node.content else {
            return reader.read(node, in: map, nameless: stem(of: path))
        }
        let other = neighbour(name, of: path)
        do throws(InputError) {
            guard var map = try document(other) else { return nil }
            guard let entry = map.entry("policy") else {
                complaints.error(at: map.location, "the file holds no policy", remedy: "add one under policy:")
                return nil
            }
            guard case .map = entry.value.content else {
                complaints.error(
                    at: map.place(of: "policy"), "a policy that is named by another must be written out here")
                return nil
            }
            return reader.read(entry.value, in: map, nameless: stem(of: other))
        } catch {
            complaints.error(
                at: map.place(of: node), "policy \(excerpt(name)) cannot be used: \(error.complaints[0])",
                remedy: "the path is relative to \(path)")
            return nil
        }
    }

    /// A path that is written in a file, relative to that file.
    private static func neighbour(_ name: String, of path: String) -> String {
        guard !name.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return name }
        return String(path[...slash]) + name
    }

    /// `policies/cautious.yaml` without folder and ending.
    private static func stem(of path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
    }
}
