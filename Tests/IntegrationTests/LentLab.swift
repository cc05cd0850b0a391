import Foundation
import RolloutLab
import Testing

/// A lab of its own for one test.
struct LentLab {
    let lab: Lab
    let topology: LabTopology
    /// What belongs to the test, the folder `state` in it for the program.
    let folder: String

    /// Builds a lab under names of its own, hands it over, and takes it down whatever came of it. The folder is left when
    /// something went wrong.
    ///
    /// - Parameters:
    ///   - word: What the folder is named after, and with its first letter the namespaces.
    ///   - program: What plays routers and switches.
    static func lend(
        _ word: String, _ topology: LabTopology, program: String? = nil, _ body: (LentLab) async throws -> Void
    ) async throws {
        var topology = topology
        topology.prefix = word.prefix(1) + String(UInt32.random(in: .min ... .max), radix: 36)
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-\(word)-\(topology.prefix)").path
        try FileManager.default.createDirectory(atPath: "\(folder)/state", withIntermediateDirectories: true)
        // Not by the program: what it leaves running would keep Foundation's Process waiting.
        let lab = Lab(LabFolder("\(folder)/lab"), program: program)
        do {
            #expect(try await lab.up(topology) == .built)
            let lent = LentLab(lab: lab, topology: topology, folder: folder)
            try await body(lent)
            // Whatever the test was about: nothing that the program wrote at its most talkative holds a secret.
            let searched = try lent.secrets.files(in: folder, but: lab.folder.path)
            #expect(searched.holding == [:])
            #expect(!searched.names.isEmpty, "there was nothing to search")
        } catch {
            try await lab.down()
            throw error
        }
        try await lab.down()
        try FileManager.default.removeItem(atPath: folder)
    }
}
