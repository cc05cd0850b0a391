import Foundation
package import RolloutEngine

/// Reads the model of one NETCONF platform, strictly: what is not known, or not as expected, is said with its place.
package struct NETCONFModelReader {
    private let file: String
    private let complaints: ComplaintList

    /// Whether a document is the model of a NETCONF platform, and not the definition of a command line: its hostname stands in a
    /// subtree, and not in what a command says.
    static func isModel(_ root: YAMLNode?) -> Bool {
        guard case .map(let entries)? = root?.content else { return false }
        return entries.contains { $0.key == "hostname" }
    }

    /// Reads the bytes of a file.
    ///
    /// - Throws: `InputError` with every complaint that one reading finds.
    package static func read(_ bytes: [UInt8], file: String) throws(InputError) -> NETCONFModel {
        let complaints = ComplaintList()
        return try read(YAMLDocument.read(bytes, file: file, complaints: complaints), file: file, complaints)
    }

    /// Reads a document; nil for one that could not be read, of which the complaints say why.
    static func read(_ root: YAMLNode?, file: String, _ complaints: ComplaintList) throws(InputError) -> NETCONFModel {
        let reader = NETCONFModelReader(file: file, complaints: complaints)
        var model: NETCONFModel?
        if let root,
            let map = YAMLMap(root, "the model", in: file, complaints, example: "platform: netconf_openconfig")
        {
            model = reader.model(map)
        }
        try complaints.throwIfAny()
        guard let model else { throw InputError(at: SourceLocation(file: file), "the model is empty") }
        return model
    }

    private func model(_ source: YAMLMap) -> NETCONFModel? {
        var map = source
        let names: [PlatformName] =
            map.entry("platform").map {
                map.readList($0.value, as: .named, what: "platform")
            } ?? []
        if names.isEmpty { _ = map.required("platform", TextFormat<PlatformName>.named) }
        let summary = map.required("summary", .line)
        let hostname = required("hostname", in: &map)
        let facts = map.entry("facts").flatMap { map.submap($0.value, "facts") }.flatMap(facts)
        let keys = map.entry("keys").map { map.readList($0.value, as: .line, what: "keys") } ?? []
        let validates = map.value("validate", .flag)
        let shaping = items("shaping", in: &map).compactMap(shaping)
        map.refuseUnknownKeys()
        guard let summary, let hostname else { return nil }
        var model = NETCONFModel(hostname: hostname)
        model.names = names
        model.summary = summary
        model.place = SourceLocation(file: file)
        model.facts = facts
        model.keys = keys
        model.validates = validates ?? true
        model.shaping = shaping
        return model
    }

    private func shaping(_ source: YAMLMap) -> NETCONFModel.Shaping? {
        var map = source
        let forms = ["{interface}", "{interface}.{unit}"]
        let form = map.required(
            "interface", TextFormat(expected: "{interface} or {interface}.{unit}") { forms.firstIndex(of: $0) })
        let subtree = required("subtree", in: &map)
        let rate = map.required("rate", Self.path)
        let words = NETCONFModel.RateUnit.allCases.map(\.rawValue).joined(separator: ", ")
        let unit = map.required("unit", TextFormat(expected: words) { NETCONFModel.RateUnit(rawValue: $0) })
        let burst = map.value("burst", Self.path)
        let fresh = map.value("fresh", .text)
        let place = map.place(of: "fresh")
        map.refuseUnknownKeys()
        guard let form, let subtree, let rate, let unit else { return nil }
        let known: Set<String> = form == 1 ? ["interface", "unit"] : ["interface"]
        guard subtree.placeholders == known else {
            complaints.error(
                at: map.place(of: "subtree"),
                "the subtree names \(subtree.placeholders.sorted()), expected \(known.sorted()) as in its interface")
            return nil
        }
        var content: Markup?
        if let fresh {
            content = element(fresh, at: place)
            if let content,
                !isSame(content.name, subtree.target.name) || !isSame(content.namespace, subtree.target.namespace)
            {
                complaints.error(
                    at: place, "fresh is <\(content.name)>, expected <\(subtree.target.name)> as in the subtree")
            }
        }
        return NETCONFModel.Shaping(
            hasUnit: form == 1, subtree: subtree, rate: rate, unit: unit, burst: burst ?? [], fresh: content)
    }

    // MARK: The parts

    private static let path = TextFormat<[String]>(expected: "names of elements such as config/cir") { text in
        let names = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        return names.allSatisfy { !$0.isEmpty && !$0.contains(" ") } ? names : nil
    }

    private func required(_ key: String, in map: inout YAMLMap) -> Subtree? {
        map.required(key, TextFormat<String>.text).flatMap { subtree($0, key, at: map.place(of: key)) }
    }

    private func facts(_ source: YAMLMap) -> NETCONFFacts? {
        var map = source
        let format = TextFormat(
            expected: "names of elements such as system/version or component[state/type=CHASSIS]/state/serial-no"
        ) { NETCONFFacts.Path($0) }
        let ask = map.required("ask", TextFormat<String>.text).flatMap { element($0, at: map.place(of: "ask")) }
        let firmware = map.value("firmware", format)
        let hardware = map.value("hardware", format)
        let serial = map.value("serial", format)
        map.refuseUnknownKeys()
        if let ask, isSame(ask.namespace, "") {
            complaints.error(
                at: map.place(of: "ask"), "<\(ask.name)> has no namespace",
                remedy: "expected xmlns=\"\(NETCONF.base)\", or that of the vendor's model")
        }
        guard firmware != nil || hardware != nil || serial != nil else {
            if complaints.isClean {
                complaints.error(at: map.location, "facts finds none of firmware, hardware, serial")
            }
            return nil
        }
        return ask.map { NETCONFFacts(ask: $0, firmware: firmware, hardware: hardware, serial: serial) }
    }

    private func subtree(_ text: String, _ key: String, at place: SourceLocation) -> Subtree? {
        guard let element = element(text, at: place) else { return nil }
        guard let subtree = Subtree(element) else {
            complaints.error(at: place, "\(key) must hold exactly one empty element, which is what is meant")
            return nil
        }
        return subtree
    }

    private func element(_ text: String, at place: SourceLocation) -> Markup? {
        do {
            return try MarkupReader.read(Array(text.utf8))
        } catch {
            complaints.error(at: place, "this XML cannot be read: \(error.what)")
            return nil
        }
    }

    private func items(_ key: String, in map: inout YAMLMap) -> [YAMLMap] {
        guard let entry = map.entry(key) else { return [] }
        guard case .list(let items) = entry.value.content else {
            complaints.error(at: map.place(of: entry.value), "\(key) is \(entry.value.kind), expected a list")
            return []
        }
        return items.compactMap { map.submap($0, "an item of \(key)") }
    }
}
