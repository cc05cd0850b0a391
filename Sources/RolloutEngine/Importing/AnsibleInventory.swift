/// Puts the files of an Ansible inventory together: the inventory itself, and the folders `group_vars` and `host_vars`.
enum AnsibleInventory {
    /// Reads the files.
    static func read(_ files: [ForeignFile], complaints: ComplaintList) -> ForeignFleet {
        var groups = AnsibleGroups(complaints: complaints)
        for file in files where file.role == .inventory { readInventory(file, into: &groups) }
        for file in files {
            switch file.role {
            case .inventory: break
            case .groupVariables(let name): readVariables(file, of: name, isHost: false, into: &groups)
            case .hostVariables(let name): readVariables(file, of: name, isHost: true, into: &groups)
            }
        }
        return groups.fleet()
    }

    private static func readInventory(_ file: ForeignFile, into groups: inout AnsibleGroups) {
        let firstByte = file.bytes.first { $0 > 0x20 }
        let tree = AnsibleTree(file: file.path)
        if isEncrypted(file) {
            groups.complaints.error(
                at: SourceLocation(file: file.path, line: 1), "the inventory is encrypted with ansible-vault",
                remedy: "ansible-inventory -i \(file.path) --list --ask-vault-pass > list.json, and import that")
        } else if file.path.hasSuffix(".json") || firstByte == UInt8(ascii: "{") {
            guard let root = JSONNodeReader.read(file.bytes, file: file.path, complaints: groups.complaints) else {
                return
            }
            tree.readList(root, into: &groups)
        } else if file.path.hasSuffix(".yml") || file.path.hasSuffix(".yaml") || file.bytes.starts(with: "---".utf8) {
            if let root = yaml(file, groups.complaints) { tree.readYAML(root, into: &groups) }
        } else {
            AnsibleINI(file: file.path).read(file.bytes, into: &groups)
        }
    }

    private static func readVariables(
        _ file: ForeignFile, of name: String, isHost: Bool, into groups: inout AnsibleGroups
    ) {
        let place = SourceLocation(file: file.path, line: 1)
        guard !isEncrypted(file) else {
            groups.omissions.append(.init(name: file.path, location: place, reason: "encrypted with ansible-vault"))
            return
        }
        guard let root = yaml(file, groups.complaints), !root.isNull else { return }
        guard case .map(let entries) = root.content else {
            groups.complaints.error(at: place, "the file is not a map of variables")
            return
        }
        var variables: ForeignVariables = [:]
        for entry in entries { variables[entry.key] = ForeignValue(node: entry.value, file: file.path) }
        groups.setFileVariables(variables, of: name, isHost: isHost)
    }

    private static func isEncrypted(_ file: ForeignFile) -> Bool { file.bytes.starts(with: "$ANSIBLE_VAULT;".utf8) }

    private static func yaml(_ file: ForeignFile, _ complaints: ComplaintList) -> YAMLNode? {
        YAMLDocument.read(file.bytes, file: file.path, dialect: .foreign, complaints: complaints).map(YAML11.inOurWords)
    }
}
