import Yams

/// Reads the one YAML document of a file into nodes with places, and refuses what could explode or surprise.
///
/// Yams composes aliases without copying, so composing is cheap; what explodes is walking the result, and hashing an alias
/// that is used as a key, which Yams does while composing. `YAMLBombScan` stops the second, the budget here the first.
package enum YAMLDocument {
    /// Whose YAML it is.
    package enum Dialect {
        /// What people write for us.
        case ours
        /// What other tools read: merge keys are followed, the types that YAML itself names are left to the reader, and
        /// encrypted values (`!vault`) are told apart.
        case foreign
    }

    /// How deep maps and lists may be nested.
    static let depthLimit = 64
    /// How many values a document may have once its aliases are followed.
    static let aliasBudget = 1_000_000

    /// The document's root, `.null` for an empty file; nil when it cannot be used, with complaints that say why.
    package static func read(
        _ source: [UInt8], file: String, dialect: Dialect = .ours, complaints: ComplaintList
    ) -> YAMLNode? {
        guard source.count <= InputFile.sizeLimit else {
            complaints.error(at: SourceLocation(file: file), InputFile.tooLarge)
            return nil
        }
        let bytes = SourceText.withoutByteOrderMark(source)
        if let problem = SourceText.firstProblem(in: bytes, file: file)
            ?? YAMLBombScan.firstProblem(in: bytes, file: file)
        {
            complaints.error(at: problem.location, problem.message, remedy: problem.remedy)
            return nil
        }
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            // The basic resolver resolves nothing: what a plain scalar means is decided where it is used.
            guard let root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot() else {
                return YAMLNode(content: .null, line: 1, column: 1)
            }
            var converter = YAMLConverter(
                file: file, dialect: dialect, complaints: complaints, budget: max(aliasBudget, bytes.count * 2))
            return converter.convert(root, depth: 1)
        } catch let error as YamlError {
            let problem = complaint(about: error, in: bytes, file: file)
            complaints.error(at: problem.location, problem.message, remedy: problem.remedy)
        } catch {
            complaints.error(at: SourceLocation(file: file), "cannot be read as YAML")
        }
        return nil
    }

    private static func complaint(about error: YamlError, in bytes: [UInt8], file: String) -> Complaint {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            var message = "not valid YAML: \(problem)"
            if problem.hasPrefix("Maximum nesting level") { message = "nested deeper than \(depthLimit) levels" }
            if problem == "but found another document" { message = "a second document starts here, one a file is read" }
            if problem == "found undefined alias" { message = "an alias without its anchor" }
            if let context, context.text.hasPrefix("while"), context.mark.line != mark.line {
                message += " (\(context.text) of line \(context.mark.line))"
            }
            let isTab =
                problem.contains("cannot start any token")
                && byte(atLine: mark.line, column: mark.column, in: bytes) == 0x09
            return Complaint(
                at: SourceLocation(file: file, line: mark.line, column: mark.column), message,
                remedy: isTab ? "indent with spaces, not with tabs" : nil)
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            let first = context.mark
            let again = SecondKey.place(of: key, afterLine: first.line, column: first.column, in: bytes)
            return Complaint(
                at: SourceLocation(file: file, line: again ?? first.line, column: first.column),
                "key \(excerpt(key)) stands twice in one map" + (again == nil ? "" : ", first on line \(first.line)"),
                remedy: keys.count > 1
                    ? "so do \(keys.dropFirst().prefix(5).map(excerpt).joined(separator: ", "))" : nil)
        default:
            return Complaint(at: SourceLocation(file: file), "cannot be read as YAML")
        }
    }

    private static func byte(atLine line: Int, column: Int, in bytes: [UInt8]) -> UInt8? {
        bytes.split(separator: 0x0a, maxSplits: line, omittingEmptySubsequences: false).dropFirst(line - 1).first?
            .dropFirst(column - 1).first
    }
}

/// Turns what Yams composed into our own nodes.
private struct YAMLConverter {
    let file: String
    let dialect: YAMLDocument.Dialect
    let complaints: ComplaintList
    var budget: Int

