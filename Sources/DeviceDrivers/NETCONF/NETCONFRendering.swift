package import RolloutEngine

/// Sections of configurations, as the elements that a model means by them and as the lines that are compared. Pure.
package struct NETCONFRendering: Sendable {
    /// What is meant by shaping.
    package let model: NETCONFModel

    package init(_ model: NETCONFModel) { self.model = model }

    /// The way to an interface's shaping.
    ///
    /// - Throws: `DriverError` with `.unsupported` when the model has none for such a name.
    package func place(of interface: String) throws(DriverError) -> (shaping: NETCONFModel.Shaping, subtree: Subtree) {
        guard !interface.isEmpty, interface.utf8.count <= 255, interface.utf8.allSatisfy({ $0 >= 32 && $0 != 127 })
        else {
            throw DriverError.unsupported("'\(interface.prefix(60))' is not the name of an interface")
        }
        for shaping in model.shaping {
            guard shaping.hasUnit else { return (shaping, shaping.subtree.filled(["interface": interface])) }
            guard let dot = interface.lastIndex(of: "."), dot > interface.startIndex else { continue }
            let unit = String(interface[interface.index(after: dot)...])
            guard !unit.isEmpty, unit.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { continue }
            return (shaping, shaping.subtree.filled(["interface": String(interface[..<dot]), "unit": unit]))
        }
        throw DriverError.unsupported("\(model.summary) does not say how '\(interface)' is shaped")
    }

    /// The section that a reading holds.
    package func section(of interface: String, in data: Markup) throws(DriverError) -> DeviceConfig.Section {
        let (shaping, subtree) = try place(of: interface)
        let found = subtree.find(in: data)
        return section(of: interface, found, shaping)
    }

    private func section(of interface: String, _ content: Markup?, _ shaping: NETCONFModel.Shaping)
        -> DeviceConfig.Section
    {
        DeviceConfig.Section(
            name: "shaping \(interface)", lines: content?.canonicalLines(keys: model.keys) ?? [],
            shapedRate: content.flatMap { Self.leaf(shaping.rate, in: $0) }.flatMap { shaping.unit.rate($0.value) })
    }

    /// Makes an intent true in a configuration.
    ///
    /// - Throws: `DriverError` with `.unsupported` for what cannot be expressed.
    package func apply(_ intent: ResolvedIntent, to config: inout DeviceConfig) throws(DriverError) {
        guard case .shape(let interface, let rate, let burst, let trafficClass) = intent else {
            let what =
                switch intent {
                case .file: "files are"
                case .lines: "lines are"
                default: "policers are"
                }
            throw DriverError.unsupported("\(model.summary): \(what) not written over NETCONF")
        }
        guard trafficClass == nil else {
            throw DriverError.unsupported("\(model.summary): only whole interfaces are shaped, not a class of one")
        }
        guard let index = config.sections.firstIndex(where: { isSame($0.name, "shaping \(interface)") }) else {
            throw DriverError.unsupported("'shaping \(interface)' was not read with the base")
        }
        let (shaping, _) = try place(of: interface)
        guard var content = try self.content(of: config.sections[index]) ?? shaping.fresh else {
            throw DriverError.unsupported(
                "\(interface) is not shaped, and with \(model.summary) that takes more than a rate: shape it once by hand"
            )
        }
        guard rate > .zero, let text = shaping.unit.text(rate) else {
            throw DriverError.unsupported("\(rate) cannot be written exactly in \(shaping.unit.rawValue)")
        }
        Self.set(shaping.rate, to: text, in: &content)
        if !shaping.burst.isEmpty { Self.set(shaping.burst, to: "\(burst.value)", in: &content) }
        config.sections[index] = section(of: interface, content, shaping)
    }

    /// The edits that make the device hold these sections, whatever it holds now.
    ///
    /// - Throws: `DriverError` with `.unsupported` when lines are not those that this driver writes.
    package func edits(to config: DeviceConfig, where isDue: (DeviceConfig.Section) -> Bool) throws(DriverError)
        -> [Markup]
    {
        var edits: [Markup] = []
        for section in config.sections where isDue(section) {
            let (_, subtree) = try place(of: try interface(of: section))
            let content = try self.content(of: section)
            let target =
                content.map { NETCONF.marked($0, operation: "replace") }
                ?? NETCONF.marked(subtree.target, operation: "remove")
            edits.append(subtree.holding(target))
        }
        return edits
    }

    /// The interface that a section is about.
    package func interface(of section: DeviceConfig.Section) throws(DriverError) -> String {
        guard section.name.hasPrefix("shaping ") else {
            throw DriverError.unsupported("'\(section.name.prefix(60))' is no section of this driver")
        }
        return String(section.name.dropFirst(8))
    }

    private func content(of section: DeviceConfig.Section) throws(DriverError) -> Markup? {
        if section.lines.isEmpty { return nil }
        do {
            return try MarkupReader.read(Array(section.lines.joined(separator: "\n").utf8))
        } catch {
            throw DriverError.unsupported(
                "the lines of '\(section.name)' are not those that this driver writes: \(error.what)")
        }
    }

    // MARK: Leaves

    private static func leaf(_ path: [String], in element: Markup) -> Markup? {
        path.reduce(Optional(element)) { element, name in element?.child(name) }
    }

    private static func set(_ path: [String], to text: String, in element: inout Markup) {
        guard let name = path.first else {
            element.text = text
            element.children = []
            return
        }
        if let index = element.children.firstIndex(where: {
            isSame($0.name, name) && isSame($0.namespace, element.namespace)
        }) {
            return set(Array(path.dropFirst()), to: text, in: &element.children[index])
        }
        var child = Markup(name, in: element.namespace)
        set(Array(path.dropFirst()), to: text, in: &child)
        element.children.append(child)
    }
}
