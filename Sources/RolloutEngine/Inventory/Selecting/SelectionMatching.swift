extension Inventory {
    /// The devices that a selection means, in the inventory's order: at least one.
    ///
    /// - Throws: `InputError` when the selection cannot be understood, names something that the inventory does not have,
    ///   or means no device.
    public func devices(matching text: String) throws(InputError) -> [Device] {
        try devices(matching: try Selection(text))
    }

    /// The devices that a selection means, in the inventory's order: at least one.
    ///
    /// - Throws: `InputError` when it names something that the inventory does not have, or means no device.
    public func devices(matching selection: Selection) throws(InputError) -> [Device] {
        let complaints = ComplaintList()
        let terms = selection.root.terms
        for term in terms { checkValues(of: term, complaints) }
        try complaints.throwIfAny()
        let matching = devices.filter(selection.matches)
        guard matching.isEmpty else { return matching }
        let idle = terms.first { term in !devices.contains(where: term.matches) }
        throw InputError(
            at: SourceLocation(file: "selection", line: 1, column: idle?.column ?? 1),
            "\(excerpt(selection.text)) matches none of the \(devices.count) devices of inventory \(name)",
            remedy: idle.map { hint(about: $0) } ?? "each part matches some device, but no device all of it")
    }

    /// Complains about values of what the inventory declares, and about attributes that no device has.
    private func checkValues(of term: Selection.Term, _ complaints: ComplaintList) {
        let place = SourceLocation(file: "selection", line: 1, column: term.column)
        switch term.attribute {
        case .domain(let kind):
            let kinds = Set(devices.lazy.flatMap(\.domains).map(\.kind)).sorted()
            guard !kinds.contains(kind) else { return }
            complaints.error(
                at: place, "no device has an attribute \(excerpt(kind))",
                remedy: suggestion(for: kind, among: Selection.Attribute.names + kinds, noun: "known attributes"))
        case .variable(let name):
            guard !devices.contains(where: { $0.variables[name] != nil }) else { return }
            let names = Set(devices.lazy.flatMap(\.variables.keys)).sorted()
            complaints.error(
                at: place, "no device has a variable \(excerpt(name))",
                remedy: suggestion(for: name, among: names, noun: "known variables"))
        default:
            guard let (noun, values) = declared(term.attribute) else { return }
            let wanted = Self.fixedValues(of: term)
            guard !wanted.isEmpty else { return }
            let known = values()
            let lookup = Set(known)
            for value in wanted where !lookup.contains(value) {
                complaints.error(
                    at: place, "unknown \(noun) \(excerpt(value))",
                    remedy: otherMeaning(of: value, term.attribute)
                        ?? suggestion(for: value, among: known, noun: "known \(noun)s"))
            }
        }
    }

    private static func fixedValues(of term: Selection.Term) -> [String] {
        term.patterns.flatMap { pattern -> [String] in
            switch pattern {
            case .exact(let value): [value]
            case .names(let names, _): names.sorted()
            case .glob, .expression: []
            }
        }
    }

    /// What the inventory declares of an attribute; nil for what devices may have freely.
    private func declared(_ attribute: Selection.Attribute) -> (String, () -> [String])? {
        switch attribute {
        case .name: ("device", { self.devices.map(\.name.rawValue) })
        case .range: ("range", { self.ranges.map(\.rawValue) })
        case .datacentre: ("datacentre", { self.datacentres.map(\.name.rawValue) })
        case .group: ("group", { self.groups.map(\.rawValue) })
        case .link: ("link", { self.links.map(\.name.rawValue) })
        default: nil
        }
    }

    /// What a bare word may have meant that is no device.
    private func otherMeaning(of word: String, _ attribute: Selection.Attribute) -> String? {
        guard attribute == .name else { return nil }
        if ranges.contains(where: { $0.rawValue == word }) { return "there is a range of this name: range=\(word)" }
        if datacentres.contains(where: { $0.name.rawValue == word }) {
            return "there is a datacentre of this name: dc=\(word)"
        }
        if groups.contains(where: { $0.rawValue == word }) { return "there is a group of this name: group=\(word)" }
        if devices.contains(where: { $0.tags.contains(word) }) { return "there is a tag of this name: tag=\(word)" }
        return nil
    }

    private func hint(about term: Selection.Term) -> String {
        let values: [String]
        switch term.attribute {
        case .tag: values = Set(devices.lazy.flatMap(\.tags)).sorted()
        case .platform: values = Set(devices.lazy.map(\.platform.rawValue)).sorted()
        case .domain(let kind):
            values = Set(devices.lazy.flatMap(\.domains).filter { $0.kind == kind }.map(\.value)).sorted()
        case .variable(let name): values = Set(devices.lazy.compactMap { $0.variables[name]?.description }).sorted()
        default: values = declared(term.attribute)?.1() ?? []
        }
        let wanted = Self.fixedValues(of: term).first ?? ""
        return "no device has what is asked at column \(term.column)"
            + (suggestion(for: wanted, among: values, noun: "there is").map { "; \($0)" } ?? "")
    }
}