    mutating func convert(_ node: Node, depth: Int) -> YAMLNode {
        let line = node.mark?.line ?? 0
        let column = node.mark?.column ?? 0
        let nothing = YAMLNode(content: .null, line: line, column: column)
        guard budget > 0 else { return nothing }
        budget -= 1
        if budget == 0 {
            complaints.error(
                at: SourceLocation(file: file, line: line, column: column),
                "aliases expand to more than \(YAMLDocument.aliasBudget) values", remedy: "write the values out")
            return nothing
        }
        guard depth <= YAMLDocument.depthLimit else {
            complaints.error(
                at: SourceLocation(file: file, line: line, column: column),
                "nested deeper than \(YAMLDocument.depthLimit) levels")
            // One complaint a document: everything below would say the same.
            budget = 0
            return nothing
        }
        switch node {
        case .scalar(let scalar):
            if dialect == .foreign, Self.encryptedTags.contains(scalar.tag.rawValue) {
                return YAMLNode(content: .encrypted, line: line, column: column)
            }
            refuseTag(scalar.tag, line, column)
            let plain = scalar.style == .plain || scalar.style == .any
            if plain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return nothing }
            return YAMLNode(content: .scalar(scalar.string, plain: plain), line: line, column: column)
        case .sequence(let items):
            refuseTag(items.tag, line, column)
            var list: [YAMLNode] = []
            list.reserveCapacity(min(items.count, budget))
            for item in items where budget > 0 { list.append(convert(item, depth: depth + 1)) }
            return YAMLNode(content: .list(list), line: line, column: column)
        case .mapping(let pairs):
            refuseTag(pairs.tag, line, column)
            return YAMLNode(content: .map(entries(of: pairs, depth: depth)), line: line, column: column)
        case .alias:
            return nothing
        }
    }

    private mutating func entries(of pairs: Node.Mapping, depth: Int) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        entries.reserveCapacity(min(pairs.count, budget))
        var merged: [YAMLEntry] = []
        for (key, value) in pairs where budget > 0 {
            let place = SourceLocation(file: file, line: key.mark?.line ?? 0, column: key.mark?.column ?? 0)
            if dialect == .foreign, case .scalar(let name) = key, name.string == "<<", name.style == .plain {
                merged += self.merged(value, at: place, depth: depth)
                continue
            }
            guard case .scalar(let name) = key else {
                complaints.error(at: place, "a key must be plain text, not a list or a map")
                continue
            }
            guard name.string != "<<" else {
                complaints.error(
                    at: place, "merge keys (<<) are not read",
                    remedy: "put what devices share into defaults, ranges, datacentres or groups")
                continue
            }
            refuseTag(name.tag, place.line, place.column)
            entries.append(
                YAMLEntry(
                    key: name.string, line: place.line, column: place.column, value: convert(value, depth: depth + 1)))
        }
        guard !merged.isEmpty else { return entries }
        // What the map says itself wins, then the earlier of what is merged (https://yaml.org/type/merge.html).
        var keys = Set(entries.map(\.key))
        return entries + merged.filter { keys.insert($0.key).inserted }
    }

    private mutating func merged(_ value: Node, at place: SourceLocation, depth: Int) -> [YAMLEntry] {
        // An empty map merged over and over costs no values, so that each merge counts as one.
        guard case .map = convert(Node.mapping([:]), depth: depth + 1).content else { return [] }
        switch value {
        case .mapping(let pairs): return entries(of: pairs, depth: depth + 1)
        case .sequence(let items) where items.allSatisfy({ $0.mapping != nil }):
            return items.flatMap { merged($0, at: place, depth: depth + 1) }
        default:
            complaints.error(at: place, "a merge key (<<) takes a map, or a list of maps")
            return []
        }
    }

    private static let encryptedTags: Set<String> = ["!vault", "!vault-encrypted"]
    private static let namedTypes: Set<String> = Set(
        ["int", "float", "bool", "null", "timestamp", "map", "seq"].map { "tag:yaml.org,2002:\($0)" } + ["!unsafe"])

    private func refuseTag(_ tag: Tag, _ line: Int, _ column: Int) {
        guard tag.rawValue != "", tag.rawValue != "!", tag.rawValue != "tag:yaml.org,2002:str" else { return }
        if dialect == .foreign, Self.namedTypes.contains(tag.rawValue) { return }
        complaints.error(
            at: SourceLocation(file: file, line: line, column: column), "tag \(excerpt(tag.rawValue)) is not allowed",
            remedy: "write the value plain, or in quotes to keep it text")
    }
}

/// Finds where a key of a block map stands again: on a later line, in the same column, before anything less indented.
private enum SecondKey {
    static func place(of key: String, afterLine line: Int, column: Int, in bytes: [UInt8]) -> Int? {
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        guard line <= lines.count else { return nil }
        let spellings = [key, "\"\(key)\"", "'\(key)'"].map { Array($0.utf8) }
        for index in line..<max(line, lines.count) {
            let indent = lines[index].prefix { $0 == 0x20 }.count
            let content = lines[index].dropFirst(indent)
            guard let first = content.first, first != 0x23, first != 0x0d else { continue }
            if indent < column - 1 { return nil }
            guard indent == column - 1 else { continue }
            for spelling in spellings where content.starts(with: spelling) {
                let after = content.dropFirst(spelling.count).drop { $0 == 0x20 }.first
                if after == 0x3a { return index + 1 }
            }
        }
        return nil
    }
}
