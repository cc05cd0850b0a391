import ArgumentParser
import DeviceDrivers
import Foundation
import RolloutEngine

/// `rollout inventory import`: another tool's inventory as one of ours.
struct InventoryImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turn an inventory of Ansible, Nornir, NetBox, Oxidized or a table into one of ours.",
        discussion: "Writes a new file, and says what it could not take over. See docs/importing.md.")

    @Argument(
        help: "Whose it is: \(InventoryImportCommand.names).",
        transform: { text in
            guard let format = ForeignFormat(rawValue: text) else {
                throw ValidationError("'\(text)' is none of \(InventoryImportCommand.names)")
            }
            return format
        })
    var format: ForeignFormat

    private static let names = ForeignFormat.allCases.map(\.rawValue).joined(separator: ", ")

    @Argument(help: "The file or folder; for netbox also the URL of /api/dcim/devices/.", completion: .file())
    var source: String

    @Option(name: .shortAndLong, help: "The file to write: inventories/NAME/inventory.yaml.", completion: .file())
    var output: String

    @Option(help: "What says the datacentre: KEY, group=dc_*, or child-of=GROUP.") var datacentreFrom: String?
    @Option(help: "The datacentre of hosts of which nothing says it.") var datacentre: String?
    @Option(help: "What says the product range: KEY, group=range_*, or child-of=GROUP.") var rangeFrom: String?
    @Option(help: "The product range of hosts of which nothing says it.") var range: String?
    @Option(help: "The platform of hosts of which nothing says it.") var platform: String?

    @Option(help: ArgumentHelp("Our platform for another name.", valueName: "theirs=ours"))
    var mapPlatform: [String] = []

    @Option(help: ArgumentHelp("The key that gives a setting, such as rack=rack_name.", valueName: "setting=key"))
    var map: [String] = []

    @Option(help: "What the fields of router.db are.") var columns = "name:model:group"

    @Option(help: ArgumentHelp("Where NetBox's token is kept: env:NAME or file:PATH.", valueName: "secret"))
    var token: String?

    @OptionGroup var screen: OutputOptions

    func run() async throws {
        try await Command.run(screen) {
            let options = try importOptions()
            do {
                let imported = try InventoryImport(try await files(), format: format, source: source, options: options)
                let loaded = try NewFile.write(Array(imported.text.utf8), to: output) {
                    try InventoryImport.load($0, as: output)
                }
                var report = imported.report
                report.warnings = loaded.warnings
                if screen.json {
                    try screen.data(report)
                } else {
                    screen.talk(ImportScreen(report, file: output, everyPlace: screen.verbose > 0).lines)
                }
                return .done
            } catch let error as InputError {
                screen.talk(ComplaintText.lines(error))
                return .badInput
            }
        }
    }

    private func files() async throws -> [ForeignFile] {
        guard source.hasPrefix("https://") || source.hasPrefix("http://") else {
            return try ForeignFile.read(source, as: format)
        }
        guard format == .netbox else {
            throw CommandFailure(.usage, "only netbox is read from a URL; save the others to a file first")
        }
        let reference = try token.map { text in
            guard let reference = SecretReference(text) else {
                throw CommandFailure(
                    .usage, "--token says where the token is kept, env:NAME or file:PATH; it is not shown")
            }
            return reference
        }
        do throws(PagedAnswer.Trouble) {
            return try await PagedAnswer(secrets: EnvironmentAndFileSecrets())
                .pages(from: source, token: reference, next: InventoryImport.nextPage)
                .map { ForeignFile(path: $0.url, bytes: $0.bytes) }
        } catch {
            throw CommandFailure(.unavailable, error.description)
        }
    }

    private func importOptions() throws -> ImportOptions {
        var options = ImportOptions()
        options.datacentreFrom = try keySource("--datacentre-from", datacentreFrom)
        options.rangeFrom = try keySource("--range-from", rangeFrom)
        options.datacentre = datacentre
        options.range = range
        options.platform = platform
        for pair in mapPlatform {
            let (theirs, ours) = try Self.halves(of: pair, option: "--map-platform")
            options.platforms[theirs] = ours
        }
        for pair in map {
            let (setting, key) = try Self.halves(of: pair, option: "--map")
            guard ImportOptions.mappableSettings.contains(setting) else {
                throw CommandFailure(
                    .usage,
                    "--map knows no setting '\(SafeText.line(setting))'; it knows \(ImportOptions.mappableSettings.joined(separator: ", "))"
                )
            }
            options.mappings[setting] = key
        }
        options.columns = columns.split(separator: ":").map(String.init)
        guard options.columns.contains("name") else {
            throw CommandFailure(.usage, "--columns has no name, expected such as name:ip:model:group")
        }
        return options
    }

    private func keySource(_ option: String, _ text: String?) throws -> KeySource? {
        guard let text else { return nil }
        guard let source = KeySource(text) else {
            throw CommandFailure(
                .usage, "\(option) is '\(SafeText.line(text))', expected KEY, group=PREFIX*, or child-of=GROUP")
        }
        return source
    }

    private static func halves(of pair: String, option: String) throws -> (String, String) {
        let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw CommandFailure(
                .usage, "\(option) is '\(SafeText.line(pair))', expected two words with = between them")
        }
        return (parts[0], parts[1])
    }
}
