import ArgumentParser
import Foundation
import RolloutEngine
import Testing

@testable import rollout

@Suite("Inventory commands")
struct InventoryCommandTests {
    /// A small inventory on disk, deleted when the test is over.
    private final class Folder {
        let path: String

        init(_ yaml: String) throws {
            path = FileManager.default.temporaryDirectory.appending(path: "rollout-cli-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try yaml.write(toFile: path + "/inventory.yaml", atomically: true, encoding: .utf8)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static let yaml = """
        defaults: {platform: linux, range: eco, datacentre: gra, snmp: {community: env:C}}
        ranges: {eco: {vars: {cap: 1Mbit}}}
        datacentres: {gra: }
        devices:
          a: {address: 10.0.0.1, tags: [x], vars: {cap: 2Mbit}}
          b: {address: 10.0.0.2}
        """

    @Test("an explanation shows each value with its place, and below it what it replaced")
    func explain() throws {
        let folder = try Folder(Self.yaml)
        let loaded = try InventoryFolder.load(folder.path)
        let lines = InventoryText.explain(loaded.origins(of: "a")).map {
            $0.replacingOccurrences(of: folder.path + "/", with: "")
        }
        #expect(
            lines.contains("vars.cap        2Mbit      device     inventory.yaml:5:49"),
            "\(lines.joined(separator: "\n"))")
        #expect(lines.contains("                not 1Mbit  range eco  inventory.yaml:2:28"))
        #expect(lines.contains("snmp.community  env:C      defaults   inventory.yaml:1:76"))
    }

    @Test("commands end with 65 for mistakes, unknown devices and selections that match nothing")
    func exitCodes() throws {
        let folder = try Folder(Self.yaml)
        let broken = try Folder("devices: {a: {adress: 1}}")
        func code(_ arguments: [String], of command: any ParsableCommand.Type) -> Int32 {
            do {
                var parsed = try command.parseAsRoot(arguments)
                try parsed.run()
                return 0
            } catch { return command.exitCode(for: error).rawValue }
        }
        #expect(code(["list", "-i", folder.path, "--json"], of: InventoryCommand.self) == 0)
        #expect(code(["list", "-i", folder.path, "-l", "tag=x"], of: InventoryCommand.self) == 0)
        #expect(code(["list", "-i", folder.path, "-l", "tag=y"], of: InventoryCommand.self) == 65)
        #expect(code(["list", "-i", folder.path, "-l", "tag="], of: InventoryCommand.self) == 65)
        #expect(code(["show", "a", "--explain", "-i", folder.path], of: InventoryCommand.self) == 0)
        #expect(code(["show", "c", "-i", folder.path], of: InventoryCommand.self) == 65)
        #expect(code(["check", "-i", folder.path], of: InventoryCommand.self) == 0)
        #expect(code(["check", "-i", broken.path], of: InventoryCommand.self) == 65)
        #expect(code(["check", "-i", broken.path + "/none"], of: InventoryCommand.self) == 65)
        #expect(code(["check", "--bogus"], of: InventoryCommand.self) == 64)
        let change = folder.path + "/change.txt"
        try "change: {name: c, devices: tag=x, shape: [{interface: e0, egress_rate: '{{ cap }}'}]}\npolicy: {}".write(
            toFile: change, atomically: true, encoding: .utf8)
        #expect(code([change, "-i", folder.path], of: LintCommand.self) == 0)
        try "change: {name: c, shape: [{interface: '{{ up }}', egress_rate: 1Mbit}]}".write(
            toFile: change, atomically: true, encoding: .utf8)
        #expect(code([change, "-i", folder.path], of: LintCommand.self) == 65)
    }

    @Test("a complaint is two lines at most, with nothing that a terminal would obey")
    func complaints() {
        let complaint = Complaint(
            at: SourceLocation(file: "a\u{1b}b", line: 1, column: 2), "bad\u{7}", remedy: "do\nthis")
        #expect(
            ComplaintText.lines(complaint, severity: "error") == ["a\\u{1B}b:1:2: error: bad\\u{7}", "    do\\nthis"])
    }
}
