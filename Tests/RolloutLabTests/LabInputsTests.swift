import Foundation
import RolloutEngine
import Testing

@testable import RolloutLab

@Suite("The inventory and the policies of a lab")
struct LabInputsTests {
    /// The repository.
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    @Test("the inventory that is checked in is the one of the usual lab")
    func checkedInInventory() throws {
        let expected = LabInventory(LabTopology(), folder: "~/.local/state/rollout/lab").text
        #expect(try String(contentsOfFile: Self.root + "/inventories/lab/inventory.yaml", encoding: .utf8) == expected)
    }

    @Test("the policies that are checked in are those that a lab writes", arguments: LabPolicies.files.map(\.name))
    func checkedInPolicies(_ name: String) throws {
        let expected = LabPolicies.files.first { $0.name == name }?.text
        #expect(try String(contentsOfFile: Self.root + "/policies/\(name)", encoding: .utf8) == expected)
    }

    @Test("the inventory loads without a warning, real and simulated", arguments: [false, true])
    func loads(_ isSimulated: Bool) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-lab-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let topology = LabTopology()
        let lab = Lab(LabFolder(folder))
        try lab.writeInputs(topology, isSimulated: isSimulated)
        let loaded = try InventoryFolder.load(lab.folder.inventory)
        #expect(loaded.warnings.isEmpty, "\(loaded.warnings)")
        #expect(loaded.inventory.devices.count == 24)
        #expect(loaded.inventory.links.map(\.capacity) == [topology.uplinkCapacity, topology.uplinkCapacity])
        let first = try #require(loaded.inventory.device(named: "gra-eco-01"))
        #expect(first.platform == (isSimulated ? "simulated" : "linux"))
        #expect(
            first.domains == [FailureDomain(kind: "pair", value: "gra-eco-p1"), .init(kind: "rack", value: "gra-r1")])
        #expect(first.ssh.namespace == (isSimulated ? nil : "rlab-core"))
        if !isSimulated { #expect(first.ssh.keyFile == "\(folder)/key") }
    }

    @Test("a mixed lab has thirteen platforms, each with its own name for the interface, and its change says that name")
    func mixed() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rollout-lab-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let topology = LabTopology(devicesPerGroup: 4, isMixed: true)
        let lab = Lab(LabFolder(folder))
        try lab.writeInputs(topology, isSimulated: false)
        let loaded = try InventoryFolder.load(lab.folder.inventory)
        #expect(loaded.warnings.isEmpty, "\(loaded.warnings)")
        #expect(Set(loaded.inventory.devices.map(\.platform)).count == 13)
        let change = try ChangeFile.load("\(lab.folder.policies)/double-bandwidth.yaml")
        let resolver = try IntentResolver(change.change, places: change.places)
        for device in topology.devices {
            let known = try #require(loaded.inventory.device(named: DeviceName(rawValue: device.name)))
            #expect(known.platform.rawValue == device.kind.platform)
            #expect(
                (known.ssh.enablePassword != nil) == ["cisco_iosxe", "arista_eos"].contains(device.kind.platform))
            #expect((known.ssh.client == .openSSH) == (device.kind.platform == "cisco_iosxe"))
            #expect(known.interfaces == [LabDevice.interface])
            guard case .shape(let interface, _, _, _) = try resolver.resolve(for: known).first else {
                Issue.record("no shaping for \(device.name)")
                continue
            }
            #expect(interface == device.kind.interface)
        }
    }

    @Test("the good change doubles every device's rate, the bad one is a tenth of that")
    func changes() throws {
        let inventory = try InventoryFolder.load(Self.root + "/inventories/lab").inventory
        for (file, factor) in [("double-bandwidth.yaml", 2.0), ("typo.yaml", 0.2)] {
            let loaded = try ChangeFile.load(Self.root + "/policies/\(file)")
            #expect(loaded.warnings.isEmpty, "\(loaded.warnings)")
            #expect(loaded.policy.name == "lab-night")
            let resolver = try IntentResolver(loaded.change, places: loaded.places)
            for device in LabTopology().devices {
                let known = try #require(inventory.device(named: DeviceName(rawValue: device.name)))
                guard case .shape(let interface, let rate, _, _) = try resolver.resolve(for: known).first else {
                    Issue.record("no shaping for \(device.name)")
                    continue
                }
                #expect(interface == LabDevice.interface)
                #expect(Double(rate.value) == Double(device.bandwidth.value) * factor, "\(device.name)")
            }
        }
    }

    @Test("the scripts are scripts that a plain shell can read", arguments: [KeeperScripts.outer, KeeperScripts.inner])
    func scripts(_ text: String) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "rollout-lab-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try Tool.succeed("sh", ["-n", path])
    }
}
