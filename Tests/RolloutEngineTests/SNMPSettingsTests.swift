import Foundation
import Testing

@testable import RolloutEngine

@Suite("SNMP settings")
struct SNMPSettingsTests {
    private static let head = """
        ranges: {r: }
        datacentres: {d: }
        defaults: {platform: linux, range: r, datacentre: d, address: 10.0.0.1, interfaces: [e0]}
        devices:

        """

    @Test("a user of v3 is read from every level, in YAML and in tables")
    func user() throws {
        let loaded = try InventoryFixture.load([
            "a.yaml": """
            ranges: {r: {snmp: {user: rollout, auth: sha256, auth_key: "file:keys/auth"}}}
            datacentres: {d: {snmp: {priv: aes128, priv_key: env:PRIV}}}
            defaults: {platform: linux, range: r, datacentre: d, interfaces: [e0]}
            devices: {x: {address: 10.0.0.1, snmp: {context: vrf-red, any_source: true}}}
            """,
            "devices.csv": "name,address,snmp.user,snmp.auth,snmp.version\ny,10.0.0.2,other,sha512,3\n",
        ])
        let x = try #require(loaded.inventory.devices.first { $0.name == "x" }).snmp
        #expect(x.spoken == .v3)
        #expect(x.isGiven)
        #expect(x.user == "rollout")
        #expect(x.auth == .sha256)
        #expect(x.authKey == .file("/fleet/inv/keys/auth"))
        #expect(x.priv == .aes128)
        #expect(x.privKey == .environment("PRIV"))
        #expect(x.context == "vrf-red")
        #expect(x.anySource == true)
        let y = try #require(loaded.inventory.devices.first { $0.name == "y" })
        #expect(y.snmp.auth == .sha512)
        #expect(y.snmp.user == "other")
        #expect(y.watchedAgent?.snmp.user == "other")
    }

    @Test("a community means v2c, and v1 has to be asked for")
    func communities() throws {
        let loaded = try InventoryFixture.load(
            Self.head + "  a: {snmp: {community: env:C}}\n  b: {snmp: {community: env:C, version: 1}}\n")
        #expect(loaded.inventory.devices.map(\.snmp.spoken) == [.v2c, .v1])
    }

    @Test(
        "what does not go together is named with its place and what helps",
        arguments: [
            ("user: u, auth: sha256", "snmp.auth has no key", "add snmp.auth_key as env:NAME or file:PATH"),
            ("user: u, auth_key: env:K", "snmp.auth_key is given without snmp.auth", "add snmp.auth, such as sha256"),
            ("user: u, priv: aes128, priv_key: env:K", "snmp.priv is given without snmp.auth", "add snmp.auth"),
            (
                "user: u, auth: sha256, auth_key: env:K, priv_key: env:K", "snmp.priv_key is given without snmp.priv",
                "such as aes128"
            ),
            ("version: 3, community: env:C", "snmp.version 3 needs a user", "add snmp.user"),
            ("auth: sha256, auth_key: env:K", "snmp.auth is for SNMP v3, and there is no user", "add snmp.user"),
            ("community: env:C, user: u", "snmp has a community and a user", "snmp.version: 2c or snmp.version: 3"),
            ("user: u, version: 2c", "snmp has a user, and SNMP 2c is spoken", "say snmp.version: 3"),
            ("user: u, auth: sha", "snmp.auth is 'sha', expected one of md5, sha1, sha224, sha256", "in device a"),
            ("user: u, priv: aes", "snmp.priv is 'aes', expected one of des, aes128", "in device a"),
            ("version: 2", "snmp.version is '2', expected one of 1, 2c, 3", "in device a"),
            ("user: u, auth: sha256, auth_key: a-plain-password", "snmp.auth_key is written out", "env:NAME"),
            ("user: u, usr: u", "unknown key 'usr' in snmp of device a", "did you mean 'user'?"),
        ])
    func mistakes(_ settings: String, _ problem: String, _ remedy: String) {
        let complaints = InventoryFixture.complaints(Self.head + "  a: {snmp: {\(settings)}}\n")
        #expect(
            complaints.contains {
                $0.hasPrefix("inv/inventory.yaml:5:") && $0.contains(problem) && $0.contains(remedy)
            }, "\(complaints)")
        #expect(!complaints.contains { $0.contains("a-plain-password") })
    }

    @Test("one mistake in the defaults is told once, and one of a link at the link")
    func once() {
        let complaints = InventoryFixture.complaints(
            """
            ranges: {r: }
            datacentres: {d: }
            defaults: {platform: linux, range: r, datacentre: d, address: 10.0.0.1, snmp: {user: u, auth: sha256}}
            links: {l: {capacity: 1Gbit, counters: {address: 10.0.0.9, interface: e0}}}
            devices: {a: , b: , c: }
            """)
        #expect(complaints.count { $0.contains("in device") } == 1)
        #expect(complaints.count { $0.contains("in the counters of link l") } == 1)
    }

    @Test("settings without a user are stored as they were before there were users")
    func stored() throws {
        let encoded = try JSONEncoder().encode(SNMPSettings(community: .environment("C")))
        let text = String(decoding: encoded, as: UTF8.self)
        for new in ["user", "auth", "priv", "version", "context"] { #expect(!text.contains("\"\(new)\"")) }
        #expect(
            try JSONDecoder().decode(SNMPSettings.self, from: encoded) == SNMPSettings(community: .environment("C")))
    }
}
