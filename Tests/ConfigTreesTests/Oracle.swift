import Foundation
import Testing

@testable import ConfigTrees

/// A program of others that some tests hold ours against: `scripts/install-oracles`. It is asked in JSON, by a script in `Tests/Oracles`.
struct Oracle: Sendable {
    let name: String
    let script: String

    private var folder: String {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache"
        return (environment["ROLLOUT_ORACLES"] ?? cache + "/rollout-oracles") + "/" + name
    }

    private var python: String { folder + "/bin/python" }
    var isInstalled: Bool { access(python, X_OK) == 0 && access(folder + "/installed", R_OK) == 0 }

    /// What it says to all questions at once.
    func answers<Answer: Decodable>(to questions: some Encodable) throws -> Answer {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Oracles/" + script).path
        let asked = FileManager.default.temporaryDirectory.appending(path: "\(name)-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: asked) }
        try JSONEncoder().encode(questions).write(to: asked)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: python)
        process.arguments = [path]
        process.standardInput = try FileHandle(forReadingFrom: asked)
        process.standardOutput = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try JSONDecoder().decode(Answer.self, from: said)
    }
}

extension ConfigTree {
    /// Without texts of several lines, of which others take each line for one of its own.
    var ofSingleLines: ConfigTree {
        func plain(_ nodes: [ConfigNode]) -> [ConfigNode] {
            nodes.filter { !$0.text.contains("\n") }.map { node in
                var node = node
                node.children = plain(node.children)
                return node
            }
        }
        var tree = self
        tree.nodes = plain(nodes)
        return tree
    }
}
