import Foundation

@testable import RolloutEngine

/// Inventories that live in memory, for tests of what is read.
enum InventoryFixture {
    /// Loads files as if they lay in `inv/`.
    static func load(_ files: [String: String]) throws -> LoadedInventory {
        try load(bytes: files.mapValues { Array($0.utf8) })
    }

    static func load(bytes files: [String: [UInt8]]) throws -> LoadedInventory {
        try InventoryFolder.load(
            files: files.sorted { $0.key < $1.key }.map { ("inv/\($0.key)", $0.value) }, name: "inv", folder: "inv",
            surroundings: Surroundings(folder: "/fleet/inv", home: "/home/eva"))
    }

    static func load(_ yaml: String) throws -> LoadedInventory { try load(["inventory.yaml": yaml]) }

    /// The complaints about a file, as a person would see them; empty when it is fine.
    static func complaints(_ yaml: String) -> [String] { complaints(["inventory.yaml": yaml]) }

    static func complaints(_ files: [String: String]) -> [String] {
        do {
            _ = try load(files)
            return []
        } catch let error as InputError {
            return error.complaints.map(\.description)
        } catch {
            return ["unexpected: \(error)"]
        }
    }

    /// A small fleet in which every kind of setting occurs.
    static let good = """
        defaults:
          platform: linux
          ssh: {user: rollout, key_file: keys/id, known_hosts: ~/known}
          snmp: {community: env:COMMUNITY}
          interfaces: [e0]
          tags: [all]
          vars: {cap: 250Mbit, uplink: e0}
        ranges:
          eco: {tags: [cheap], vars: {cap: 100Mbit}}
          advance:
        datacentres:
          gra:
            time_zone: Europe/Paris
            window: 22:00-05:30
            links: [gra-core-1]
          rbx:
            time_zone: Europe/Paris
            window: {hours: "23:00-24:00", days: [mon-wed, sat]}
        groups:
          early: {ssh: {port: 2222}}
          slow: {ssh: {command_timeout: 2m, port: 2200}}
        links:
          gra-core-1: {capacity: 1Gbit, counters: {address: 10.0.0.1, interface: e9}}
          rbx-core-1: {capacity: 10Gbit, counters: {device: rbx-adv-1, interface: up0, direction: in}}
        devices:
          gra-eco-1: {address: 10.1.0.1, range: eco, datacentre: gra, pair: eco-1, rack: r1}
          gra-eco-2:
            address: 10.1.0.2
            range: eco
            datacentre: gra
            domains: {pair: eco-1, power: feed-a}
            groups: [early, slow]
            tags: [frozen]
            ssh: {jump: gra-eco-1}
            vars: {cap: 300Mbit, vlans: [10, 20], spare: true}
          gra-eco-10: {address: 10.1.0.10, range: eco, datacentre: gra, links: []}
          rbx-adv-1: {address: 10.2.0.1, range: advance, datacentre: rbx, links: [rbx-core-1], hostname: r1.example}
        """
}
