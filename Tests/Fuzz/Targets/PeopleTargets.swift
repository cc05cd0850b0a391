#if DEBUG
@testable import RolloutEngine

/// What people write.
extension FuzzTarget {
    /// A YAML file, and a table.
    static func readInventory(_ bytes: [UInt8]) throws(BrokenPromise) {
        let files = zip(["inv/inventory.yaml", "inv/devices.csv"], parts(bytes, 2)).filter { !$1.isEmpty }
        func load() throws(InputError) -> LoadedInventory {
            try InventoryFolder.load(
                files: files.map { (path: $0.0, bytes: $0.1) }, name: "inv", folder: "inv",
                surroundings: Surroundings(folder: "/fleet/inv", home: "/home/eva"))
        }
        let (first, second) = (outcome(load), outcome(load))
        switch (first, second) {
        case (.success(let loaded), .success(let again)):
            try promise(loaded.inventory == again.inventory, "read twice, it is another inventory")
            try haveAPlace(loaded.warnings, in: ["inv"] + files.map(\.0))
            let names = loaded.inventory.devices.map(\.name)
            try promise(zip(names, names.dropFirst()).allSatisfy { $0 < $1 }, "devices are not in order")
            for device in loaded.inventory.devices {
                try promise(loaded.inventory.device(named: device.name) == device, "\(device.name) is not found")
                let places = loaded.origins(of: device.name).map(\.location.file)
                try promise(places.allSatisfy { file in files.contains { $0.0 == file } }, "a value from nowhere")
            }
        case (.failure(let error), .failure(let again)):
            try promise(error == again, "read twice, it is wrong in two ways")
            try haveAPlace(error.complaints, in: ["inv"] + files.map(\.0))
        default: throw BrokenPromise(description: "read twice, it is right and wrong")
        }
    }

    /// A change, the policy that it may name, and any other file that it may name.
    static func readChange(_ bytes: [UInt8]) throws(BrokenPromise) {
        let given = parts(bytes, 3)
        var asked: [String] = []
        func load() throws(InputError) -> LoadedChange {
            try ChangeFile.load("p/change.yaml") { path in
                if !asked.contains(path) { asked.append(path) }
                return path == "p/change.yaml" ? given[0] : path.hasSuffix(".yaml") ? given[1] : given[2]
            }
        }
        switch (outcome(load), outcome(load)) {
        case (.success(let loaded), .success(let again)):
            try promise(loaded.change == again.change && loaded.policy == again.policy, "read twice, it differs")
            try haveAPlace(loaded.warnings, in: asked)
            try render(loaded)
        case (.failure(let error), .failure(let again)):
            try promise(error == again, "read twice, it is wrong in two ways")
            try haveAPlace(error.complaints, in: asked)
        default: throw BrokenPromise(description: "read twice, it is right and wrong")
        }
    }

    private static func render(_ loaded: LoadedChange) throws(BrokenPromise) {
        let resolved = outcome { () throws(InputError) in
            try IntentResolver(loaded.change, places: loaded.places).resolve(for: device)
        }
        switch resolved {
        case .failure(let error): try haveAPlace(error.complaints, in: loaded.files.map(\.path))
        case .success(let intents):
            for intent in intents {
                switch intent {
                case .shape(let interface, let rate, let burst, _):
                    try promise(!interface.isEmpty && rate.value > 0 && burst.value > 0, "\(intent) shapes nothing")
                case .police(let interface, _, let rate, let burst):
                    try promise(!interface.isEmpty && rate.value > 0 && burst.value > 0, "\(intent) polices nothing")
                case .file(let path, let content, _, let reload, let check):
                    let isTame = !path.unicodeScalars.contains(where: \.isSilent)
                    try promise(isTame && path.hasPrefix("/"), "'\(path)' is no path")
                    for command in [reload, check] {
                        try promise(
                            command.map { !$0.unicodeScalars.contains(where: \.isSilent) } ?? true, "two commands")
                    }
                    try beRendered(content)
                case .lines(let present, let absent):
                    try beRendered(present)
                    try beRendered(absent)
                }
            }
        }
    }

