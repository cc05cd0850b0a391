import ArgumentParser
import Foundation
import Testing

@testable import rollout

@Suite("rollout lint")
struct LintCommandTests {
    private static let inventory = """
        defaults: {platform: arista_eos, range: eco, datacentre: gra, interfaces: [Ethernet1]}
        ranges: {eco: }
        datacentres: {gra: }
        devices: {a: {address: 10.0.0.1}, b: {address: 10.0.0.2, platform: juniper_junos}}
        """

    /// How a check of a change ends.
    private func lint(_ change: String) throws -> Int32 {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-lint-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/fleet", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Self.inventory.write(toFile: folder + "/fleet/inventory.yaml", atomically: true, encoding: .utf8)
        try change.write(toFile: folder + "/change.yaml", atomically: true, encoding: .utf8)
        let command = try LintCommand.parse([folder + "/change.yaml", "-i", folder + "/fleet", "--json"])
        do { try command.run() } catch let exit as ExitCode { return exit.rawValue }
        return 0
    }

    @Test(
        "lines are held against the language of each platform that they are for, without a look at any device",
        arguments: [
            (
                "[{platforms: [arista_eos], template: \"ntp server 10.0.0.7\"}]", "devices: platform=arista_eos",
                Int32(0)
            ),
            ("[{platforms: [arista_eos], template: \"no ntp server 10.0.0.7\"}]", "devices: platform=arista_eos", 0),
            ("[{template: \"set system ntp server 10.0.0.7\"}]", "devices: platform=juniper_junos", 0),
            ("[{template: \"delete system ntp server 10.0.0.7\"}]", "devices: platform=juniper_junos", 65),
            ("[{template: \"reload\"}]", "devices: platform=arista_eos", 65),
            // Nothing is said to the other device.
            ("[{platforms: [arista_eos], template: \"ntp server 10.0.0.7\"}]", "summary: for all", 65),
        ])
    func lines(_ lines: String, _ devices: String, _ code: Int32) throws {
        #expect(try lint("change:\n  name: c\n  \(devices)\n  lines: \(lines)\npolicy: {name: p}\n") == code)
    }
}
