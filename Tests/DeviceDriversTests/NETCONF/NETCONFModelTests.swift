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
        try #require(try PlatformLibrary().models.first { $0.names == [PlatformName(rawValue: name)] })
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
            ("serial: system/serial", "serial: system//serial", "expected names of elements"),
            ("serial: system/serial", "serial: \"a[b=]/c\"", "expected names of elements"),
            ("  serial: system/serial\n", "", "finds none of firmware, hardware, serial"),
            (
                "  ask: <get xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\">", "  ask: <get>",
                "<get> has no namespace"
            ),
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

    @Test("what a device is, in the words of three vendors: with other namespaces, and of the chassis among many parts")
    func facts() throws {
        let answers = [
            (
                "netconf_junos",
                "<system-information xmlns=\"urn:x\"><hardware-model>vmx</hardware-model><os-version>23.2R1</os-version>"
                    + "<serial-number>VM1</serial-number><host-name>a</host-name></system-information>",
                ["23.2R1", "vmx", "VM1"]
            ),
            (
                "netconf_sros",
                "<state><system><platform>7750 SR-1</platform><version><version-number>C-24.10.R1</version-number></version>"
                    + "</system><chassis><hardware-data><serial-number>NS1</serial-number></hardware-data></chassis></state>",
                ["C-24.10.R1", "7750 SR-1", "NS1"]
            ),
            (
                "netconf_openconfig",
                "<system><state><software-version>4.30</software-version></state></system><components><component><name>Fan</name>"
                    + "<state><type xmlns:o=\"urn:o\">o:FAN</type><serial-no>F1</serial-no></state></component><component>"
                    + "<name>Chassis</name><state><type xmlns:o=\"urn:o\">o:CHASSIS</type><part-no>DCS</part-no>"
                    + "<serial-no>C1</serial-no></state></component></components>",
                ["4.30", "DCS", "C1"]
            ),
        ]
        for (name, answer, expected) in answers {
            let facts = try #require(try model(name).facts)
            let data = try MarkupReader.read(Array("<data>\(answer)</data>".utf8))
            #expect([facts.firmware, facts.hardware, facts.serial].map { $0?.value(in: data) } == expected)
            let nothing = try MarkupReader.read(Array("<data><components><component/></components></data>".utf8))
            #expect(facts.serial?.value(in: nothing) == nil)
        }
    }

    @Test("a rate is read as it was written", arguments: NETCONFModel.RateUnit.allCases)
    func rates(_ unit: NETCONFModel.RateUnit) {
        for rate in [8_000_000, 64_000_000_000, 3_000_000] as [UInt64] {
            #expect(unit.text(BitsPerSecond(rate)).flatMap(unit.rate) == BitsPerSecond(rate))
        }
        for text in ["", "-1", "1.5", "m", "99999999999999999999", "1 ", "1x"] { #expect(unit.rate(text) == nil) }
    }
}
