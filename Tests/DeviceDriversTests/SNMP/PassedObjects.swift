import Foundation
import RolloutEngine

/// net-snmp's own agent with objects that the machine has not, as routers have them: snmpd asks a script for each (`pass`), which
/// looks it up in a table that a test may change while it runs.
final class PassedObjects {
    static let program = "/usr/sbin/snmpd"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: program)

    let port = 49_000 + Int.random(in: 0..<9000)
    private let folder: URL
    private let server: ChildProcess
    private var table: [[UInt32]: (type: String, value: String)] = [:]

    /// Starts an agent that knows these objects.
    ///
    /// - Parameters:
    ///   - below: What snmpd leaves to the script; the first that fits an object.
    init(below roots: [[UInt32]]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "rollout-snmpd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let script = folder.appending(path: "values.sh")
        try Self.script(folder.appending(path: "table").path).write(to: script, atomically: true, encoding: .utf8)
        try "".write(to: folder.appending(path: "table"), atomically: true, encoding: .utf8)
        // What snmpd itself knows of the same number comes second.
        let passed = roots.map { "pass -p 1 \(Self.text($0)) /bin/sh \(script.path)" }
        let settings = folder.appending(path: "snmpd.conf")
        try (["agentaddress udp:127.0.0.1:\(port)", "rocommunity test-community"] + passed)
            .joined(separator: "\n").appending("\n").write(to: settings, atomically: true, encoding: .utf8)
        server = try ChildProcess(
            Self.program, ["-f", "-C", "-c", settings.path, "-Lf", "/dev/null", "-I", "-smux,hr_proc"],
            environment: ["MIBS=", "SNMP_PERSISTENT_DIR=\(folder.path)", "PATH=/usr/bin:/bin"])
    }

    func stop() { server.stop() }

    func end() {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Sets an object, as snmpd calls its type; without a value it is no longer there.
    func set(_ object: [UInt32], _ type: String, _ value: UInt64?) throws {
        table[object] = value.map { (type, "\($0)") }
        let lines = table.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { object, entry in
            "\(Self.text(object)) \(entry.type) \(entry.value)\n"
        }
        try lines.joined().write(to: folder.appending(path: "table"), atomically: true, encoding: .utf8)
    }

    /// How the agent is watched.
    func watched(_ device: Device, _ objects: [WatchedObject]) -> WatchedAgent {
        WatchedAgent(
            subject: .device(device.name), address: "127.0.0.1", interfaces: device.interfaces, objects: objects,
            snmp: SNMPSettings(port: port, community: .environment("TEST"), timeout: .seconds(2), retries: 0))
    }

    private static func text(_ object: [UInt32]) -> String { object.map { ".\($0)" }.joined() }

    /// `-g OBJECT` asks for its value, `-n OBJECT` for what follows it.
    private static func script(_ table: String) -> String {
        """
        awk -v way="$1" -v asked="$2" '
        function follows(a, b,   x, y, n, m, i) {
            n = split(a, x, "."); m = split(b, y, ".")
            for (i = 2; i <= n && i <= m; i++) if (x[i] != y[i]) return x[i] + 0 > y[i] + 0
            return n > m
        }
        way == "-g" ? $1 == asked : follows($1, asked) { print $1; print $2; print $3; exit }
        ' \(table)

        """
    }
}
