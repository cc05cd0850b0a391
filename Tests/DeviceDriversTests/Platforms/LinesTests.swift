import ConsoleDevices
import DeviceDrivers
import RolloutEngine
import Testing

@Suite("Lines of a command line")
struct LinesTests {
    /// A platform, and lines of it: another time server, and what a port is called.
    struct Case: Sendable, CustomTestStringConvertible {
        var platform: ConsolePlatform
        var present: String
        var absent: String
        var testDescription: String { platform.rawValue }
    }

    static let cases = [
        indented(.aristaEOS, "ntp server", "interface Ethernet1"),
        indented(.ciscoIOSXE, "ntp server", "interface GigabitEthernet1"),
        indented(.ciscoIOSXR, "ntp server", "interface GigabitEthernet0/0/0/0"),
        indented(.ciscoNXOS, "ntp server", "interface Ethernet1/1"),
        indented(.huaweiVRP, "ntp-service unicast-server", "interface GigabitEthernet0/1/0"),
        indented(.sonic, "ntp server", "interface Ethernet0", description: "\"moved in 2026\""),
        paths(.juniperJunos, "system ntp server", "interfaces ge-0/0/0"),
        paths(.vyos, "service ntp server", "interfaces ethernet eth0"),
        paths(.nokiaSRLinux, "system ntp server", "interface ethernet-1/1", verb: "set / "),
    ]
    /// It has no timer.
    static let sros = paths(.nokiaSROS, "configure system time ntp server", "configure port 1/1/1", verb: "/")

    private static func indented(
        _ platform: ConsolePlatform, _ server: String, _ port: String, description: String = "moved in 2026"
    ) -> Case {
        Case(
            platform: platform, present: "\(server) 10.0.0.7\n\(port)\n   description \(description)\n",
            absent: "\(server) 10.0.0.6\n")
    }

    private static func paths(
        _ platform: ConsolePlatform, _ server: String, _ port: String, verb: String = "set "
    ) -> Case {
        Case(
            platform: platform,
            present: "\(verb)\(server) 10.0.0.7\n\(verb)\(port) description \"moved in 2026\"\n",
            absent: "\(verb)\(server) 10.0.0.6\n")
    }

    private func order(
        _ bench: ConsoleBench, _ present: String, _ absent: String = ""
    ) async throws -> (CLIDriver, PushOrder) {
        let driver = try bench.driver()
        let intents = [ResolvedIntent.lines(present: present, absent: absent)]
        let scope = try driver.scope(of: intents)
        let base = try await driver.observe(bench.device, scope: scope, within: .seconds(20)).config
        let desired = try driver.render(intents, onto: base, for: bench.device)
        var order = PushOrder(
            device: bench.device, base: base, desired: desired, mark: "rollout-217-edge-1", revertAfter: .minutes(5),
            limit: .seconds(60))
        order.withoutTimer = driver.armsRevertTimer ? nil : true
        return (driver, order)
    }

    private func texts(_ config: DeviceConfig) -> String { config.sections.flatMap(\.lines).joined(separator: "\n") }

    @Test("lines live as a rate does: pushed under a timer, confirmed, found there again", arguments: cases + [sros])
    func life(_ one: Case) async throws {
        let bench = ConsoleBench(one.platform)
        let (driver, order) = try await order(bench, one.present, one.absent)
        #expect(texts(order.base).contains("10.0.0.6") && !texts(order.base).contains("moved in 2026"))
        #expect(texts(order.desired).contains("10.0.0.7") && !texts(order.desired).contains("10.0.0.6"))
        #expect(order.scope == ConfigScope(of: order.base))
        let pushed = try await driver.push(order)
        #expect(pushed.config.isEquivalent(to: order.desired))
        #expect((pushed.pendingRevert == nil) == (order.withoutTimer == true))
        #expect(try await driver.confirm(order).pendingRevert == nil)
        bench.pass(.minutes(60))
        let again = try await self.order(bench, one.present, one.absent).1
        #expect(again.base.isEquivalent(to: again.desired), "the second plan is empty")
        #expect(texts(again.base).contains("moved in 2026"))
        #expect(bench.storage.device.startup == bench.storage.device.running)
        #expect(bench.rate == ConsoleBench.half, "what it is shaped to is as it was")
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
    }

    @Test("nobody confirms, or somebody takes it back: the lines before are there", arguments: cases, [true, false])
    func back(_ one: Case, _ isLeft: Bool) async throws {
        let bench = ConsoleBench(one.platform)
        let (driver, order) = try await order(bench, one.present, one.absent)
        _ = try await driver.push(order)
        // The trial of IOS XR ends with its time alone.
        if isLeft || one.platform == .ciscoIOSXR { bench.pass(.minutes(6)) }
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(try await bench.isBack(of: order, by: driver))
    }

