import DeviceDrivers
import Foundation
import RolloutEngine
import Testing

@testable import rollout

@Suite("The list of platforms")
struct PlatformsTextTests {
    @Test(
        "what ships is built in; what is the user's own, of a command line or a NETCONF model, is shown with its path")
    func places() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-platforms-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let own = folder + "/mine.yaml"
        try FileManager.default.copyItem(atPath: try PlatformLibrary.builtIn() + "/arista_eos.yaml", toPath: own)
        let model = folder + "/edge.yaml"
        let text = """
            platform: [netconf_edge, netconf_junos]
            summary: Our own routers over NETCONF
            hostname: <system xmlns="urn:ours"><hostname/></system>
            shaping: []
            """
        try text.write(toFile: model, atomically: true, encoding: .utf8)
        let library = try PlatformLibrary(adding: [folder])
        #expect(
            library.models.map(\.names) == [
                ["netconf_openconfig"], ["netconf_sros"], ["netconf_edge", "netconf_junos"],
            ])
        let lines = PlatformsText.list(library)
        #expect(lines.contains { $0.hasPrefix("netconf_edge, netconf_junos") && $0.hasSuffix(model) }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("netconf_sros") && $0.hasSuffix("built in") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("arista_eos") && $0.hasSuffix(own) }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("juniper_junos") && $0.hasSuffix("built in") }, "\(lines)")
        #expect(!lines.contains { $0.contains("rollout_DeviceDrivers.resources") })
    }
}