    private static func beRendered(_ text: String) throws(BrokenPromise) {
        let isRendered = !TemplateLanguage.markers.contains { text.contains($0) }
        try promise(isRendered, "a marker is left in \(text)")
    }

    /// The template.
    static func readTemplate(_ bytes: [UInt8]) throws(BrokenPromise) {
        let context = TemplateLanguage.context(of: device)
        do throws(TemplateProblem) {
            let template = try StrictTemplate(text(bytes))
            let result = try template.render(context)
            let again = try template.render(context)
            guard result == again else { throw TemplateProblem(line: -1, message: "rendered twice, it differs") }
        } catch {
            try promise(error.line >= 1 && !error.message.isEmpty, "line \(error.line): \(error.message)")
        }
    }

    /// The selection.
    static func readSelection(_ bytes: [UInt8]) throws(BrokenPromise) {
        // A list of names is read from a file of this machine.
        let written = text(bytes)
        guard !written.contains("@") else { return }
        switch outcome({ () throws(InputError) in try Selection(written) }) {
        case .failure(let error): try promise(!error.complaints.isEmpty, "refused without a reason")
        case .success(let selection):
            let again = outcome { () throws(InputError) in try Selection(written) }
            guard case .success(let second) = again else { throw BrokenPromise(description: "read once only") }
            try promise(selection.matches(device) == second.matches(device), "read twice, it means two things")
        }
    }

    /// One text, read as each of the quantities.
    static func readQuantities(_ bytes: [UInt8]) throws(BrokenPromise) {
        let text = text(bytes)
        if let span = Timespan(text) { try promise(Timespan(span.description) == span, "\(span) reads otherwise") }
        if let rate = BitsPerSecond(text) {
            try promise(BitsPerSecond(rate.description) == rate, "\(rate) reads otherwise")
            try promise(!rate.approximate.isEmpty, "\(rate) is not shown")
        }
        if let size = ByteCount(text) { try promise(ByteCount(size.description) == size, "\(size) reads otherwise") }
        if let share = Share(text) { try promise(Share(share.description) != nil, "\(share) is not read") }
        if let instant = Instant(text) {
            try promise(Instant(instant.description) == instant, "\(instant) reads otherwise")
        }
        if let secret = SecretReference(text) { try promise(secret.description == text, "\(secret) reads otherwise") }
    }

    private static func outcome<Value>(_ body: () throws(InputError) -> Value) -> Result<Value, InputError> {
        do throws(InputError) { return .success(try body()) } catch { return .failure(error) }
    }

    /// A complaint says where, and holds nothing that a terminal would obey.
    private static func haveAPlace(_ complaints: [Complaint], in files: [String]) throws(BrokenPromise) {
        for complaint in complaints {
            let place = complaint.location
            try promise(files.contains(place.file), "'\(place.file)' is no file of this input: \(complaint)")
            try promise(place.line >= 0 && place.column >= 0 && !complaint.message.isEmpty, "\(complaint)")
            let shown = complaint.message + (complaint.remedy ?? "")
            try promise(!shown.unicodeScalars.contains(where: \.isSilent), "a complaint is not tame: \(complaint)")
        }
    }

    private static let device = Device(
        name: "gra-1", address: "192.0.2.1", platform: "linux", range: "eco", datacentre: "gra",
        domains: [FailureDomain(kind: "pair", value: "a")], links: ["up-1"], interfaces: ["e0"], tags: ["spare"],
        variables: [
            "cap": .text("250Mbit"), "count": .number(3), "spare": .flag(true), "uplink": .text("e0"),
            "vlans": .list([.number(10), .number(20)]), "none": .list([]), "odd": .text("{{ cap }}\n$(x)\u{1b}"),
        ])
}
#endif
