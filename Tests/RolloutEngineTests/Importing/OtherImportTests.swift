import Testing

@testable import RolloutEngine

@Suite("Import from Nornir, NetBox, Oxidized and tables")
struct OtherImportTests {
    @Test("Nornir's groups hand down what they say, the first named first")
    func nornir() throws {
        let files = [
            ForeignFile(
                path: "hosts.yaml",
                bytes: Array(
                    "---\nr1: {hostname: 192.0.2.1, groups: [eos, gra], data: {site: gra, role: edge}}\nr2: {hostname: 192.0.2.2, platform: ios, port: 2222}\n"
                        .utf8)),
            ForeignFile(
                path: "groups.yaml",
                bytes: Array(
                    "eos: {platform: eos, username: eos, data: {mtu: 1}, groups: [base]}\ngra: {username: gra, data: {mtu: 2, asn: 3}}\nbase: {data: {asn: 4, ntp: 5}, password: hunter2}\n"
                        .utf8)),
            ForeignFile(
                path: "defaults.yaml",
                bytes: Array(
                    "username: admin\ndata: {site: none}\nconnection_options: {netmiko: {extras: {secret: hunter3}}}\n"
                        .utf8)),
        ]
        let options = ImportFixture.lax.with { $0.datacentreFrom = KeySource("site") }
        let imported = try InventoryImport(files, format: .nornir, source: "nornir", options: options)
        #expect(!imported.text.contains("hunter"))
        let inventory = try InventoryImport.load(Array(imported.text.utf8), as: "out.yaml").inventory
        let first = try #require(inventory.device(named: "r1"))
        #expect(first.address == "192.0.2.1")
        #expect(first.platform == "arista_eos")
        #expect(first.ssh.user == "eos")
        #expect(first.ssh.password == .environment("ROLLOUT_SSH_PASSWORD_BASE"))
        #expect(first.datacentre == "gra")
        // The group that is named first wins, with all that it is in.
        #expect(
            first.variables == ["mtu": .number(1), "asn": .number(4), "ntp": .number(5), "role": .text("edge")])
        let second = try #require(inventory.device(named: "r2"))
        #expect(second.platform == "cisco_ios")
        #expect(second.ssh.user == "admin")
        #expect(second.ssh.port == 2222)
        #expect(second.datacentre == "none")
        #expect(imported.report.dropped.map(\.key) == ["connection_options"])
    }

    @Test("devices of NetBox come with their site, rack, tags and custom fields; what has no address is left out")
    func netbox() throws {
        let page = """
            {"count": 3, "next": "https://nb/api/dcim/devices/?offset=2", "results": [
              {"id": 1, "name": "r1", "device_type": {"model": "MX", "manufacturer": {"slug": "juniper"}},
               "role": {"slug": "edge", "name": "Edge"}, "platform": {"slug": "junos"}, "site": {"slug": "gra", "name": "Gra"},
               "rack": {"id": 4, "name": "Row 7"}, "primary_ip": {"address": "192.0.2.1/24"},
               "primary_ip4": {"address": "192.0.2.1/24"}, "tags": [{"slug": "canary"}],
               "custom_fields": {"product": "eco", "api_secret": "hunter2", "empty": null}, "interface_count": 4,
               "config_context": {"ntp": ["a"]}},
              {"id": 2, "name": "panel", "site": {"slug": "gra"}, "primary_ip": null},
              {"id": 3, "name": null, "asset_tag": "A7", "primary_ip": {"address": "192.0.2.3/24"}}]}
            """
        #expect(InventoryImport.nextPage(of: Array(page.utf8)) == "https://nb/api/dcim/devices/?offset=2")
        let options = ImportFixture.lax.with {
            $0.datacentreFrom = KeySource("site")
            $0.rangeFrom = KeySource("product")
        }
        let imported = try ImportFixture.read(["page.json": page], .netbox, options)
        #expect(!imported.text.contains("hunter2"))
        #expect(imported.report.leftOut.map(\.name) == ["panel", "A7"])
        #expect(imported.report.dropped.map(\.key) == ["api_secret", "config_context"])
        let device = try #require(try ImportFixture.devices(["page.json": page], .netbox, options)["r1"])
        #expect(device.address == "192.0.2.1")
        #expect(device.platform == "juniper_junos")
        #expect(device.domains == [FailureDomain(kind: "rack", value: "Row-7")])
        #expect(device.tags == ["canary"])
        #expect(device.datacentre == "gra")
        #expect(device.range == "eco")
        #expect(device.variables["role"] == .text("edge"))
        #expect(device.variables["model"] == .text("MX"))
        #expect(device.variables["manufacturer"] == .text("juniper"))
    }

    @Test("a table of NetBox is titled for people")
    func netboxTable() throws {
        let table = "Name,Status,Site,Role,Platform,IP Address\nr1,Active,Paris Gare,Edge,ios,192.0.2.1/32\n"
        let options = ImportFixture.lax.with { $0.datacentreFrom = KeySource("site") }
        let device = try #require(try ImportFixture.devices(["d.csv": table], .netbox, options)["r1"])
        #expect(device.address == "192.0.2.1")
        #expect(device.datacentre == "Paris-Gare")
        #expect(device.platform == "cisco_ios")
        let two = table + "r2,Active,Paris-Gare,Edge,ios,192.0.2.2/32\nr3,Active,Paris  Gare,Edge,ios,192.0.2.3/32\n"
        #expect(
            ImportFixture.complaints(["d.csv": two], .netbox, options).contains {
                $0.hasPrefix("d.csv:4: 'Paris  Gare' and 'Paris Gare' would both become the datacentre Paris-Gare")
            })
    }

    @Test("router.db is read by its columns")
    func oxidized() throws {
        let options = ImportFixture.lax.with { $0.rangeFrom = KeySource("group") }
        let text = "# comment\nr1.example:ios:core\n\nr2.example:junos:edge\n"
        let devices = try ImportFixture.devices(["router.db": text], .oxidized, options)
        #expect(devices["r1.example"]?.platform == "cisco_ios")
        #expect(devices["r1.example"]?.address == "r1.example")
        #expect(devices["r2.example"]?.range == "edge")
        let wider = options.with { $0.columns = ["name", "ip", "model", "group", "username", "password"] }
        let imported = try ImportFixture.read(["router.db": "r1:192.0.2.1:eos:core:eva:hunter2"], .oxidized, wider)
        #expect(imported.text.contains("address: 192.0.2.1"))
        #expect(imported.text.contains("password: env:ROLLOUT_SSH_PASSWORD_R1"))
        #expect(!imported.text.contains("hunter2"))
        #expect(
            ImportFixture.complaints(["router.db": "\nr1:192.0.2.1:eos:core"], .oxidized, options).first?
                .hasPrefix("router.db:2: the line has 4 fields, expected name:model:group") == true)
    }

    @Test("a table's columns are settings where they are named as such, and variables elsewhere")
    func table() throws {
        let options = ImportFixture.lax.with {
            $0.datacentreFrom = KeySource("dc")
            $0.mappings = ["address": "mgmt", "pair": "mate"]
        }
        let text = "name,mgmt,dc,mate,cap,weird name\na,192.0.2.1,gra,p1,\"250,0\",x\nb,192.0.2.2,gra,p1,,\n"
        let devices = try ImportFixture.devices(["t.csv": text], .csv, options)
        #expect(devices["a"]?.address == "192.0.2.1")
        #expect(devices["b"]?.domains == [FailureDomain(kind: "pair", value: "p1")])
        #expect(devices["a"]?.variables == ["cap": .text("250,0")])
        let imported = try ImportFixture.read(["t.csv": text], .csv, options)
        #expect(
            imported.report.dropped.map { "\($0.key) \($0.places.map(\.description))" } == ["weird name [\"t.csv:2\"]"])
        #expect(
            ImportFixture.complaints(["t.csv": "name,dc\na\n"], .csv, options)
                == ["t.csv:2: the row has 1 cells, the header has 2"])
    }
}
