/// Reads Ansible's INI inventories: sections of hosts, `[group:vars]` and `[group:children]`.
struct AnsibleINI {
    private enum Section: String {
        case hosts, vars, children
    }

    let file: String

    /// Reads a file into the groups that were found so far.
    func read(_ source: [UInt8], into groups: inout AnsibleGroups) {
        let bytes = SourceText.withoutByteOrderMark(source)
        if let problem = SourceText.firstProblem(in: bytes, file: file) {
            groups.complaints.error(at: problem.location, problem.message, remedy: problem.remedy)
            return
        }
        var section = Section.hosts
        var group = "ungrouped"
        // Sections may come in any order, so that whether a group exists is known at the end.
        var defined: Set<String> = ["all", "ungrouped"]
        var named: [(name: String, section: Section, place: SourceLocation)] = []
        groups.addGroup("all", at: SourceLocation(file: file))
        groups.addGroup("ungrouped", at: SourceLocation(file: file))
        for (index, raw) in bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            let indent = raw.prefix { $0 == 0x20 || $0 == 0x09 }.count
            let line = String(decoding: raw, as: UTF8.self).trimmingBlanks()
            let place = SourceLocation(file: file, line: index + 1, column: indent + 1)
            guard let first = line.first, first != "#", first != ";" else { continue }
            if first == "[", let header = Self.header(line) {
                guard let kind = Section(rawValue: header.kind) else {
                    groups.complaints.error(
                        at: place, "section \(excerpt(line)) is of no known kind",
                        remedy: "expected [group], [group:vars] or [group:children]")
                    return
                }
                (section, group) = (kind, header.name)
                if kind == .vars { named.append((group, kind, place)) } else { defined.insert(group) }
                groups.addGroup(group, at: place)
                continue
            }
            switch section {
            case .hosts: readHosts(line, in: group, at: place, into: &groups)
            case .vars: readVariable(line, of: group, at: place, into: &groups)
            case .children:
                let child = line.prefix { $0 != "#" }.trimmingBlanks()
                named.append((child, section, place))
                groups.addChild(child, to: group, at: place)
            }
        }
        for use in named where !defined.contains(use.name) {
            groups.complaints.error(
                at: use.place, "no section defines the group \(excerpt(use.name))",
                remedy: suggestion(for: use.name, among: defined.sorted(), noun: "defined") ?? "add [\(use.name)]")
        }
    }

    /// The name and kind of a section's header, behind which there may be a comment.
    private static func header(_ line: String) -> (name: String, kind: String)? {
        guard let end = line.firstIndex(of: "]") else { return nil }
        let rest = line[line.index(after: end)...].trimmingBlanks()
        guard rest.isEmpty || rest.hasPrefix("#") else { return nil }
        let body = line[line.index(after: line.startIndex)..<end]
        let parts = body.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2, !body.contains(" ") else { return nil }
        // `[01:50]` at the start of a line is a range, as no section is of the kind "50".
        if parts.count == 2, parts[1].first?.isNumber ?? true { return nil }
        return (String(name), parts.count == 2 ? String(parts[1]) : Section.hosts.rawValue)
    }

    private func readHosts(_ line: String, in group: String, at place: SourceLocation, into groups: inout AnsibleGroups)
    {
        guard let words = ShellWords.split(line) else {
            groups.complaints.error(at: place, "a quote that is never closed")
            return
        }
        guard let pattern = words.first else { return }
        guard let (hosts, port) = groups.hosts(of: pattern, at: place) else { return }
        var variables: [(String, ForeignValue)] = []
        if let port { variables.append(("ansible_port", value(port, at: place))) }
        for word in words.dropFirst() {
            guard let sign = word.firstIndex(of: "="), sign != word.startIndex else {
                groups.complaints.error(
                    at: place,
                    "expected key=value behind a host's name, not \(excerpt(String(word.prefix { $0 != "=" })))")
                continue
            }
            let text = String(word[word.index(after: sign)...])
            variables.append((String(word[..<sign]), value(text, at: place)))
        }
        for host in hosts {
            groups.addHost(host, to: group, at: place)
            for (key, value) in variables { groups.setVariable(key, to: value, ofHost: host) }
        }
    }

    private func readVariable(
        _ line: String, of group: String, at place: SourceLocation, into groups: inout AnsibleGroups
    ) {
        guard let sign = line.firstIndex(of: "=") else {
            groups.complaints.error(at: place, "expected key=value in [\(SafeText.line(group)):vars]")
            return
        }
        let key = line[..<sign].trimmingBlanks()
        let text = line[line.index(after: sign)...].trimmingBlanks()
        groups.setVariable(key, to: value(text, at: place), ofGroup: group)
    }

    private func value(_ text: String, at place: SourceLocation) -> ForeignValue {
        ForeignValue(node: PythonLiteral.read(text, line: place.line, column: place.column), file: file)
    }
}

extension StringProtocol {
    /// Without blanks, tabs and carriage returns at both ends.
    func trimmingBlanks() -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        let start = drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(start[...last])
    }
}

/// Cuts a line into words as a shell does: quotes hold words together, backslashes take meaning away, `#` ends the line.
enum ShellWords {
    /// The words; nil when a quote is not closed.
    static func split(_ line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = line[...]
        while let character = rest.popFirst() {
            if let open = quote {
                if character == open {
                    quote = nil
                } else if character == "\\", open == "\"", let next = rest.first, next == "\"" || next == "\\" {
                    word = (word ?? "") + String(rest.removeFirst())
                } else {
                    word = (word ?? "") + String(character)
                }
                continue
            }
            switch character {
            case "'", "\"":
                quote = character
                word = word ?? ""
            case "\\": if let next = rest.popFirst() { word = (word ?? "") + String(next) }
            case " ", "\t":
                if let done = word { words.append(done) }
                word = nil
            case "#": rest = ""
            default: word = (word ?? "") + String(character)
            }
        }
        if let done = word { words.append(done) }
        return quote == nil ? words : nil
    }
}
