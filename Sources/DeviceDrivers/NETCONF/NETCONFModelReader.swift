import Foundation
package import RolloutEngine

/// Reads the model of one NETCONF platform, strictly: what is not known, or not as expected, is said with its place.
package struct NETCONFModelReader {
    private let file: String
    private let complaints: ComplaintList

    /// The models that ship with the program.
    ///
    /// - Throws: `InputError` with every complaint.
    package static func builtIn() throws(InputError) -> [NETCONFModel] {
        let folder = (try PlatformLibrary.builtIn() as NSString).deletingLastPathComponent + "/Models"
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasSuffix(".yaml")
        }
        var models: [NETCONFModel] = []
        for name in files.sorted() {
            let path = "\(folder)/\(name)"
            models.append(try read(try InputFile.read(path), file: path))
        }
        return models
    }

    /// Reads the bytes of a file.
    ///
    /// - Throws: `InputError` with every complaint that one reading finds.
    package static func read(_ bytes: [UInt8], file: String) throws(InputError) -> NETCONFModel {
        let complaints = ComplaintList()
        let reader = NETCONFModelReader(file: file, complaints: complaints)
        var model: NETCONFModel?
        if let root = YAMLDocument.read(bytes, file: file, complaints: complaints),
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
        let firmware = optional("firmware", in: &map)
        let hardware = optional("hardware", in: &map)
        let keys = map.entry("keys").map { map.readList($0.value, as: .line, what: "keys") } ?? []
        let validates = map.value("validate", .flag)
        let shaping = items("shaping", in: &map).compactMap(shaping)
        map.refuseUnknownKeys()
        guard let summary, let hostname else { return nil }
        var model = NETCONFModel(hostname: hostname)
        model.names = names
        model.summary = summary
        model.place = SourceLocation(file: file)
        model.firmware = firmware
        model.hardware = hardware
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

    private func optional(_ key: String, in map: inout YAMLMap) -> Subtree? {
        map.value(key, TextFormat<String>.text).flatMap { subtree($0, key, at: map.place(of: key)) }
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
