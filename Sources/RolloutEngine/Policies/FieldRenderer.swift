/// Renders the fields of intents for one device, and refuses what could mean more than a value.
struct FieldRenderer {
    let device: Device
    let context: [String: Variable]
    let complaints: ComplaintList
    let place: (String) -> SourceLocation

    /// A field of one line, in a format.
    func read<Value>(_ template: StrictTemplate, _ format: TextFormat<Value>, _ field: String) -> Value? {
        guard let text = line(template, field) else { return nil }
        guard let value = format.parse(text) else {
            complain(field, format.complaint(about: text, what: "the value"))
            return nil
        }
        return value
    }

    /// A bucket: a number of bytes, or what the rate needs.
    func burst(_ template: StrictTemplate, for rate: BitsPerSecond, _ field: String) -> ByteCount? {
        guard let text = line(template, field) else { return nil }
        if text == "auto" { return BurstRule.automatic(for: rate) }
        guard let bytes = TextFormat<ByteCount>.bytes.parse(text) else {
            complain(field, "the value is \(excerpt(text)), expected auto or \(TextFormat<ByteCount>.bytes.expected)")
            return nil
        }
        if let problem = BurstRule.complaint(burst: bytes, rate: rate) {
            complain(field, problem)
            return nil
        }
        return bytes
    }

    /// The bucket of a policer: a number of bytes, what arrives within a time, or within a round trip.
    func policingBurst(_ template: StrictTemplate, for rate: BitsPerSecond, _ field: String) -> ByteCount? {
        guard let text = line(template, field) else { return nil }
        guard let bytes = Self.bucket(text, at: rate) else {
            complain(field, "the value is \(excerpt(text)), expected \(Self.buckets)")
            return nil
        }
        if let problem = BurstRule.policingComplaint(burst: bytes, rate: rate) {
            complain(field, problem)
            return nil
        }
        return bytes
    }

    /// How the bucket of a policer is written.
    static let buckets = "auto, a number of bytes such as 128KiB, or a length of time such as 20ms"

    /// What the words for a policer's bucket mean at a rate; nil when they mean nothing.
    static func bucket(_ text: String, at rate: BitsPerSecond) -> ByteCount? {
        if text == "auto" { return BurstRule.policing(rate) }
        if let bytes = TextFormat<ByteCount>.bytes.parse(text) { return bytes }
        return TextFormat<Timespan>.timespan(example: "20ms").parse(text).flatMap {
            $0 <= .seconds(60) ? BurstRule.arriving(at: rate, within: $0) : nil
        }
    }

    /// A command line. It is run by a shell, so that values may hold only what no shell looks at.
    func command(_ template: StrictTemplate, _ field: String) -> String? {
        for need in template.needs {
            guard let value = context[need.variable], !Self.isSafeWord(value.description) else { continue }
            complain(
                field,
                "variable \(excerpt(need.variable)) holds \(excerpt(value.description)), which a shell would read",
                remedy: "in a command, values may hold only letters, digits and - _ . : / @ % + = ,")
            return nil
        }
        return line(template, field)
    }

    /// The content of a file, of many lines.
    func content(_ template: StrictTemplate, _ field: String) -> String? {
        guard let text = render(template, field) else { return nil }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            for marker in TemplateLanguage.markers where line.contains(marker) {
                complain(
                    field, "'\(marker)' is left on line \(index + 1) of what was rendered",
                    remedy: "a value holds template text, which is never rendered again")
                return nil
            }
        }
        return text
    }

    private func line(_ template: StrictTemplate, _ field: String) -> String? {
        guard let text = render(template, field)?.trimmingSpaces() else { return nil }
        if text.isEmpty {
            complain(field, "the value is empty")
            return nil
        }
        if text.unicodeScalars.contains(where: \.isSilent) {
            complain(
                field, "the value \(excerpt(text)) has a line break or control character", remedy: "one line is wanted")
            return nil
        }
        // Searching a text for another is slow, and most values have no brace at all.
        guard text.utf8.contains(where: { $0 == 0x7b || $0 == 0x7d }) else { return text }
        for marker in TemplateLanguage.markers + ["}}", "%}"] where text.contains(marker) {
            complain(field, "'\(marker)' is left in \(excerpt(text))", remedy: "values are never rendered again")
            return nil
        }
        return text
    }

    private func render(_ template: StrictTemplate, _ field: String) -> String? {
        do throws(TemplateProblem) {
            return try template.render(context)
        } catch {
            complain(
                field, error.message + (error.line > 1 ? " on line \(error.line) of the text" : ""),
                remedy: error.remedy)
            return nil
        }
    }

    private func complain(_ field: String, _ message: String, remedy: String? = nil) {
        complaints.error(at: place(field), "\(field) for device \(device.name): \(message)", remedy: remedy)
    }

    private static func isSafeWord(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            default: "-_.:/@%+=,".utf8.contains(byte)
            }
        } && !text.hasPrefix("-")
    }
}

extension TextFormat where Value == String {
    /// An interface as a device names it.
    static let interface = TextFormat(expected: "an interface such as eth0, ge-0/0/1 or Ethernet1.100") { text in
        isWord(text, besides: "-_.:/@") ? text : nil
    }
    /// A traffic class inside an interface.
    static let trafficClass = TextFormat(expected: "a traffic class such as 1:10") { text in
        isWord(text, besides: "-_.:") ? text : nil
    }
    /// A path on a device.
    static let devicePath = TextFormat(expected: "an absolute path without .. such as /etc/motd") { text in
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard text.hasPrefix("/"), text.utf8.count <= 1024, !parts.contains(".."), !text.hasSuffix("/"),
            text.utf8.allSatisfy({ !" '\"\\$`;&|<>*?()".utf8.contains($0) })
        else { return nil }
        return text
    }

    private static func isWord(_ text: String, besides others: String) -> Bool {
        guard let first = text.utf8.first, first != 0x2d, text.utf8.count <= 255 else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            default: others.utf8.contains(byte)
            }
        }
    }
}
