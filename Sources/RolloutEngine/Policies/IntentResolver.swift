/// Renders a change for one device after another: what comes out has nothing left to render, and every unit known.
///
/// Templates are read once, so that a change for 10,000 devices is not read 10,000 times.
public struct IntentResolver {
    private let change: Change
    private let places: [String: SourceLocation]
    private let intents: [Compiled]

    private enum Compiled {
        case shape(
            String, ShapingIntent, interface: StrictTemplate, rate: StrictTemplate, burst: StrictTemplate,
            StrictTemplate?)
        case police(
            String, PolicingIntent, interface: StrictTemplate, rate: StrictTemplate, burst: StrictTemplate)
        case file(
            String, FileIntent, path: StrictTemplate, content: StrictTemplate, reload: StrictTemplate?,
            check: StrictTemplate?)
        case lines(String, LinesIntent, present: StrictTemplate, absent: StrictTemplate)
    }

    /// Reads the templates of a change. `places` are those of `LoadedChange`, for complaints.
    ///
    /// - Throws: `InputError` with every template that cannot be rendered on any device.
    public init(_ change: Change, places: [String: SourceLocation] = [:]) throws(InputError) {
        self.change = change
        self.places = places
        let complaints = ComplaintList()
        var intents: [Compiled] = []
        var (shapes, polices, files, lines) = (0, 0, 0, 0)
        func compile(_ text: String, _ field: String) -> StrictTemplate? {
            do throws(TemplateProblem) {
                return try StrictTemplate(text)
            } catch {
                let place = Self.place(of: field, change, places)
                let line = text.contains("\n") ? " on line \(error.line) of the text" : ""
                complaints.error(at: place, "\(field): \(error.message)\(line)", remedy: error.remedy)
                return nil
            }
        }
        for intent in change.intents {
            switch intent {
            case .shape(let shape):
                let label = "shape[\(shapes)]"
                shapes += 1
                let interface = compile(shape.interface, "\(label).interface")
                let rate = compile(shape.egressRate, "\(label).egress_rate")
                let burst = compile(shape.burst, "\(label).burst")
                let trafficClass = shape.trafficClass.flatMap { compile($0, "\(label).class") }
                guard let interface, let rate, let burst else { continue }
                intents.append(.shape(label, shape, interface: interface, rate: rate, burst: burst, trafficClass))
            case .police(let police):
                let label = "police[\(polices)]"
                polices += 1
                let interface = compile(police.interface, "\(label).interface")
                let rate = compile(police.rate, "\(label).rate")
                let burst = compile(police.burst, "\(label).burst")
                guard let interface, let rate, let burst else { continue }
                intents.append(.police(label, police, interface: interface, rate: rate, burst: burst))
            case .file(let file):
                let label = "files[\(files)]"
                files += 1
                let path = compile(file.path, "\(label).path")
                let content = compile(file.template, "\(label).template")
                let reload = file.reload.flatMap { compile($0, "\(label).reload") }
                let check = file.check.flatMap { compile($0, "\(label).check") }
                guard let path, let content else { continue }
                intents.append(.file(label, file, path: path, content: content, reload: reload, check: check))
            case .lines(let text):
                let label = "lines[\(lines)]"
                lines += 1
                let present = compile(text.template, "\(label).template")
                let absent = compile(text.absent, "\(label).absent")
                guard let present, let absent else { continue }
                intents.append(.lines(label, text, present: present, absent: absent))
            }
        }
        try complaints.throwIfAny()
        self.intents = intents
    }

    /// Renders a change for one device.
    ///
    /// - Throws: `InputError` that names the intent, the device and the variable.
    public static func resolve(_ change: Change, for device: Device) throws(InputError) -> [ResolvedIntent] {
        try IntentResolver(change).resolve(for: device)
    }

