import Foundation
import Testing

@testable import RolloutEngine

@Suite("Inventory")
struct InventoryTests {
    @Test("levels are laid over each other: defaults, range, datacentre, groups in their order, device")
    func levels() throws {
        let inventory = try InventoryFixture.load(InventoryFixture.good).inventory
        #expect(inventory.devices.map(\.name.rawValue) == ["gra-eco-1", "gra-eco-2", "gra-eco-10", "rbx-adv-1"])
        let device = try #require(inventory.device(named: "gra-eco-2"))
        #expect(device.platform == "linux")
        #expect(device.links == ["gra-core-1"])
        #expect(device.interfaces == ["e0"])
        #expect(device.tags == ["all", "cheap", "frozen"])
        #expect(device.groups == ["early", "slow"])
        #expect(device.ssh.port == 2200)
        #expect(device.ssh.commandTimeout == .minutes(2))
        #expect(device.ssh.user == "rollout")
        // A jump device is spelled out, so that a plan needs no inventory to be applied.
        #expect(device.ssh.jump == "rollout@10.1.0.1:22")
        #expect(device.variables["cap"] == .text("300Mbit"))
        #expect(device.variables["uplink"] == .text("e0"))
        #expect(device.variables["vlans"] == .list([.number(10), .number(20)]))
        #expect(device.variables["spare"] == .flag(true))
        #expect(
            device.domains == [
                FailureDomain(kind: "pair", value: "eco-1"), FailureDomain(kind: "power", value: "feed-a"),
            ])
        #expect(inventory.device(named: "gra-eco-10")?.links == [])
        #expect(inventory.device(named: "gra-eco-1")?.variables["cap"] == .text("100Mbit"))
        #expect(inventory.device(named: "rbx-adv-1")?.hostname == "r1.example")
        #expect(inventory.device(named: "gra-eco-1")?.hostname == "gra-eco-1")
    }

    @Test("paths of keys and known hosts start at the inventory's folder or at home")
    func paths() throws {
        let device = try #require(try InventoryFixture.load(InventoryFixture.good).inventory.devices.first)
        #expect(device.ssh.keyFile == "/fleet/inv/keys/id")
        #expect(device.ssh.knownHosts == "/home/eva/known")
        let folder = Surroundings(folder: "/fleet/inv", home: nil)
        #expect(folder.absolute("../shared/./id") == "/fleet/shared/id")
        #expect(folder.absolute("/etc/id") == "/etc/id")
    }

    @Test("a link's counters are those of an address, or of a device with its SNMP settings")
    func links() throws {
        let links = try InventoryFixture.load(InventoryFixture.good).inventory.links
        #expect(links.map(\.name.rawValue) == ["gra-core-1", "rbx-core-1"])
        #expect(links[0].counters.address == "10.0.0.1")
        #expect(links[0].counters.snmp.community == .environment("COMMUNITY"))
        #expect(links[1].counters.address == "10.2.0.1")
        #expect(links[1].counters.direction == .in)
        #expect(links[1].capacity == BitsPerSecond(10_000_000_000))
    }

    @Test("windows pass midnight, may name days, and end at midnight as at the next day's start")
    func windows() throws {
        let datacentres = try InventoryFixture.load(InventoryFixture.good).inventory.datacentres
        #expect(datacentres[0].window == MaintenanceWindow(startMinute: 22 * 60, endMinute: 5 * 60 + 30))
        #expect(datacentres[1].window == MaintenanceWindow(startMinute: 23 * 60, endMinute: 0, days: [1, 2, 3, 6]))
    }

    @Test("blackouts are days or spans of days, with a reason if there is one")
    func blackouts() throws {
        let datacentre = try #require(
            try InventoryFixture.load(
                """
                datacentres:
                  gra:
                    time_zone: Europe/Paris
                    blackouts: [2026-11-27, 2026-12-20 to 2027-01-04, {days: 2027-02-11, because: "sales: day"}]
                ranges: {eco: }
                devices: {d1: {address: 10.0.0.1, platform: linux, range: eco, datacentre: gra}}
                """
            ).inventory.datacentres.first)
        func day(_ text: String) throws -> CalendarDay { try #require(CalendarDay(text)) }
        #expect(
            datacentre.blackouts == [
                Blackout(first: try day("2026-11-27"), last: try day("2026-11-27")),
                Blackout(first: try day("2026-12-20"), last: try day("2027-01-04")),
                Blackout(first: try day("2027-02-11"), last: try day("2027-02-11"), because: "sales: day"),
            ])
    }

    @Test("every value is explained by level, file, line and column, with what it replaced")
    func origins() throws {
        let loaded = try InventoryFixture.load(InventoryFixture.good)
        let origins = loaded.origins(of: "gra-eco-2")
        let port = try #require(origins.first { $0.setting == "ssh.port" })
        #expect(port.value == "2200")
        #expect(port.level == .group("slow"))
        #expect(port.location.description == "inv/inventory.yaml:21:43")
        #expect(port.overridden.map(\.level) == [.group("early")])
        let cap = try #require(origins.first { $0.setting == "vars.cap" })
        #expect(cap.level == .device)
        #expect(cap.overridden.map(\.value) == ["100Mbit", "250Mbit"])
        #expect(origins.contains { $0.setting == "domains.pair" && $0.location.line == 31 })
        #expect(origins.filter { $0.setting.hasPrefix("tags") }.count == 3)
        #expect(loaded.origins(of: "nobody").isEmpty)
    }

    @Test("a table and a YAML file give the same devices")
    func tableEqualsYAML() throws {
        let head =
            "ranges: {eco: }\ndatacentres: {gra: }\nlinks: {l1: {capacity: 1Gbit, counters: {address: a, interface: b}}, l2: {capacity: 1Gbit, counters: {address: a, interface: c}}}\ngroups: {g: }\n"
        let yaml =
            head + """
                devices:
                  a-1: {address: 10.0.0.1, platform: linux, range: eco, datacentre: gra, pair: p1, domains: {power: x}, links: [l1, l2], interfaces: [e0, e1], tags: [t], groups: [g], ssh: {port: 2201}, vars: {cap: 5Mbit, n: 7}}
                  a-2: {address: 10.0.0.2, platform: linux, range: eco, datacentre: gra, pair: p1, hostname: 'say "hi", x'}
                """
        let table = """
            name,address,platform,range,datacentre,pair,domain.power,links,interfaces,tags,groups,ssh.port,var.cap,vars.n,hostname\r
            a-1,10.0.0.1,linux,eco,gra,p1,x,l1 l2,e0;e1,t,g,2201,5Mbit,7,\r
            \r
            a-2,10.0.0.2,"linux",eco,gra,p1,,,,,,,,,"say ""hi"", x"\r

            """
        let first = try InventoryFixture.load(yaml).inventory.devices
        let second = try InventoryFixture.load(["a.yaml": head, "devices.csv": table]).inventory.devices
        #expect(first == second)
        let byMark = try InventoryFixture.load(["a.yaml": "\u{FEFF}" + head, "devices.csv": "\u{FEFF}" + table])
        #expect(byMark.inventory.devices == first)
        let port = byMark.origins(of: "a-2").first { $0.setting == "hostname" }
        #expect(port?.location.description == "inv/devices.csv:4:41")
    }

    @Test("files in the folder and in folders named as sections are joined, in their order")
    func folder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "rollout-inventory-\(UUID().uuidString)/lab")
        defer { try? FileManager.default.removeItem(at: folder.deletingLastPathComponent()) }
        try FileManager.default.createDirectory(at: folder.appending(path: "ranges"), withIntermediateDirectories: true)
        try "defaults: {platform: linux, datacentre: here}\ndatacentres: {here: }".write(
            to: folder.appending(path: "inventory.yaml"), atomically: true, encoding: .utf8)
        try "ranges: {eco: {vars: {a: 1}}}".write(
            to: folder.appending(path: "ranges/eco.yml"), atomically: true, encoding: .utf8)
        try "name,address,range\nx,10.0.0.1,eco\n".write(
            to: folder.appending(path: "devices-1.csv"), atomically: true, encoding: .utf8)
        try "not: read".write(to: folder.appending(path: ".hidden.yaml"), atomically: true, encoding: .utf8)
        let loaded = try InventoryFolder.load(folder.path + "/")
        #expect(loaded.inventory.name == "lab")
        #expect(loaded.inventory.devices.map(\.name) == ["x"])
        #expect(
            loaded.inventory.files.map { $0.path.split(separator: "/").last } == [
                "devices-1.csv", "inventory.yaml", "eco.yml",
            ])
        #expect(loaded.inventory.files[2].digest == Digest(of: "ranges: {eco: {vars: {a: 1}}}"))
        #expect(throws: InputError.self) { try InventoryFolder.load(folder.path + "/nowhere") }
        #expect(throws: InputError.self) { try InventoryFolder.load("/dev/null") }
    }

    @Test("pairs that are no pairs, and devices that cannot be watched, are warned of")
    func warnings() throws {
        let loaded = try InventoryFixture.load(
            """
            defaults: {platform: linux, range: r, datacentre: d, vars: {root_password: x}}
            ranges: {r: }
            datacentres: {d: }
            devices:
              a: {address: 10.0.0.1, pair: p}
              b: {address: 10.0.0.2, pair: q}
              c: {address: 10.0.0.3, pair: q}
              d: {address: 10.0.0.4, pair: q}
            """)
        let texts = loaded.warnings.map(\.description)
        #expect(texts.contains { $0.hasPrefix("inv/inventory.yaml:5:32: pair p has one member only, a") })
        #expect(texts.contains { $0.contains("pair q has 3 members: b, c, d") })
        #expect(texts.contains { $0.contains("variable root_password looks like a secret") })
        #expect(texts.contains { $0.contains("4 of 4 devices have no snmp community") })
    }
}
