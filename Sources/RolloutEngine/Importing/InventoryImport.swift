/// Turns another tool's inventory into one of ours. Pure: files come in as bytes, and a text comes out.
public struct InventoryImport: Sendable {
    /// The inventory as a YAML file of ours.
    public let text: String
    /// What became of what.
    public let report: ImportReport

    /// Reads files of another tool.
    ///
    /// - Parameter source: Where they come from, for people.
    /// - Throws: `InputError` with everything that is wrong with them, by file and line.
    public init(
        _ files: [ForeignFile], format: ForeignFormat, source: String, options: ImportOptions
    ) throws(InputError) {
        let complaints = ComplaintList()
        let fleet = Self.fleet(files, format, options, complaints)
        try complaints.throwIfAny()
        guard !fleet.hosts.isEmpty else {
            throw InputError(
                at: SourceLocation(file: source), "holds no hosts that could be devices",
                remedy: fleet.omissions.first.map { "\($0.name) \($0.reason), and so on" })
        }
        var translator = FleetTranslator(
            fleet, keys: ForeignKeys(format, mappings: options.mappings), options: options, complaints: complaints)
        let translated = translator.translate()
        try complaints.throwIfAny()
        text = InventoryYAML(translated, source: source).text
        var report = ImportReport()
        report.devices = translated.devices.count
        for device in translated.devices {
            report.datacentres[device.datacentre, default: 0] += 1
            report.ranges[device.range, default: 0] += 1
        }
        report.dropped = translator.notes.dropped
        report.secrets = translator.notes.secrets
        report.leftOut = fleet.omissions.map { .init(name: $0.name, place: $0.location, reason: $0.reason) }
        self.report = report
    }

    /// Reads a text back with the reader that all commands use.
    ///
    /// - Throws: `InputError` with everything that is wrong with it.
    public static func load(_ bytes: [UInt8], as path: String) throws(InputError) -> LoadedInventory {
        try InventoryFolder.load(
            files: [(path, bytes)], name: "import", folder: path, surroundings: Surroundings(folder: "/", home: nil))
    }

    private static func fleet(
        _ files: [ForeignFile], _ format: ForeignFormat, _ options: ImportOptions, _ complaints: ComplaintList
    ) -> ForeignFleet {
        switch format {
        case .ansible: return AnsibleInventory.read(files, complaints: complaints)
        case .nornir: return NornirInventory.read(files, complaints: complaints)
        case .netbox: return NetBoxDevices.read(files, complaints: complaints)
        case .oxidized:
            let rows = files.flatMap {
                ForeignTable.read($0, columns: options.columns, separator: ":", complaints: complaints)
            }
            return ForeignTable.fleet(rows, namedBy: ["name"], complaints: complaints)
        case .csv:
            let rows = files.flatMap { ForeignTable.read($0, complaints: complaints) }
            return ForeignTable.fleet(rows, namedBy: ["name", "host", "device"], complaints: complaints)
        }
    }

    /// Where the next page of an answer of NetBox is; nil at the last one.
    public static func nextPage(of answer: [UInt8]) -> String? { NetBoxDevices.nextPage(of: answer) }
}
