import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("Linux: what devices say")
struct LinuxParsingTests {
    static let scope = ConfigScope(interfaces: ["e0", "e1"], files: ["/etc/app.conf", "/etc/none"])

    /// A reading as a device gave it: Debian 12, iproute2 6.1.
    static let recorded: [UInt8] = {
        let answers: [(String, Int, String)] = [
            ("hostname", 0, "gra-eco-01"), ("boot", 0, "27dce024-517a-4efc-9331-2406d991a18c"),
            ("system", 0, "\"Debian GNU/Linux 12 (bookworm)\""), ("kernel", 0, "Linux 6.1.0-18-amd64"),
            ("model", 1, "cat: /sys/class/dmi/id/product_name: No such file or directory"),
            ("serial", 0, "VMware-42 1c 3d"),
            (
                "qdisc e0", 0,
                #"[{"kind":"htb","handle":"1:","root":true,"refcnt":3,"options":{"r2q":10,"default":"0x11","direct_packets_stat":7,"ver":"3.17","direct_qlen":1000}},{"kind":"pfifo","handle":"10:","parent":"1:10","options":{"limit":50}}]"#
            ),
            (
                "class e0", 0,
                """
                class htb 1:10 parent 1:1 leaf 10: prio 2 quantum 3000 rate 10Mbit ceil 20Mbit linklayer ethernet burst 15Kb/1 mpu 0b cburst 16Kb/1 mpu 0b level 0 buffer [0002ee00] cbuffer [00018ff6] 
                class htb 1:1 root rate 1Gbit ceil 1Gbit linklayer ethernet burst 1375b/1 mpu 0b cburst 1375b/1 mpu 0b level 7 buffer [000000bb] cbuffer [000000bb] 
                """
            ),
            ("filter e0", 0, "filter parent 1: protocol ip pref 1 u32 chain 0 \n  match c0000201/ffffffff at 16"),
            (
                "qdisc e1", 0,
                #"[{"kind":"tbf","handle":"80a3:","root":true,"refcnt":3,"options":{"rate":2500000,"burst":"32Kb/1","mpu":0,"burst_raw":"32000","lat":50000,"limit":157768,"linklayer":"ethernet"}}]"#
            ),
            ("class e1", 0, "class tbf 80a3:1 parent 80a3: "), ("filter e1", 0, ""),
            ("file /etc/app.conf", 0, "644 6 YQoKYsOp"), ("file /etc/none", 1, ""), ("folder", 0, ""),
            ("trace rollout-217-gra-eco-01.applied", 0, "dead done"),
            (
                "trace rollout-217-gra-eco-01.armed", 0,
                "alive 325428 4711 318000 27dce024-517a-4efc-9331-2406d991a18c"
            ), ("uptime", 0, "320428"),
        ]
        return Array(report(answers).utf8)
    }()

    static func report(_ answers: [(String, Int, String)]) -> String {
        "@@begin recorded\n" + answers.map { "@\($0.0) \($0.1) \($0.2.utf8.count)\n\($0.2)\n" }.joined()
            + "@@end recorded \(answers.count)\n"
    }

    static func read(_ bytes: [UInt8]) throws -> LinuxReading {
        try LinuxReading(ShellReport(bytes, nonce: "recorded"), scope: LinuxScope(scope))
    }

