import Foundation
import Testing

@testable import ConfigTrees

/// hier_config, which leads from one configuration to another as well, and was written by others: `scripts/install-oracles`.
enum HierConfig {
    /// What it calls our platforms.
    static let platforms = [
        "cisco_ios": "CISCO_IOS", "cisco_iosxe": "CISCO_IOS", "cisco_iosxr": "CISCO_XR", "cisco_nxos": "CISCO_NXOS",
        "arista_eos": "ARISTA_EOS", "juniper_junos": "JUNIPER_JUNOS", "vyos": "VYOS", "nokia_srlinux": "NOKIA_SRL",
        "huawei_vrp": "HUAWEI_VRP",
    ]

    private static let environment = ProcessInfo.processInfo.environment
    private static let folder =
        environment["ROLLOUT_ORACLES"]
        ?? (environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache") + "/rollout-oracles"
    private static let python = folder + "/hier-config/bin/python"

    static let isInstalled = access(python, X_OK) == 0 && access(folder + "/hier-config/installed", R_OK) == 0

    /// Two configurations, as texts.
    struct Pair: Encodable {
        let platform: String
        let running: String
        let intended: String
    }

    /// Commands, or a complaint.
    enum Answer: Decodable {
        case commands([String])
        case complaint(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let commands = try? container.decode([String].self) {
                self = .commands(commands)
            } else {
                self = .complaint(try container.decode(String.self))
            }
        }
    }

    /// What it says to each pair.
    static func answers(to pairs: [Pair]) throws -> [Answer] {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Oracles/hier_config_commands.py").path
        let asked = FileManager.default.temporaryDirectory.appending(path: "hier-config-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: asked) }
        try JSONEncoder().encode(pairs).write(to: asked)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: python)
        process.arguments = [script]
        process.standardInput = try FileHandle(forReadingFrom: asked)
        process.standardOutput = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try JSONDecoder().decode([Answer].self, from: said)
    }
}