    /// What should become true on one device.
    ///
    /// - Throws: `InputError` with every field that cannot be used; it names the intent, the device and the variable.
    public func resolve(for device: Device) throws(InputError) -> [ResolvedIntent] {
        let complaints = ComplaintList()
        let fields = FieldRenderer(
            device: device, context: TemplateLanguage.context(of: device), complaints: complaints
        ) { [change, places] in Self.place(of: $0, change, places) }
        var resolved: [ResolvedIntent] = []
        for intent in intents {
            switch intent {
            case .shape(let label, _, let interface, let rate, let burst, let trafficClass):
                let interface = fields.read(interface, .interface, "\(label).interface")
                let rate = fields.read(rate, .rate, "\(label).egress_rate")
                let bucket = rate.flatMap { fields.burst(burst, for: $0, "\(label).burst") }
                let name = trafficClass.map { fields.read($0, .trafficClass, "\(label).class") }
                guard let interface, let rate, let bucket, name == nil || name != .some(nil) else { continue }
                resolved.append(.shape(interface: interface, rate: rate, burst: bucket, trafficClass: name ?? nil))
            case .police(let label, let police, let interface, let rate, let burst):
                let interface = fields.read(interface, .interface, "\(label).interface")
                let rate = fields.read(rate, .rate, "\(label).rate")
                let bucket = rate.flatMap { fields.policingBurst(burst, for: $0, "\(label).burst") }
                guard let interface, let rate, let bucket else { continue }
                resolved.append(
                    .police(interface: interface, direction: police.direction, rate: rate, burst: bucket))
            case .file(let label, let file, let path, let content, let reload, let check):
                let path = fields.read(path, .devicePath, "\(label).path")
                let text = fields.content(content, "\(label).template")
                let command = reload.map { fields.command($0, "\(label).reload") }
                let checked = check.map { fields.command($0, "\(label).check") }
                guard let path, let text, command == nil || command != .some(nil),
                    checked == nil || checked != .some(nil)
                else { continue }
                resolved.append(
                    .file(
                        path: path, content: text, mode: file.mode, reload: command ?? nil, check: checked ?? nil))
            case .lines(let label, let lines, let present, let absent):
                guard lines.platforms.isEmpty || lines.platforms.contains(device.platform) else { continue }
                let text = fields.content(present, "\(label).template")
                let gone = fields.content(absent, "\(label).absent")
                guard let text, let gone else { continue }
                resolved.append(.lines(present: text, absent: gone))
            }
        }
        if resolved.isEmpty, complaints.isClean {
            complaints.error(
                at: places["name"] ?? SourceLocation(file: "change \(change.name)"),
                "the change says nothing for device \(device.name): none of its lines are for platform \(device.platform)",
                remedy: "leave such devices out (devices:), or write lines for them")
        }
        try complaints.throwIfAny()
        return resolved
    }

    /// A burst that somebody wrote down, not left to what the rate needs.
    public struct WrittenBurst: Hashable, Sendable {
        /// The interface that it is for.
        public let interface: String
        /// As it is written: `128KiB`.
        public let text: String
        /// Where it is written.
        public let place: SourceLocation
    }

    /// The bursts that are written down for one device. Platforms that cannot be told one must not drop them unsaid.
    ///
    /// - Throws: `InputError` as `resolve(for:)`.
    public func writtenBursts(for device: Device) throws(InputError) -> [WrittenBurst] {
        let complaints = ComplaintList()
        let fields = FieldRenderer(
            device: device, context: TemplateLanguage.context(of: device), complaints: complaints
        ) { [change, places] in Self.place(of: $0, change, places) }
        let word = TextFormat<String>(expected: "a burst") { $0 }
        let bursts = intents.compactMap { intent -> WrittenBurst? in
            guard case .shape(let label, _, let interface, _, let burst, _) = intent,
                let text = fields.read(burst, word, "\(label).burst"), text != "auto",
                let name = fields.read(interface, .interface, "\(label).interface")
            else { return nil }
            return WrittenBurst(interface: name, text: text, place: Self.place(of: "\(label).burst", change, places))
        }
        try complaints.throwIfAny()
        return bursts
    }

    private static func place(of field: String, _ change: Change, _ places: [String: SourceLocation]) -> SourceLocation
    {
        places[field] ?? SourceLocation(file: "change \(change.name)")
    }
}