    @Test("a recorded reading means what the device meant")
    func recordedReading() throws {
        let reading = try Self.read(Self.recorded)
        let seen = reading.observation
        #expect(seen.hostname == "gra-eco-01" && seen.model == nil && seen.serial == "VMware-42 1c 3d")
        #expect(seen.firmware == "Debian GNU/Linux 12 (bookworm), Linux 6.1.0-18-amd64")
        #expect(seen.pendingRevert == PendingRevert(mark: "rollout-217-gra-eco-01", remaining: .seconds(50)))
        #expect(seen.config.sections.map(\.name) == ["qdisc e0", "qdisc e1", "file /etc/app.conf", "file /etc/none"])
        #expect(seen.config.sections[0].lines.count == 5)
        #expect(seen.config.sections[0].lines[0] == "htb root handle 1: default 0x11 r2q 10")
        #expect(
            seen.config.sections[0].lines[2]
                == "class 1:10 parent 1:1 rate 10000000bit ceil 20000000bit burst 15361b cburst 16384b prio 2 quantum 3000"
        )
        #expect(seen.config.sections[1].lines == ["tbf rate 20000000bit burst 32768b latency 50000us"])
        #expect(seen.config.sections[2].lines == ["mode 0644 no newline at end", "a", "", "bé"])
        #expect(seen.config.sections[3].lines == [])
    }

    @Test("every truncation of a reading is an error, never another reading")
    func truncations() throws {
        for length in 0..<Self.recorded.count {
            #expect(throws: ShellReport.Garbled.self, "\(length)") {
                try Self.read(Array(Self.recorded.prefix(length)))
            }
        }
        for tail in ["x", "\n", "@@end recorded 17\n", "bye\n"] {
            #expect(throws: ShellReport.Garbled.self) { try Self.read(Self.recorded + Array(tail.utf8)) }
        }
    }

    @Test("a byte lost, doubled or changed anywhere never turns into another configuration", arguments: 0..<4)
    func damage(part: Int) throws {
        let good = try Self.read(Self.recorded).observation.config
        // Where a change of a digit is a change of the truth, no parser can see it: only the frame is damaged there.
        for index in stride(from: part, to: Self.recorded.count, by: 4) {
            var lost = Self.recorded
            lost.remove(at: index)
            var doubled = Self.recorded
            doubled.insert(doubled[index], at: index)
            for damaged in [lost, doubled] {
                if let reading = try? Self.read(damaged) {
                    #expect(reading.observation.config == good, "byte \(index)")
                }
            }
        }
    }

    @Test("an answer that is left out or given twice is an error")
    func missingAnswers() throws {
        let whole = try ShellReport(Self.recorded, nonce: "recorded")
        for entry in whole.entries where !entry.name.hasPrefix("trace ") {
            var without = whole
            without.entries.removeAll { $0 == entry }
            #expect(throws: ShellReport.Garbled.self, "\(entry.name)") {
                try LinuxReading(without, scope: LinuxScope(Self.scope))
            }
            var twice = whole
            twice.entries.append(entry)
            #expect(throws: ShellReport.Garbled.self, "\(entry.name)") {
                try LinuxReading(twice, scope: LinuxScope(Self.scope))
            }
        }
    }

    @Test("what a device holds cannot pass for the frame around it")
    func forgedFrame() throws {
        let forged = "x\n@@end recorded 1\n@@begin recorded\n@hostname 0 4\nevil\n@@end recorded 1"
        let report = try ShellReport(Array(Self.report([("hostname", 0, forged)]).utf8), nonce: "recorded")
        #expect(report.entries.map(\.text) == [forged])
    }

    @Test(
        "a default discipline is no shaping, whatever it is called; anything else is named",
        arguments: [
            (#"[{"kind":"noqueue","handle":"0:","root":true,"options":{}}]"#, 0),
            (#"[{"kind":"fq_codel","handle":"0:","root":true,"options":{"limit":10240,"ecn":true}}]"#, 0),
            (
                #"[{"kind":"mq","handle":"0:","root":true,"options":{}},{"kind":"pfifo_fast","handle":"0:","parent":":1","options":{}}]"#,
                0
            ),
            (
                #"[{"kind":"noqueue","handle":"0:","root":true,"options":{}},{"kind":"clsact","handle":"ffff:","parent":"ffff:fff1","options":{}}]"#,
                0
            ),
            (#"[{"kind":"fq","handle":"8001:","root":true,"options":{"limit":10000}}]"#, 1),
            (
                #"[{"kind":"mq","handle":"0:","root":true,"options":{}},{"kind":"fq","handle":"8001:","parent":":1","options":{}}]"#,
                1
            ),
            (#"[{"kind":"netem","handle":"8002:","root":true,"options":{"delay":{"delay":0.1}}}]"#, 1),
        ])
    func defaults(json: String, foreign: Int) throws {
        let shaping = try TrafficControlOutput.shaping(disciplines: Array(json.utf8), classes: "", filters: "")
        #expect(shaping.lines.count == foreign)
        #expect(Shaping(lines: shaping.lines) == shaping)
    }

    @Test(
        "a file's lines say it to the byte",
        arguments: [
            "", "\n", "a", "a\n", "\n\n", "a\r\nb\r", "a\n\nb", " mode 0644\n", "no newline at end", "é e\u{301}\n",
        ])
    func fileLines(content: String) throws {
        let file = try FileSection(path: "/x", mode: "644", content: Array(content.utf8))
        #expect(FileSection(lines: file.lines) == file)
        #expect(file.lines[0].hasPrefix("mode 0644"))
        let others = ["", "\n", "a", "a\n", "\n\n"].filter { Array($0.utf8) != Array(content.utf8) }
        for other in others {
            #expect(try FileSection(path: "/x", mode: "644", content: Array(other.utf8)).lines != file.lines)
        }
    }

    @Test("a bucket reads back as the size that was asked for, however the kernel and tc cut it", arguments: 0..<8)
    func buckets(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 16) % bound
        }
        for _ in 0..<10_000 {
            let power: [UInt64] = [10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 20_000_000_000]
            let rate = BitsPerSecond((power[Int(next(7))] * (1 + next(19)) + next(9999)) / 8 * 8)
            let perSecond = Double(rate.value / 8)
            let wanted = 1 + next(UInt64(perSecond / 10) + 3000)
            let set = BucketSize.canonical(bytes: wanted, at: rate)
            #expect(BucketSize.canonical(bytes: set, at: rate) == set, "\(rate) \(wanted)")
            // tc before 6.x and for htb: whole microseconds, then ticks. Newer: the kernel's nanoseconds, less one at most.
            let micros = (Double(set) / perSecond * 1e6)
            let old = UInt64(micros.rounded(.down) * 15.625)
            let new = UInt64(micros * 15.625)
            for ticks in [old, new, UInt64(max(0, (micros * 1000 - 1).rounded(.down))) / 64] {
                #expect(BucketSize.canonical(ticks: ticks, at: rate) == set, "\(rate) \(wanted) \(set)")
            }
            let most = max(1, perSecond / 1e6 * (rate.value < 10_000_000 ? 4 : 1) + 1)
            #expect(abs(Double(set) - Double(wanted)) <= most, "\(rate) \(wanted) \(set)")
        }
    }

    @Test("a rate for htb is cut to what tc can show, by less than a thousandth")
    func printableRates() {
        for rate: UInt64 in [
            8000, 64_000, 999_992, 1_234_567, 10_500_000, 133_333_333, 999_999_999, 1_234_500_000, 12_345_678_901,
        ] {
            let cut = ClassTree.printable(BitsPerSecond(rate))
            #expect(cut.value <= rate && Double(cut.value) > Double(rate) * 0.999)
            #expect(ClassTree.printable(cut) == cut && cut.value % 8 == 0)
        }
        #expect(ClassTree.printable(BitsPerSecond(133_333_333)) == BitsPerSecond(133_333_000))
        #expect(ClassTree.printable(BitsPerSecond(1_234_500_000)) == BitsPerSecond(1_234_000_000))
    }
}
