import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("Open vSwitch: what is said of ports")
struct PortQoSTests {
    /// As ovs-vsctl 3.1.0 printed it.
    static let recorded = """
        {"data":[["pA",["set",[]]],["brx",["set",[]]],["pB",["uuid","bf6c390e-1fd1-411c-9813-536da0f6ce8e"]]],"headings":["name","qos"]}
        {"data":[[["uuid","bf6c390e-1fd1-411c-9813-536da0f6ce8e"],"linux-htb",["map",[["max-rate","50000000"]]],["map",[[0,["uuid","1040be0e-982b-445c-b6f9-03a190981636"]]]]]],"headings":["_uuid","type","other_config","queues"]}
        {"data":[[["uuid","1040be0e-982b-445c-b6f9-03a190981636"],["map",[["burst","800000"],["max-rate","50000000"]]]]],"headings":["_uuid","other_config"]}
        """
    static let shown = """
        QoS: pB linux-htb
        max-rate: 50000000

        Default:
          burst: 800000
          min-rate: 12000
          max-rate: 50000000
          tx_packets: 0
        """
    static let row = PortQoS.Row(
        type: "linux-htb", settings: ["max-rate": "50000000"],
        queues: [0: ["max-rate": "50000000", "burst": "800000"]])

    @Test("recorded tables mean what the switch meant")
    func recordedTables() throws {
        let tables = try SwitchTables(Self.recorded)
        #expect(tables.qos(of: "pB", shown: Self.shown, beneath: []) == .row(Self.row))
        #expect(tables.qos(of: "pA", shown: "QoS not configured on pA", beneath: []) == PortQoS.none)
        #expect(tables.qos(of: "pA", shown: "", beneath: ["tbf"]) == .foreign(["tc's own tbf"]))
        #expect(tables.qos(of: "pC", shown: "", beneath: []) == nil)
    }

    @Test(
        "a row counts only when the switch carries it out",
        arguments: [
            "QoS not configured on pB", "QoS: pB linux-other", "", shown.replacing("linux-htb", with: "linux-hfsc"),
            shown.replacing("\nmax-rate: 50000000", with: "\nmax-rate: 10000000000"),
            shown.replacing("  max-rate: 50000000", with: "  max-rate: 49999992"),
            shown.replacing("Default:", with: "Queue 1:"),
        ])
    func notInForce(shown: String) throws {
        guard case .foreign(let found)? = try SwitchTables(Self.recorded).qos(of: "pB", shown: shown, beneath: [])
        else {
            Issue.record("counted as carried out")
            return
        }
        #expect(found[0].contains("does not carry out"))
    }

    @Test("a queue whose guarantee is its limit is shown with its guarantee only")
    func guaranteed() throws {
        let tables = try SwitchTables(
            Self.recorded.replacing(#"["burst","800000"]"#, with: #"["min-rate","50000000"]"#))
        let shown = "QoS: pB linux-htb\nmax-rate: 50000000\n\nDefault:\n  min-rate: 50000000\n"
        guard case .row? = tables.qos(of: "pB", shown: shown, beneath: []) else {
            Issue.record("not taken as carried out")
            return
        }
    }

    @Test("tables that are cut off or are none are not understood", arguments: [0, 1, 2])
    func garbled(line: Int) {
        let lines = Self.recorded.split(separator: "\n").map(String.init)
        for cut in [String(lines[line].dropLast(9)), "[]", ""] {
            var broken = lines
            broken[line] = cut
            #expect(throws: SwitchTables.Garbled.self) { try SwitchTables(broken.joined(separator: "\n")) }
        }
    }

    @Test("settings that would not stand in a line come back as something that is left alone")
    func oddSettings() throws {
        for odd in [#"a b"#, #"a\"b"#, #"a\nshaper x"#] {
            let tables = try SwitchTables(
                Self.recorded.replacing(#"["burst","800000"]"#, with: "[\"burst\",\"\(odd)\"]"))
            let qos = try #require(tables.qos(of: "pB", shown: Self.shown, beneath: []))
            guard case .foreign = qos else {
                Issue.record("taken: \(odd)")
                continue
            }
            #expect(qos.lines.count == 1)
        }
    }

    @Test("lines are read back as what wrote them")
    func lines() {
        let shaped = PortQoS.row(Self.row)
        #expect(shaped.lines == ["shaper linux-htb max-rate=50000000", "queue 0 burst=800000 max-rate=50000000"])
        #expect(PortQoS(lines: shaped.lines) == shaped && PortQoS(lines: []) == PortQoS.none)
        #expect(PortQoS(lines: ["other x"]) == .foreign(["x"]))
        for wrong in [
            ["queue 0 a=b"], ["shaper x y"], ["shaper x", "queue -1"], ["shaper x", "queue 00 a=b"],
            ["shaper x b=1 a=1"],
            ["shaper x a=1 a=2"], ["shaper x", "queue 1", "queue 1"], ["shaper \"x"], ["tbf rate 1bit"],
        ] { #expect(PortQoS(lines: wrong) == nil, "\(wrong)") }
    }

    @Test("the port's rate takes along the queues that may use all of it, and no others")
    func follows() throws {
        var row = Self.row
        row.queues[1] = ["max-rate": "10000000"]
        let shaped = try PortQoS.row(row).shaped(
            to: BitsPerSecond(80_000_003), burst: ByteCount(1000), trafficClass: nil, on: "pB")
        #expect(
            shaped.lines == [
                "shaper linux-htb max-rate=80000000", "queue 0 burst=8000 max-rate=80000000",
                "queue 1 max-rate=10000000",
            ])
        let back = try #require(PortQoS.row(row).commands(from: shaped, on: "pB"))
        #expect(
            back == [
                [
                    "ovs_reshape", "pB", #"{"max-rate"="50000000"}"#, "0", #"{"burst"="800000","max-rate"="50000000"}"#,
                    "1", #"{"max-rate"="10000000"}"#,
                ]
            ])
    }
}
