import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("Linux: policers")
struct PolicingParsingTests {
    private static let clsact =
        #"[{"kind":"noqueue","handle":"0:","root":true,"options":{}},{"kind":"clsact","handle":"ffff:","parent":"ffff:fff1","options":{}}]"#
    private static let bare = #"[{"kind":"noqueue","handle":"0:","root":true,"options":{}}]"#
    /// As iproute2 6.1 prints it.
    private static let filter =
        "filter protocol all pref 49152 matchall chain 0 \nfilter protocol all pref 49152 matchall chain 0 handle 0x1 \n"
        + "  not_in_hw\n\taction order 1:  police 0x2 rate 500Mbit burst 3125000b mtu 64Kb [000bebc2] action drop overhead 0b"
        + " linklayer ethernet \n\tref 1 bind 1 \n\n"

    private func read(_ hooks: String, _ filters: String, _ direction: TrafficDirection = .ingress) throws -> Policing {
        try PolicingOutput.policing(disciplines: Array(hooks.utf8), filters: filters, direction: direction)
    }

    @Test("what tc shows is understood, and its lines are read again")
    func reading() throws {
        let policed = try read(Self.clsact, Self.filter)
        #expect(
            policed.lines == [
                "hook clsact", TrafficPolicer(rate: BitsPerSecond(500_000_000), burst: ByteCount(3_125_000)).line,
            ])
        #expect(policed.rate == BitsPerSecond(500_000_000))
        #expect(try read(Self.clsact, "") == .idle(.clsact))
        #expect(try read(Self.bare, "") == Policing.none)
        for known in [policed, .idle(.ingress), .none, .foreign(["x y"])] {
            #expect(Policing(lines: known.lines) == known)
        }
        for odd in [["police rate 1bit burst 1b"], ["hook clsact", "police rate 0bit burst 1b"], ["hook x"], [""]] {
            #expect(Policing(lines: odd) == nil, "\(odd)")
        }
        // Where there is a hook for what comes in alone, tc shows that for either direction.
        let ingress = Self.clsact.replacingOccurrences(of: "clsact", with: "ingress")
        #expect(try read(ingress, "", .egress).lines.first?.contains("the qdisc ingress") == true)
        #expect(throws: TrafficControlOutput.Garbled.self) { try read("nonsense", "") }
    }

    @Test(
        "anything beside the one policer that this tool adds is foreign, and is named",
        arguments: [
            ("pref 49152", "pref 1"), ("protocol all", "protocol ip"), ("matchall", "u32"), ("mtu 64Kb", "mtu 2Kb"),
            ("action drop", "action drop/pipe"), ("overhead 0b", "overhead 4b"), ("ref 1 bind 1", "ref 2 bind 2"),
            ("rate 500Mbit", "rate 500Mbit peakrate 1Gbit"), ("not_in_hw", "skip_hw"), ("chain 0", "chain 7"),
            ("\tref 1", "\taction order 2: mirred (Egress Redirect to device e1) stolen\n\tref 1"), ("[000bebc2] ", ""),
        ])
    func foreign(_ part: String, _ other: String) throws {
        let found = try read(Self.clsact, Self.filter.replacingOccurrences(of: part, with: other))
        guard case .foreign(let what) = found else {
            Issue.record("\(found)")
            return
        }
        #expect(what.first?.hasPrefix("filter protocol") == true)
        let error = #expect(throws: DriverError.self) {
            try found.policed(to: BitsPerSecond(1_000_000), burst: ByteCount(1 << 20), .ingress, on: "e0")
        }
        #expect(error?.code == .unsupported && error?.message.contains(what[0]) == true)
    }

    @Test(
        "a bucket into which a gathered packet does not fit is refused, and so are rates that the kernel cannot count")
    func limits() {
        for (rate, burst) in [(1_000_000, 65_535), (1000, 65_536), (8000, 1 << 30), (5_000_000_000_000, 1 << 20)] {
            #expect(throws: DriverError.self) {
                try Policing.none.policed(
                    to: BitsPerSecond(UInt64(rate)), burst: ByteCount(UInt64(burst)), .ingress, on: "e0")
            }
        }
    }

    @Test("the hook that was there stays, the one that was made for a policer goes with it")
    func ways() throws {
        let policer = TrafficPolicer(rate: BitsPerSecond(1_000_000), burst: ByteCount(65_536))
        let policed = Policing.policed(.clsact, policer)
        #expect(policed.commands(from: .none, .egress, on: "e0") == [["police", "e0", "egress"] + policer.words])
        #expect(Policing.none.commands(from: policed, .egress, on: "e0") == [["unpolice", "e0", "egress"]])
        #expect(
            Policing.idle(.clsact).commands(from: policed, .ingress, on: "e0") == [
                ["unpolice", "e0", "ingress", "keep"]
            ])
        #expect(policed.commands(from: policed, .ingress, on: "e0") == [])
        #expect(Policing.policed(.ingress, policer).commands(from: .none, .ingress, on: "e0") == nil)
        #expect(Policing.none.commands(from: .foreign(["x"]), .ingress, on: "e0") == nil)
    }

    // MARK: Open vSwitch

    private static func tables(rate: Int = 0, burst: Int = 0, datapath: String = "") -> String {
        """
        {"data":[["pA",["uuid","a"],\(rate),\(burst)],["pB",["uuid","b"],0,0]],"headings":["name","_uuid","r","b"]}
        {"data":[[["uuid","p"],["uuid","a"]],[["uuid","q"],["set",[["uuid","b"]]]]],"headings":["_uuid","interfaces"]}
        {"data":[["\(datapath)",["set",[["uuid","p"],["uuid","q"]]]]],"headings":["datapath_type","ports"]}
        """
    }
    private static let shown =
        "\taction order 1:  police 0x1 rate 30Mbit burst 187500b mtu 64Kb [000c3500] action drop/pipe overhead 0b"

    @Test("columns of the switch count when the kernel does what they say, and only where the kernel switches")
    func columns() throws {
        let held = try SwitchPolicer(of: "pA", Self.tables(rate: 30_000, burst: 1500), shown: Self.shown)
        #expect(held == .columns(rate: 30_000, burst: 1500) && held?.rate == BitsPerSecond(30_000_000))
        #expect(held.flatMap { SwitchPolicer(lines: $0.lines) } == held)
        #expect(try SwitchPolicer(of: "pA", Self.tables(), shown: "") == SwitchPolicer.none)
        #expect(try SwitchPolicer(of: "pX", Self.tables(), shown: "") == nil)
        for (tables, shown, why) in [
            (Self.tables(rate: 30_000), "", "does not carry out"),
            (Self.tables(rate: 31_000), Self.shown, "does not carry out"),
            (Self.tables(), Self.shown, "tc's own"),
            (Self.tables(datapath: "netdev"), "", "the datapath 'netdev'"),
        ] {
            let found = try #require(try SwitchPolicer(of: "pA", tables, shown: shown))
            #expect(found.lines[0].contains(why), "\(found)")
            #expect(SwitchPolicer(lines: found.lines) == found)
        }
        #expect(throws: SwitchTables.Garbled.self) { try SwitchPolicer(of: "pA", "{}", shown: "") }
    }

    @Test("a policer of the switch is set in whole kbit, its bucket rounded up, and goes back to what it was")
    func setting() throws {
        let set = try SwitchPolicer.none.policed(
            to: BitsPerSecond(30_000_000), burst: ByteCount(187_501), .ingress, on: "pA")
        #expect(set == .columns(rate: 30_000, burst: 1501))
        #expect(
            set.commands(from: .none, on: "pA")?.first?.suffix(2) == [
                "ingress_policing_rate=30000", "ingress_policing_burst=1501",
            ])
        #expect(
            SwitchPolicer.none.commands(from: set, on: "pA")?.first?.suffix(2) == [
                "ingress_policing_rate=0", "ingress_policing_burst=0",
            ])
        for (rate, direction) in [(30_000_001, TrafficDirection.ingress), (30_000_000, .egress)] {
            #expect(throws: DriverError.self) {
                try SwitchPolicer.none.policed(
                    to: BitsPerSecond(UInt64(rate)), burst: ByteCount(187_501), direction, on: "pA")
            }
        }
    }
}
