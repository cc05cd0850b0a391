/// Reads a change out of a YAML map: what should become true, in the order in which it is written.
struct ChangeReader {
    let complaints: ComplaintList
    /// Reads a template's file, by its path relative to the change's file.
    let readTemplate: (String) throws(InputError) -> String
    /// Where each text of an intent is written, by its dotted name: `shape[0].egress_rate`.
    private(set) var places: [String: SourceLocation] = [:]

    init(complaints: ComplaintList, readTemplate: @escaping (String) throws(InputError) -> String) {
        self.complaints = complaints
        self.readTemplate = readTemplate
    }

    /// A change; nil when it cannot be used, with complaints about all that is wrong.
    mutating func read(_ node: YAMLNode, in document: YAMLMap) -> Change? {
        guard var map = document.submap(node, "the change", example: "{name: …, shape: […]}") else { return nil }
        let name = map.required("name", .line)
        places["name"] = map.place(of: "name")
        let summary = map.value("summary", .line)
        let devices = map.value("devices", .line)
        if let devices { PolicyReader(complaints: complaints).checkSelection(devices, at: map.place(of: "devices")) }
        map.know(Kind.allCases.map(\.rawValue))
        map.refuseUnknownKeys()
        var intents: [Intent] = []
        for entry in map.entries {
            guard let kind = Kind(rawValue: entry.key) else { continue }
            guard case .list(let items) = entry.value.content, !items.isEmpty else {
                complaints.error(
                    at: map.place(of: entry.value), "\(entry.key) of the change is \(entry.value.kind)",
                    remedy: "expected a list such as [\(kind.example)]")
                continue
            }
            for (index, item) in items.enumerated() {
                let what = "\(entry.key)[\(index)]"
                guard let one = map.submap(item, what) else { continue }
                let intent =
                    switch kind {
                    case .shape: shaping(one, what)
                    case .police: policing(one, what)
                    case .files: file(one, what)
                    case .lines: lines(one, what)
                    }
                if let intent { intents.append(intent) }
            }
        }
        if intents.isEmpty, complaints.isClean {
            complaints.error(
                at: map.location, "the change changes nothing",
                remedy: "say what should become true under shape, police, files or lines")
        }
        guard let name, !intents.isEmpty else { return nil }
        return Change(name: name, summary: summary, devices: devices, intents: intents)
    }

    /// The kinds of intents, as they are written.
    private enum Kind: String, CaseIterable {
        case shape, police, files, lines

        var example: String {
            switch self {
            case .shape: "{interface: e0, egress_rate: 500Mbit}"
            case .police: "{interface: e0, direction: ingress, rate: 500Mbit}"
            case .files: "{path: /etc/motd, template: …}"
            case .lines: "{template: …}"
            }
        }
    }

    private mutating func shaping(_ given: YAMLMap, _ what: String) -> Intent? {
        var map = given
        let interface = map.required("interface", .line)
        let rate = map.required("egress_rate", .line)
        let burst = map.value("burst", .line) ?? "auto"
        let trafficClass = map.value("class", .line)
        map.refuseUnknownKeys()
        note(["interface", "egress_rate", "burst", "class"], of: map, what)
        check(rate, under: "egress_rate", of: map)
        if burst != "auto", !burst.contains("{"), TextFormat<ByteCount>.bytes.parse(burst) == nil {
            complaints.error(
                at: map.place(of: "burst"),
                "burst is \(excerpt(burst)), expected auto or a number of bytes such as 128KiB")
        }
        guard let interface, let rate else { return nil }
        return .shape(ShapingIntent(interface: interface, egressRate: rate, burst: burst, trafficClass: trafficClass))
    }

