import ArgumentParser
import Foundation
import RolloutEngine
import Testing

@testable import rollout

@Suite("Import command")
struct InventoryImportCommandTests {
    /// A folder that is deleted when the test is over.
    private final class Folder {
        let path: String

        init() throws {
            path = FileManager.default.temporaryDirectory.appending(path: "rollout-import-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ text: String, to name: String) throws -> String {
            try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
            return "\(path)/\(name)"
        }

        /// Every file below the folder, hidden ones too.
        var files: [String] {
            (FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []).sorted()
        }
    }

    private func code(_ arguments: [String]) async -> Int32 {
        do {
            let command = try InventoryImportCommand.parse(arguments)
            try await command.run()
            return 0
        } catch {
            return InventoryImportCommand.exitCode(for: error).rawValue
        }
    }

    private static let decided = ["--datacentre", "gra", "--range", "eco", "--platform", "linux"]

    @Test("an inventory is written whole, and can be loaded as any other")
    func writes() async throws {
        let folder = try Folder()
        let source = try folder.write("a ansible_host=192.0.2.1\nb ansible_host=192.0.2.2\n", to: "hosts")
        let target = folder.path + "/inventories/new/inventory.yaml"
        #expect(await code(["ansible", source, "-o", target] + Self.decided) == 0)
        let loaded = try InventoryFolder.load(folder.path + "/inventories/new")
        #expect(loaded.inventory.devices.map(\.name) == ["a", "b"])
        #expect(folder.files.filter { $0.contains(".inventory") } == [])
    }

    @Test("nothing is overwritten, and nothing is left behind by what cannot be used")
    func refuses() async throws {
        let folder = try Folder()
        let source = try folder.write("a ansible_host=192.0.2.1\n", to: "hosts")
        let target = try folder.write("mine", to: "inventory.yaml")
        #expect(await code(["ansible", source, "-o", target] + Self.decided) == 65)
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "mine")
        let files = folder.files
        let other = folder.path + "/other.yaml"
        #expect(await code(["ansible", source, "-o", other]) == 65)
        #expect(await code(["ansible", folder.path + "/none", "-o", other] + Self.decided) == 65)
        // A bastion that would have to be reached through itself: only our own reader finds it.
        let circle = try folder.write("[all:vars]\nansible_ssh_common_args='-J a'\n[g]\na\n", to: "circle")
        #expect(await code(["ansible", circle, "-o", other] + Self.decided) == 65)
        #expect(folder.files == (files + ["circle"]).sorted())
    }

    @Test("options that cannot be understood are told from bad input")
    func usage() async throws {
        let folder = try Folder()
        let source = try folder.write("a\n", to: "hosts")
        let other = folder.path + "/other.yaml"
        for wrong in [
            ["--map", "bogus=x"], ["--map", "rack"], ["--datacentre-from", "group=dc"], ["--columns", "ip:model"],
        ] {
            #expect(await code(["ansible", source, "-o", other] + Self.decided + wrong) == 64, "\(wrong)")
        }
        #expect(await code(["ansible", "https://192.0.2.1/", "-o", other]) == 64)
        #expect(await code(["netbox", "https://192.0.2.1/", "-o", other, "--token", "hunter2"]) == 64)
        #expect(await code(["puppet", source, "-o", other]) == 64)
    }

    @Test("the screen sums up what was dropped by key, and names no more than three places unless asked")
    func screen() throws {
        let rows = (1...5).map { "d\($0),192.0.2.\($0),x" }.joined(separator: "\n")
        let file = ForeignFile(path: "t.csv", bytes: Array("name,address,odd key\n\(rows)\n".utf8))
        var options = ImportOptions()
        (options.datacentre, options.range, options.platform) = ("gra", "eco", "linux")
        let report = try InventoryImport([file], format: .csv, source: "t.csv", options: options).report
        let short = ImportScreen(report, file: "out", everyPlace: false).lines
        #expect(short.first == "out: 5 devices; datacentres gra 5; ranges eco 5")
        #expect(short.last == "odd key  5      no name for a variable  t.csv:2, t.csv:3, t.csv:4, and 2 more (-v)")
        #expect(ImportScreen(report, file: "out", everyPlace: true).lines.last?.hasSuffix("t.csv:5, t.csv:6") == true)
    }
}
