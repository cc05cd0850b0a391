import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("Linux: values are data")
struct LinuxNastyValueTests {
    static let nasty = [
        "e0; reboot", "e0\nreboot", "e0\0", "$(reboot)", "`reboot`", "e0|reboot", "e0&reboot", "e0>x", "'", "\"", "\\",
        "-e",
        "..", "e 0", "*", "e0\r", "e0{a,b}", "~", "é", "", "e0#", "${IFS}", "\u{202E}e0", "{{ name }}", "{% if %}",
    ]

    static let device = Device(name: "d", address: "a", platform: "linux", range: "r", datacentre: "x")

    static func order(_ section: DeviceConfig.Section, base: [String] = [], mark: String = "m", device: Device = device)
        -> PushOrder
    {
        PushOrder(
            device: device, base: DeviceConfig(sections: [.init(name: section.name, lines: base)]),
            desired: DeviceConfig(sections: [section]), mark: mark, revertAfter: .seconds(60), limit: .seconds(10))
    }

    @Test("a nasty interface, path, mark, folder, mode or reload command is refused", arguments: nasty)
    func refused(value: String) {
        let tbf = ["tbf rate 20000000bit burst 32768b latency 50000us"]
        #expect(throws: DriverError.self) { try RevertScripts(Self.order(.init(name: "qdisc \(value)", lines: tbf))) }
        for path in [value, "/etc/\(value)", "/\(value)/x"] where !["-e", "~"].contains(value) {
            #expect(throws: DriverError.self, "\(path)") {
                try RevertScripts(Self.order(.init(name: "file \(path)", lines: ["mode 0644", "x"])))
            }
        }
        #expect(throws: DriverError.self) {
            try RevertScripts(Self.order(.init(name: "qdisc e0", lines: tbf), mark: value))
        }
        // A dash or a tilde means nothing inside a quoted absolute path.
        if ["-e", "~"].contains(value) { return }
        var device = Self.device
        device.variables["rollout_state_dir"] = .text("/var/lib/\(value)")
        #expect(throws: DriverError.self) {
            try RevertScripts(Self.order(.init(name: "qdisc e0", lines: tbf), device: device))
        }
        #expect(throws: DriverError.self) {
            try RevertScripts(Self.order(.init(name: "file /etc/x", lines: ["mode \(value)", "x"])))
        }
        for line in ["tbf rate \(value)bit burst 1b latency 1us", "tbf rate 8bit burst 1b latency 1us\(value) x"] {
            #expect(throws: DriverError.self) { try RevertScripts(Self.order(.init(name: "qdisc e0", lines: [line]))) }
        }
    }

    @Test(
        "a reload command is one plain command", arguments: nasty.filter { !["-e", "..", "e 0", ""].contains($0) })
    func reloads(value: String) {
        for reload in ["systemctl reload \(value)", value] {
            #expect(throws: DriverError.self, "\(reload)") {
                try RevertScripts(Self.order(.init(name: "file /etc/x", lines: ["mode 0644", "x"], hint: reload)))
            }
        }
    }

    @Test("whatever a file holds, the number of commands stays the same, and the shell takes every one")
    func contents() async throws {
        let plain = try RevertScripts(
            Self.order(.init(name: "file /etc/x", lines: ["mode 0644", "x"]), base: ["mode 0644", "y"]))
        let commands = plain.apply().text.split(separator: "\n").count
        for value in Self.nasty where !ShellText.holdsMarkers(value) && !value.contains("\0") && !value.contains("\n") {
            let scripts = try RevertScripts(
                Self.order(.init(name: "file /etc/x", lines: ["mode 0644", value]), base: ["mode 0644", value + "y"]))
            #expect(scripts.forward.steps.count == 1 && scripts.backward.steps.count == 1)
            #expect(scripts.apply().text.split(separator: "\n").count == commands)
            for text in [scripts.apply().text, scripts.revertScript, scripts.rollBack().text] {
                #expect(await LocalShell.run("sh -n", input: Array(text.utf8))?.status == 0)
            }
        }
    }

    @Test("an unrendered template is never sent, but what a device holds already may look like one")
    func markers() throws {
        for line in ["{{ rate }}", "{% for %}"] {
            #expect(throws: DriverError.self) {
                try RevertScripts(Self.order(.init(name: "file /etc/x", lines: ["mode 0644", line])))
            }
        }
        _ = try RevertScripts(
            Self.order(.init(name: "file /etc/x", lines: ["mode 0644", "x"]), base: ["mode 0644", "{{ theirs }}"]))
    }

    @Test("intents that would mean nothing are refused with what is there instead")
    func meaninglessIntents() throws {
        let driver = LinuxDriver(transport: LocalShellTransport())
        func refusal(_ lines: [String], _ trafficClass: String?, rate: UInt64 = 20_000_000, burst: UInt64 = 32768)
            -> String?
        {
            let base = DeviceConfig(sections: [.init(name: "qdisc e0", lines: lines)])
            do throws(DriverError) {
                _ = try driver.render(
                    [
                        .shape(
                            interface: "e0", rate: BitsPerSecond(rate), burst: ByteCount(burst),
                            trafficClass: trafficClass)
                    ],
                    onto: base, for: Self.device)
                return nil
            } catch {
                return error.code == .unsupported && error.effect == .none ? error.message : "wrong: \(error)"
            }
        }
        let tree = [
            "htb root handle 1: default 0x10 r2q 10",
            "class 1:10 parent 1: rate 8000000bit ceil 8000000bit burst 1600b cburst 1600b prio 0 quantum 100000",
        ]
        #expect(refusal([], nil) == nil && refusal(tree, "1:10") == nil)
        #expect(refusal([], "1:10")?.contains("no htb tree") == true)
        #expect(refusal(tree, "1:11")?.contains("only 1:10") == true)
        #expect(refusal(tree, nil)?.contains("classes 1:10") == true)
        #expect(refusal(["other fq 8001: root"], nil)?.contains("fq 8001: root") == true)
        #expect(refusal(["nonsense"], nil) != nil)
        #expect(refusal([], nil, rate: 0) != nil && refusal([], nil, burst: 0) != nil)
        #expect(refusal([], nil, rate: .max) != nil && refusal([], nil, burst: .max) != nil)
    }
}
