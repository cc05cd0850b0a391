import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("NETCONF: models")
struct NETCONFModelTests {
    private let device = Device(
        name: "gra-eco-01", address: "198.51.100.1", platform: "netconf_test", range: "eco", datacentre: "gra")

    private struct NoTransport: SubsystemTransport {
        func openSubsystem(_ name: String, on device: Device, within limit: Timespan) async throws(DriverError)
            -> any ConsoleSession
        {
            throw DriverError(.unreachable, "no wire", effect: .none)
        }
    }

    private func shape(_ interface: String, _ rate: UInt64, trafficClass: String? = nil) -> ResolvedIntent {
        .shape(interface: interface, rate: BitsPerSecond(rate), burst: ByteCount(9000), trafficClass: trafficClass)
    }

    private func model(_ name: String) throws -> NETCONFModel {
        try #require(try NETCONFModelReader.builtIn().first { $0.names == [PlatformName(rawValue: name)] })
    }

    @Test("only a model that says where a burst stands can be told one")
    func bursts() throws {
        #expect(!NETCONFDriver(try model("netconf_junos"), over: NoTransport()).setsBurst(of: "ge-0/0/1"))
        #expect(NETCONFDriver(try model("netconf_openconfig"), over: NoTransport()).setsBurst(of: "ge-0/0/1"))
    }