    @Test(
        "what a command line would carry out, what cannot be compared or put back, and what sets a rate is refused, and nothing sent",
        arguments: [
            ("do reload", "", "carried out at once"), ("reload", "", "carried out at once"),
            ("default interface GigabitEthernet1", "", "carried out at once"),
            ("interface GigabitEthernet1\n end\n copy run start", "", "carried out at once"),
            ("ntp server 10.0.0.7 ?", "", "holds a '?'"), ("ntp server\t10.0.0.7", "", "holds a '?', a tab"),
            ("username ops secret 5 $1$abc", "", "holds a secret"),
            ("banner motd ^C\nhello\n^C", "", "goes over several lines"),
            ("no ntp server 10.0.0.6", "", "write 'ntp server 10.0.0.6' under absent"),
            ("", "no ntp server 10.0.0.6", "under absent, write the line itself"),
            ("policy-map SHAPE\n class class-default\n  shape average 1000000000", "", "Say it under shape or police"),
            ("", "policy-map SHAPE", "Say it under shape or police"),
            ("", "interface GigabitEthernet1\n service-policy output SHAPE", "Say it under shape or police"),
            ("! nothing", "", "nothing but comments"),
        ])
    func refused(_ present: String, _ absent: String, _ reason: String) async throws {
        let bench = ConsoleBench(.ciscoIOSXE)
        let error = await #expect(throws: DriverError.self) { _ = try await order(bench, present, absent) }
        #expect(error?.code == .unsupported && error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(bench.storage.device.running == bench.storage.device.startup)
    }

    @Test("what stands beside a secret can be changed, the secret cannot: not there, and not on the way back")
    func secrets() throws {
        let driver = try ConsoleBench(.ciscoIOSXE).driver()
        let base = DeviceConfig(sections: [
            .init(name: "lines line vty", lines: ["line vty 0 4", " password secret (kept)", " exec-timeout 5 0"])
        ])
        let device = ConsoleBench(.ciscoIOSXE).device
        func render(_ present: String, _ absent: String) throws -> DeviceConfig {
            try driver.render([.lines(present: present, absent: absent)], onto: base, for: device)
        }
        let changed = try render("line vty 0 4\n exec-timeout 9 0", "")
        #expect(changed.sections.first?.lines.contains(" password secret (kept)") == true)
        let error = #expect(throws: DriverError.self) { try render("", "line vty 0 4") }
        #expect(error?.message.contains("a secret that was not read") == true, "\(error?.message ?? "")")
    }

    @Test("lines of another command line, of menus, and beside a rate are refused")
    func others() async throws {
        let srlinux = ConsoleBench(.nokiaSRLinux)
        let wrong = await #expect(throws: DriverError.self) {
            _ = try await order(srlinux, "set system ntp server 10.0.0.7")
        }
        #expect(wrong?.message.contains("there they begin with 'set / '") == true, "\(wrong?.message ?? "")")
        let menus = await #expect(throws: DriverError.self) {
            _ = try await order(ConsoleBench(.mikrotikRouterOS), "/system ntp client\nset enabled=yes")
        }
        #expect(menus?.message.contains("menus") == true)
        let driver = try ConsoleBench(.ciscoIOSXE).driver()
        #expect(throws: DriverError.self) {
            try driver.scope(of: [
                .lines(present: "ntp server 10.0.0.7", absent: ""),
                .shape(interface: "Gi1", rate: BitsPerSecond(1_000_000), burst: ByteCount(1 << 20), trafficClass: nil),
            ])
        }
    }

    @Test(
        "a line that the device shows otherwise than it was written: it goes back, or was never committed",
        arguments: cases)
    func shownOtherwise(_ one: Case) async throws {
        let bench = ConsoleBench(one.platform)
        let (driver, order) = try await order(bench, one.present, one.absent)
        bench.storage.faults.swallow = ["moved in 2026"]
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect([.verifyMismatch, .refused].contains(error?.code), "\(error?.message ?? "")")
        bench.storage.faults.swallow = []
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
    }

    @Test(
        "somebody else's lines between plan and push: nothing is sent where they are of the same kind", arguments: cases
    )
    func drifted(_ one: Case) async throws {
        let bench = ConsoleBench(one.platform)
        let (driver, order) = try await order(bench, one.present, one.absent)
        _ = try await driver.push(order)
        _ = try await driver.confirm(order)
        var late = order
        late.desired.sections[0].lines.removeAll()
        let error = await #expect(throws: DriverError.self) { try await driver.push(late) }
        #expect(error?.code == .drifted && error?.effect == DriverError.Effect.none)
    }
}
