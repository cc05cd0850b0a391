import Foundation
import Testing

@testable import RolloutEngine

/// Where `ansible-inventory` and a Python with Nornir are installed: the `bin` of a virtual environment in `ROLLOUT_ORACLES`.
private let oracles: String? = ProcessInfo.processInfo.environment["ROLLOUT_ORACLES"]

@Suite(
    "Import beside the tools themselves",
    .enabled(if: oracles != nil, "ROLLOUT_ORACLES names no folder with ansible-inventory"))
struct ImportOracleTests {
    private static let inventory = [
        "hosts": """
        lonely ansible_host=192.0.2.9
        [web]
        web[01:12:3].example ansible_port=2222 v1="[1, 2, 'x']" v2=0x1f v3=007 v4='a b' v5=True v6=1.5
        web01.example override=host
        [db]
        db-[a:c] v7="it's" v8=a\\ b v9=#x
        plain:2200
        [db:vars]
        v10 = spaced out
        v11 = "quoted"
        override=db
        ansible_user=dbadmin
        [site:children]
        web
        db
        [site:vars]
        override=site
        v12=[True, None, -5, 'é']
        [zeta]
        db-a
        [zeta:vars]
        tie=zeta
        [alpha]
        db-a
        [alpha:vars]
        tie=alpha
        """,
        "group_vars/all.yml": "override: file of all\nv20: yes\nv21: 0644\nv22: 1:30\nv23: 'on'\nv24: 12_000\n",
        "group_vars/db.yml": "v20: file of db\nv25: &a [1, 2]\nv26: *a\n",
        "host_vars/db-b.yml": "override: file of host\nv27: text\n",
    ]

    @Test("hosts, groups, addresses and variables are those of ansible-inventory --list")
    func ansible() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-oracle-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (path, text) in Self.inventory {
            let file = URL(fileURLWithPath: "\(folder)/\(path)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let answer = try Self.run("\(oracles ?? "")/ansible-inventory", ["-i", "\(folder)/hosts", "--list"])
        let theirs = try #require(try JSONSerialization.jsonObject(with: answer) as? [String: Any])
        let hostvars = try #require((theirs["_meta"] as? [String: Any])?["hostvars"] as? [String: [String: Any]])
        let files = try ForeignFile.read("\(folder)/hosts", as: .ansible)
        let imported = try InventoryImport(files, format: .ansible, source: "hosts", options: ImportFixture.lax)
        let inventory = try InventoryImport.load(Array(imported.text.utf8), as: "out.yaml").inventory
        #expect(Set(inventory.devices.map(\.name.rawValue)) == Set(hostvars.keys))
        for device in inventory.devices {
            let said = try #require(hostvars[device.name.rawValue])
            #expect(device.address == said["ansible_host"] as? String ?? device.name.rawValue)
            #expect(device.ssh.port == (said["ansible_port"] as? NSNumber)?.intValue ?? 22)
            #expect(device.ssh.user == said["ansible_user"] as? String ?? "root")
            let variables = said.filter { !$0.key.hasPrefix("ansible_") }
            #expect(Set(device.variables.keys) == Set(variables.keys), "\(device.name)")
            for (name, value) in variables {
                #expect(device.variables[name].map(Self.text) == Self.text(value), "\(device.name) \(name)")
            }
        }
        for group in inventory.groups {
            let hosts = Self.hosts(of: group.rawValue, in: theirs)
            #expect(
                hosts == Set(inventory.devices.filter { $0.groups.contains(group) }.map(\.name.rawValue)), "\(group)")
        }
    }

    /// The same inventory through `--list`, which is flat: the devices come out alike.
    @Test("an inventory and its --list are imported alike")
    func list() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-oracle-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let hosts = try #require(Self.inventory["hosts"])
        try hosts.write(toFile: folder + "/hosts", atomically: true, encoding: .utf8)
        let answer = try Self.run("\(oracles ?? "")/ansible-inventory", ["-i", "\(folder)/hosts", "--list"])
        let direct = try ImportFixture.devices(["hosts": hosts])
        let listed = try ImportFixture.devices(["list.json": String(decoding: answer, as: UTF8.self)])
        #expect(Set(direct.keys) == Set(listed.keys))
        for (name, device) in direct {
            #expect(listed[name]?.address == device.address)
            #expect(
                listed[name]?.variables.mapValues(\.description) == device.variables.mapValues(\.description), "\(name)"
            )
        }
    }

    private static func hosts(of group: String, in list: [String: Any]) -> Set<String> {
        guard let said = list[group] as? [String: Any] else { return [] }
        let below = (said["children"] as? [String] ?? []).flatMap { hosts(of: $0, in: list) }
        return Set((said["hosts"] as? [String] ?? []) + below)
    }

    private static func text(_ variable: Variable) -> String {
        if case .list(let items) = variable { return "[\(items.map(text).joined(separator: ","))]" }
        return variable.description
    }

    private static func text(_ value: Any) -> String {
        switch value {
        case let list as [Any]: return "[\(list.map { text($0) }.joined(separator: ","))]"
        case let number as NSNumber where CFBoolean.isFlag(number): return number.boolValue ? "true" : "false"
        case let number as NSNumber: return number.stringValue
        case is NSNull: return ""
        default: return "\(value)"
        }
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return data
    }
}

private enum CFBoolean {
    /// JSON's flags are numbers to Foundation, of the type of C's flag.
    static func isFlag(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}