    private mutating func policing(_ given: YAMLMap, _ what: String) -> Intent? {
        var map = given
        let interface = map.required("interface", .line)
        let direction = map.required("direction", TextFormat<TrafficDirection>.word)
        let rate = map.required("rate", .line)
        let burst = map.value("burst", .line) ?? "auto"
        map.refuseUnknownKeys()
        note(["interface", "rate", "burst"], of: map, what)
        check(rate, under: "rate", of: map)
        if burst != "auto", !burst.contains("{"), FieldRenderer.bucket(burst, at: BitsPerSecond(8_000_000)) == nil {
            complaints.error(
                at: map.place(of: "burst"), "burst is \(excerpt(burst)), expected \(FieldRenderer.buckets)")
        }
        guard let interface, let direction, let rate else { return nil }
        return .police(PolicingIntent(interface: interface, direction: direction, rate: rate, burst: burst))
    }

    /// A rate that is written out is checked where it is written; one that is rendered, for each device.
    private func check(_ rate: String?, under key: String, of map: YAMLMap) {
        guard let rate, !rate.contains("{"), TextFormat<BitsPerSecond>.rate.parse(rate) == nil else { return }
        complaints.error(at: map.place(of: key), TextFormat<BitsPerSecond>.rate.complaint(about: rate, what: key))
    }

    private mutating func file(_ given: YAMLMap, _ what: String) -> Intent? {
        var map = given
        let path = map.required("path", .line)
        let mode = map.value("mode", Self.mode) ?? "0644"
        let reload = map.value("reload", .line)
        let check = map.value("check", .line)
        let template = template(of: &map, what)
        if template == nil, map.entry("template") == nil, map.entry("template_file") == nil {
            complaints.error(
                at: map.location, "\(what) has no template", remedy: "write it under template, or name a template_file")
        }
        map.refuseUnknownKeys()
        note(["path", "template", "template_file", "reload", "check"], of: map, what)
        if let path, !path.hasPrefix("/"), !path.hasPrefix("{{") {
            complaints.error(
                at: map.place(of: "path"), "path is \(excerpt(path)), expected an absolute path such as /etc/motd")
        }
        if let check, !check.contains("%s") {
            complaints.error(
                at: map.place(of: "check"), "check does not say where the new content is: \(excerpt(check))",
                remedy: "write %s in place of its path, such as nft -c -f %s")
        }
        guard let path, let template else { return nil }
        return .file(FileIntent(path: path, template: template, mode: mode, reload: reload, check: check))
    }

    private mutating func lines(_ given: YAMLMap, _ what: String) -> Intent? {
        var map = given
        let platforms = map.entry("platforms").map {
            map.readList($0.value, as: TextFormat<PlatformName>.named, what: "platforms of \(what)")
        }
        let template = template(of: &map, what)
        let absent = map.value("absent", .text)
        map.refuseUnknownKeys()
        note(["template", "template_file", "absent"], of: map, what)
        guard template?.isEmpty == false || absent?.isEmpty == false else {
            if complaints.isClean {
                complaints.error(
                    at: map.location, "\(what) says nothing",
                    remedy:
                        "write what should be there under template, or in a template_file, and what should not under absent"
                )
            }
            return nil
        }
        return .lines(LinesIntent(platforms: platforms ?? [], template: template ?? "", absent: absent ?? ""))
    }

    /// A text that is written out, or stands in a file beside the change's.
    private func template(of map: inout YAMLMap, _ what: String) -> String? {
        let written = map.value("template", .text)
        guard let name = map.value("template_file", .line) else { return written }
        if written != nil {
            complaints.error(
                at: map.place(of: "template_file"), "\(what) has a template and a template_file", remedy: "keep one")
        }
        do throws(InputError) { return try readTemplate(name) } catch {
            complaints.error(error)
            return nil
        }
    }

    private mutating func note(_ keys: [String], of map: YAMLMap, _ what: String) {
        for key in keys where map.entries.contains(where: { $0.key == key }) {
            places["\(what).\(key == "template_file" ? "template" : key)"] = map.place(of: key)
        }
    }

    /// Permissions in octal, as `chmod` takes them.
    private static let mode = TextFormat<String>(expected: "permissions in octal such as \"0644\"") { text in
        let isOctal = (3...4).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x37).contains($0) }
        return isOctal ? (text.utf8.count == 3 ? "0" + text : text) : nil
    }
}
