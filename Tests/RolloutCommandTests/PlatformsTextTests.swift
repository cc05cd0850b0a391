import DeviceDrivers
import Foundation
import Testing

@testable import rollout

@Suite("The list of platforms")
struct PlatformsTextTests {
    @Test("what ships is built in; a definition of the user's own is shown with its path")
    func places() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-platforms-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let own = folder + "/mine.yaml"
        try FileManager.default.copyItem(atPath: try PlatformLibrary.builtIn() + "/arista_eos.yaml", toPath: own)
        let lines = PlatformsText.list(try PlatformLibrary(adding: [folder]))
        #expect(lines.contains { $0.hasPrefix("arista_eos") && $0.hasSuffix(own) }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("juniper_junos") && $0.hasSuffix("built in") }, "\(lines)")
        #expect(!lines.contains { $0.contains("rollout_DeviceDrivers.resources") })
    }
}