    @Test("Junos: rates with suffixes, units of interfaces, and shaping that begins")
    func junos() throws {
        let rendering = NETCONFRendering(try model("netconf_junos"))
        let ns = "http://xml.juniper.net/xnm/1.1/xnm"
        let data = try MarkupReader.read(
            Array(
                """
                <data><configuration xmlns="\(ns)"><class-of-service><interfaces>
                <interface><name>ge-0/0/1</name><shaping-rate><rate>1g</rate></shaping-rate></interface>
                <interface><name>ge-0/0/0</name><unit><name>7</name><shaping-rate><rate>10m</rate></shaping-rate></unit></interface>
                </interfaces></class-of-service></configuration></data>
                """.utf8))
        var config = DeviceConfig(
            sections: try ["ge-0/0/0.7", "ge-0/0/1", "ge-0/0/2"].map { try rendering.section(of: $0, in: data) })
        #expect(config.shapedRate(of: "ge-0/0/0.7") == BitsPerSecond(10_000_000))
        #expect(config.shapedRate(of: "ge-0/0/1") == BitsPerSecond(1_000_000_000))
        #expect(config.sections[2].lines.isEmpty)
        let base = config
        try rendering.apply(shape("ge-0/0/0.7", 2_500_000), to: &config)
        try rendering.apply(shape("ge-0/0/2", 64_500), to: &config)
        #expect(
            config.sections[0].lines == ["<shaping-rate xmlns=\"\(ns)\">", " <rate>2500k</rate>", "</shaping-rate>"])
        #expect(config.sections[2].lines[1] == " <rate>64500</rate>")
        let edits = try rendering.edits(to: base) { $0.name == "shaping ge-0/0/2" }
        let end = edits.first?.child("class-of-service")?.child("interfaces")?.child("interface")?.child("shaping-rate")
        #expect(end?.attribute("operation", in: NETCONF.base) == "remove")
    }

    @Test("OpenConfig: a policy that is there gets its rate and burst; one that is not there is not made")
    func openConfig() throws {
        let rendering = NETCONFRendering(try model("netconf_openconfig"))
        let (_, subtree) = try rendering.place(of: "eth1.5")
        let ns = "http://openconfig.net/yang/qos"
        let content = Markup(
            "config", in: ns,
            [Markup("cir", in: ns, text: "5000000"), Markup("queuing-behavior", in: ns, text: "SHAPE")])
        let data = NETCONF.element("data", [subtree.holding(content)])
        var config = DeviceConfig(sections: [try rendering.section(of: "eth1.5", in: data)])
        try rendering.apply(shape("eth1.5", 8_000_000), to: &config)
        #expect(
            Array(config.sections[0].lines.dropFirst()) == [
                " <bc>9000</bc>", " <cir>8000000</cir>", " <queuing-behavior>SHAPE</queuing-behavior>", "</config>",
            ])
        #expect(config.shapedRate(of: "eth1.5") == BitsPerSecond(8_000_000))
        var empty = DeviceConfig(sections: [try rendering.section(of: "eth2", in: data)])
        #expect(throws: DriverError.self) { try rendering.apply(shape("eth2", 8_000_000), to: &empty) }
    }

    @Test("SR OS: the rate of a port, among what else is said of what it sends")
    func sros() throws {
        let rendering = NETCONFRendering(try model("netconf_sros"))
        let ns = "urn:nokia.com:sros:ns:yang:sr:conf"
        let data = try MarkupReader.read(
            Array(
                """
                <data><configure xmlns="\(ns)"><port><port-id>1/1/1</port-id><ethernet><egress>
                <monitor-port-scheduler>true</monitor-port-scheduler><rate>500000</rate></egress></ethernet></port>
                <port><port-id>1/1/2</port-id><ethernet><mtu>9212</mtu></ethernet></port></configure></data>
                """.utf8))
        var config = DeviceConfig(sections: try ["1/1/1", "1/1/2"].map { try rendering.section(of: $0, in: data) })
        #expect(config.shapedRate(of: "1/1/1") == BitsPerSecond(500_000_000))
        #expect(config.sections[1].lines.isEmpty)
        try rendering.apply(shape("1/1/1", 1_000_000_000), to: &config)
        try rendering.apply(shape("1/1/2", 64_000), to: &config)
        #expect(
            config.sections[0].lines == [
                "<egress xmlns=\"\(ns)\">", " <monitor-port-scheduler>true</monitor-port-scheduler>",
                " <rate>1000000</rate>", "</egress>",
            ])
        #expect(config.sections[1].lines[1] == " <rate>64</rate>")
        #expect(throws: DriverError.self) { try rendering.apply(shape("1/1/2", 64_500), to: &config) }
    }

    @Test("what cannot be expressed is refused before anything is said to a device")
    func unsupported() async throws {
        let model = try NETCONFModelReader.read(Array(NETCONFBench.modelText.utf8), file: "test.yaml")
        let driver = NETCONFDriver(model, over: NoTransport())
        let base = DeviceConfig(sections: [.init(name: "shaping e0", lines: [])])
        let unfit: [ResolvedIntent] = [
            shape("e0", 1_000_000, trafficClass: "1:10"), shape("e1", 1_000_000), shape("e0", 0),
            .file(path: "/etc/motd", content: "", mode: "0644", reload: nil),
        ]
        for intent in unfit {
            let error = #expect(throws: DriverError.self) { try driver.render([intent], onto: base, for: device) }
            #expect(error?.code == .unsupported)
            #expect(error?.effect == DriverError.Effect.none)
        }
        let garbage = DeviceConfig(sections: [.init(name: "shaping e0", lines: ["<shaping>"])])
        #expect(throws: DriverError.self) { try driver.render([shape("e0", 8000)], onto: garbage, for: device) }
        var kilobits = model
        kilobits.shaping[0].unit = .kilobits
        #expect(throws: DriverError.self) {
            try NETCONFDriver(kilobits, over: NoTransport()).render([shape("e0", 8001)], onto: base, for: device)
        }
        for scope in [ConfigScope(files: ["/etc/motd"]), ConfigScope(interfaces: ["e0\n"])] {
            await #expect(throws: DriverError.self) {
                try await driver.observe(device, scope: scope, within: .seconds(1))
            }
        }
    }

    @Test("an interface's name stays a value, whatever is in it")
    func hostileNames() throws {
        let rendering = NETCONFRendering(
            try NETCONFModelReader.read(Array(NETCONFBench.modelText.utf8), file: "test.yaml"))
        let name = "e0</name><x>&{unit}]]>]]>"
        let (_, subtree) = try rendering.place(of: name)
        let again = try MarkupReader.read(Array(subtree.root.xml.utf8))
        #expect(again == subtree.root)
        #expect(again.child("interface")?.child("name")?.text == name)
        #expect(!subtree.root.xml.contains("]]>"))
    }

    @Test(
        "mistakes in a model are said with their line",
        arguments: [
            ("rate: rate", "rote: rate", "unknown key"), ("unit: bit/s", "unit: bps", "expected bit/s"),
            ("<hostname/>", "<hostname/><other/>", "exactly one empty element"),
            ("<hostname/>", "<hostname>", "cannot be read"),
            ("<name>{interface}</name>", "<name>e0</name>", "the subtree names"), ("platform:", "#", "no platform"),
            ("fresh: <shaping ", "fresh: <other ", "expected <shaping>"),
        ])
    func mistakes(_ old: String, _ new: String, _ reason: String) {
        let text = NETCONFBench.modelText.replacing(old, with: new)
        let error = #expect(throws: InputError.self) {
            try NETCONFModelReader.read(Array(text.utf8), file: "test.yaml")
        }
        #expect(
            error?.complaints.contains { $0.message.contains(reason) || $0.remedy?.contains(reason) == true } == true,
            "\(error.map(String.init(describing:)) ?? "")")
        #expect(error?.complaints.allSatisfy { $0.location.line > 0 } == true)
    }

    @Test("a rate is read as it was written", arguments: NETCONFModel.RateUnit.allCases)
    func rates(_ unit: NETCONFModel.RateUnit) {
        for rate in [8_000_000, 64_000_000_000, 3_000_000] as [UInt64] {
            #expect(unit.text(BitsPerSecond(rate)).flatMap(unit.rate) == BitsPerSecond(rate))
        }
        for text in ["", "-1", "1.5", "m", "99999999999999999999", "1 ", "1x"] { #expect(unit.rate(text) == nil) }
    }
}
