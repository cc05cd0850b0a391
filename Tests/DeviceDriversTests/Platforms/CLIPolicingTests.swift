import ConsoleDevices
import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("Policing and classes over command lines")
struct CLIPolicingTests {
    static let platforms: [ConsolePlatform] = [
        .ciscoIOSXE, .ciscoIOSXR, .juniperJunos, .ciscoNXOS, .aristaEOS, .huaweiVRP,
    ]

    /// Policers are of units on Junos.
    private static func name(_ bench: ConsoleBench, _ platform: ConsolePlatform) -> String {
        bench.interface + (platform == .juniperJunos ? ".0" : "")
    }

    private static func police(_ interface: String, _ megabits: UInt64, _ direction: TrafficDirection = .ingress)
        -> ResolvedIntent
    {
        let rate = BitsPerSecond(megabits * 1_000_000)
        return .police(interface: interface, direction: direction, rate: rate, burst: BurstRule.policing(rate))
    }

    private static func order(_ bench: ConsoleBench, _ intents: [ResolvedIntent], mark: String = "rollout-217-edge-1")
        async throws -> (CLIDriver, PushOrder)
    {
        let driver = try bench.driver()
        let base = try await driver.observe(
            bench.device, scope: ConfigScope(of: intents), within: .seconds(20)
        ).config
        return (
            driver,
            PushOrder(
                device: bench.device, base: base, desired: try driver.render(intents, onto: base, for: bench.device),
                mark: mark, revertAfter: .minutes(5), limit: .seconds(60))
        )
    }

    private static let expected: [ConsolePlatform: [String]] = [
        .ciscoIOSXE: [
            "policy-map ROLLOUT-input-GigabitEthernet1", "police cir 100000000 bc 625000",
            "service-policy input ROLLOUT-input-GigabitEthernet1",
        ],
        .ciscoIOSXR: [
            "policy-map ROLLOUT-input-GigabitEthernet0-0-0-0", "police rate 100000000 bps burst 625000 bytes",
            "service-policy input ROLLOUT-input-GigabitEthernet0-0-0-0",
        ],
        .juniperJunos: [
            "policer rollout-input-ge-0-0-0-0 {", "bandwidth-limit 100000000;", "burst-size-limit 625000;", "discard;",
            "input rollout-input-ge-0-0-0-0;",
        ],
        .ciscoNXOS: [
            "policy-map type qos ROLLOUT-input-Ethernet1-1",
            "police cir 100000000 bps bc 625000 bytes conform transmit violate drop",
            "service-policy type qos input ROLLOUT-input-Ethernet1-1",
        ],
        .aristaEOS: [
            "policy-map type quality-of-service ROLLOUT-input-Ethernet1",
            "police rate 100000 kbps burst-size 625000 bytes",
            "service-policy type qos input ROLLOUT-input-Ethernet1",
        ],
        .huaweiVRP: [
            "qos-profile ROLLOUT-inbound-GigabitEthernet0-1-0",
            "car cir 100000 cbs 625000 green pass red discard inbound",
            "qos-profile ROLLOUT-inbound-GigabitEthernet0-1-0 inbound",
        ],
    ]

    @Test(
        "a policer lives: pushed under a timer, confirmed, changed by its line alone, and put back",
        arguments: platforms)
    func life(_ platform: ConsolePlatform) async throws {
        let bench = ConsoleBench(platform)
        let before = bench.storage.device.runningText
        let intent = Self.police(Self.name(bench, platform), 100)
        let (driver, order) = try await Self.order(bench, [intent])
        #expect(order.base.sections.allSatisfy { $0.shapedRate == nil })
        let pushed = try await driver.push(order)
        #expect(pushed.config.isEquivalent(to: order.desired))
        #expect(pushed.config.sections[0].shapedRate == BitsPerSecond(100_000_000))
        #expect(bench.storage.device.isArmed)
        let confirmed = try await driver.confirm(order)
        let text = bench.storage.device.runningText
        for line in Self.expected[platform] ?? [] { #expect(text.contains(line), "\(line) in \(text)") }
        #expect(confirmed.pendingRevert == nil && confirmed.config.isEquivalent(to: order.desired))
        #expect(bench.storage.device.startup == bench.storage.device.running)
        let second = try driver.render([intent], onto: confirmed.config, for: bench.device)
        #expect(second.isEquivalent(to: confirmed.config), "the second plan is empty")

        let more = try await Self.order(
            bench, [Self.police(Self.name(bench, platform), 200)], mark: "rollout-218-edge-1"
        ).1
        let typed = bench.typed.count
        _ = try await driver.push(more)
        let said = bench.typed[typed...].joined(separator: "\n")
        #expect(
            said.contains(
                platform == .aristaEOS ? "rate 200000 kbps" : platform == .huaweiVRP ? "cir 200000" : "200000000")
                && !said.contains("service-policy")
                && !said.contains("policer input"))
        _ = try await driver.confirm(more)
        #expect(try await driver.rollBack(more).config.isEquivalent(to: more.base))
        #expect(bench.storage.device.runningText == text)
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
    }

    @Test("nobody confirms: the policer goes", arguments: platforms)
    func revert(_ platform: ConsolePlatform) async throws {
        let bench = ConsoleBench(platform)
        let before = bench.storage.device.runningText
        let (driver, order) = try await Self.order(bench, [Self.police(Self.name(bench, platform), 100)])
        _ = try await driver.push(order)
        #expect(bench.storage.device.runningText != before)
        bench.pass(.minutes(6))
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
    }

    /// A policer that the first two interfaces use.
    private static let sharing: [ConsolePlatform: [String]] = [
        .ciscoIOSXE: [
            "enable", "enable", "configure terminal", "policy-map P", "class class-default",
            "police cir 50000000 bc 400000", "interface GigabitEthernet1", "service-policy input P",
            "interface GigabitEthernet2", "service-policy input P", "end",
        ],
        .ciscoIOSXR: [
            "configure", "policy-map P", "class class-default", "police rate 50000000 bps burst 400000 bytes",
            "interface GigabitEthernet0/0/0/0", "service-policy input P", "interface GigabitEthernet0/0/0/1",
            "service-policy input P", "commit", "end",
        ],
        .juniperJunos: [
            "configure", "set firewall policer P if-exceeding bandwidth-limit 50m",
            "set firewall policer P if-exceeding burst-size-limit 400k", "set firewall policer P then discard",
            "set interfaces ge-0/0/0 unit 0 family inet policer input P",
            "set interfaces ge-0/0/1 unit 0 family inet policer input P", "commit",
        ],
        .ciscoNXOS: [
            "configure terminal", "policy-map type qos P", "class class-default",
            "police cir 50 mbps bc 400000 bytes conform transmit violate drop", "interface Ethernet1/1",
            "service-policy type qos input P", "interface Ethernet1/2", "service-policy type qos input P", "end",
        ],
        .aristaEOS: [
            "enable", "enable", "configure terminal", "policy-map type quality-of-service P", "class class-default",
            "police rate 50 mbps burst-size 400 kbytes", "interface Ethernet1", "service-policy type qos input P",
            "interface Ethernet2", "service-policy type qos input P", "end",
        ],
        .huaweiVRP: [
            "system-view", "qos-profile P", "car cir 50000 cbs 400000 green pass red discard inbound", "quit",
            "interface GigabitEthernet0/1/0", "qos-profile P inbound", "quit", "interface GigabitEthernet0/1/1",
            "qos-profile P inbound", "commit", "return",
        ],
    ]

    @Test("a policer that others use is left alone: the interface gets one of its own", arguments: platforms)
    func shared(_ platform: ConsolePlatform) async throws {
        let bench = ConsoleBench(platform)
        try bench.type(Self.sharing[platform] ?? [])
        let before = bench.storage.device.runningText
        let (driver, order) = try await Self.order(bench, [Self.police(Self.name(bench, platform), 100)])
        #expect(order.base.sections[0].shapedRate == BitsPerSecond(50_000_000))
        _ = try await driver.push(order)
        _ = try await driver.confirm(order)
        let text = bench.storage.device.runningText
        #expect(
            text.contains("50000000") || text.contains("50m") || text.contains("50 mbps") || text.contains("cir 50000"),
            "\(text)")
        for line in Self.expected[platform] ?? [] { #expect(text.contains(line), "\(line) in \(text)") }
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
    }

    @Test("what would make the rate untrue is refused by name: shaping, other classes, other words for a policer")
    func obstacles() async throws {
        let bench = ConsoleBench(.ciscoIOSXE)
        var error = await #expect(throws: DriverError.self) {
            try await Self.order(bench, [Self.police(bench.interface, 100, .egress)])
        }
        #expect(error?.message.contains("policy-map SHAPE / class class-default / shape average 500000000") == true)
        for (lines, obstacle) in [
            (["class VOICE"], "policy-map IN / class VOICE"),
            (["class class-default", "police 8000000"], "policy-map IN / class class-default / police 8000000"),
            (
                ["class class-default", "police cir 8000000 bc 100000", "exceed-action set-dscp-transmit 8"],
                "police cir 8000000 bc 100000 / exceed-action set-dscp-transmit 8"
            ),
        ] {
            let bench = ConsoleBench(.ciscoIOSXE)
            try bench.type(
                ["enable", "enable", "configure terminal", "policy-map IN"] + lines
                    + ["interface GigabitEthernet1", "service-policy input IN", "end"])
            error = await #expect(throws: DriverError.self) {
                try await Self.order(bench, [Self.police(bench.interface, 100)])
            }
            #expect(error?.code == .unsupported && error?.message.contains(obstacle) == true, "\(error?.message ?? "")")
        }
    }

    @Test("a policer shown in its line or below it is the same one as without its usual actions")
    func shown() throws {
        for platform in ["cisco_iosxe", "cisco_iosxr"] as [PlatformName] {
            let definition = try #require(try PlatformLibrary().definition(named: platform))
            let reader = try DeviceReader(KeptDefinition(definition))
            let police =
                platform == "cisco_iosxe" ? "police cir 8000000 bc 100000" : "police rate 8 mbps burst 100 kbytes"
            let around = (
                ["policy-map IN", " class class-default"], ["interface GigabitEthernet1", " service-policy input IN"]
            )
            var forms = [["  \(police)", "   conform-action transmit ", "   exceed-action drop "], ["  \(police)"]]
            if platform == "cisco_iosxe" { forms.append(["  \(police) conform-action transmit  exceed-action drop "]) }
            let scope = ConfigScope(policed: [.init(interface: "GigabitEthernet1", direction: .ingress)])
            let read = try forms.map { form in
                try reader.sections(scope, of: try reader.tree(around.0 + form + around.1, effect: .none))
            }
            #expect(read.allSatisfy { $0.isEquivalent(to: read[0]) && $0.sections[0].hint == nil })
            #expect(read[0].sections[0].shapedRate == BitsPerSecond(8_000_000))
            // Without a burst, as many are written.
            let bare = platform == "cisco_iosxe" ? "police cir 8000000" : "police rate 8 mbps"
            let without = try reader.sections(
                scope, of: try reader.tree(around.0 + ["  \(bare)"] + around.1, effect: .none))
            #expect(without.sections[0].hint == nil && without.sections[0].shapedRate != nil, "\(without)")
        }
    }

    @Test(
        "a policy that goes out somewhere else, or that another policy goes through, is shared",
        arguments: ["cisco_iosxe", "cisco_iosxr"] as [PlatformName])
    func users(_ platform: PlatformName) throws {
        let definition = try #require(try PlatformLibrary().definition(named: platform))
        let policing = try #require(definition.policing.first?.directed(.ingress))
        let shaping = try #require(definition.shaping.first)
        let own = [
            "policy-map P", " class class-default", "  shape average 8000000", "interface Gi1",
            " service-policy input P",
        ]
        func found(_ rules: ShapingRules, _ lines: [String]) throws -> ShapingText.Found {
            try ShapingText(rules, interface: "Gi1").find(in: ConfigOutline(lines))
        }
        #expect(try found(policing, own).shared.isEmpty)
        for other in [
            ["interface Gi2", " service-policy output P"],
            ["policy-map TOP", " class class-default", "  service-policy P"],
        ] {
            #expect(try found(policing, own + other).shared.first == "policy-map P")
        }
        let out = own.map { $0 == " service-policy input P" ? " service-policy output P" : $0 }
        #expect(try found(shaping, out).shared.isEmpty)
        #expect(try found(shaping, out + ["interface Gi2", " service-policy input P"]).shared.first == "policy-map P")
    }

    @Test("Junos: a unit must be named, and may have no family beside inet")
    func junosUnits() async throws {
        let bench = ConsoleBench(.juniperJunos)
        let error = await #expect(throws: DriverError.self) {
            try await Self.order(bench, [Self.police("ge-0/0/0", 100)])
        }
        #expect(error?.code == .unsupported && error?.message.contains("such as ge-0/0/0.0") == true)
        let definition = try #require(try PlatformLibrary().definition(named: "juniper_junos"))
        let rules = try #require(definition.policing.first?.directed(.ingress))
        let text = try ShapingText(rules, interface: "ge-0/0/0.0")
        let outline = ConfigOutline([
            "set interfaces ge-0/0/0 unit 0 family inet address 192.0.2.1/30",
            "set interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8::1/64",
            "set interfaces ge-0/0/0 unit 1 family mpls",
        ])
        let found = try text.find(in: outline)
        #expect(found.obstacles == ["set interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8::1/64"])
        #expect(throws: DriverError.self) {
            try text.shaped(found, to: BitsPerSecond(1_000_000), burst: ByteCount(65_536))
        }
        // A filter that goes through a policer uses it as well.
        let filtered = try text.find(
            in: ConfigOutline([
                "set firewall policer P if-exceeding bandwidth-limit 50m", "set firewall policer P then discard",
                "set firewall family inet filter F term 1 then policer P",
                "set interfaces ge-0/0/0 unit 0 family inet policer input P",
            ]))
        #expect(filtered.shared.count == 2 && filtered.rate == BitsPerSecond(50_000_000))
    }

    @Test("both directions of a port, and shaping beside a policer, where they do not get in each other's way")
    func together() async throws {
        let bench = ConsoleBench(.juniperJunos)
        let before = bench.storage.device.runningText
        let rate = BitsPerSecond(300_000_000)
        let (driver, order) = try await Self.order(
            bench,
            [
                .shape(interface: "ge-0/0/0", rate: rate, burst: ByteCount(1 << 20), trafficClass: nil),
                Self.police("ge-0/0/0.0", 100), Self.police("ge-0/0/0.0", 200, .egress),
            ])
        #expect(try await driver.push(order).config.isEquivalent(to: order.desired))
        #expect(bench.rate == rate)
        _ = try await driver.confirm(order)
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)

        // On IOS both would have to be one policy.
        let other = ConsoleBench(.ciscoIOSXE)
        try other.type([
            "enable", "enable", "configure terminal", "interface GigabitEthernet1", "no service-policy output SHAPE",
            "end",
        ])
        let error = await #expect(throws: DriverError.self) {
            try await Self.order(
                other,
                [
                    .shape(interface: other.interface, rate: rate, burst: ByteCount(1 << 20), trafficClass: nil),
                    Self.police(other.interface, 100, .egress),
                ])
        }
        #expect(error?.message.contains("cannot be shaped and policed on its egress") == true)
    }

    @Test(
        "platforms without rules for it say so, when planning",
        arguments: [ConsolePlatform.nokiaSRLinux, .mikrotikRouterOS, .vyos])
    func leftOut(_ platform: ConsolePlatform) async throws {
        let bench = ConsoleBench(platform)
        let error = await #expect(throws: DriverError.self) {
            try await Self.order(bench, [Self.police(bench.interface, 100)])
        }
        #expect(error?.code == .unsupported && error?.message.contains("polic") == true)
    }

    // MARK: Classes

    private static let classes: [ConsolePlatform: (setup: [String], class: String, line: String)] = [
        .ciscoIOSXE: (
            [
                "enable", "enable", "configure terminal", "class-map match-any VOICE", "match dscp ef",
                "policy-map OUT",
                "class VOICE", "shape average 20000000", "class class-default", "shape average 400000000",
                "interface GigabitEthernet1", "no service-policy output SHAPE", "service-policy output OUT", "end",
            ], "VOICE", "shape average 40000000"
        ),
        .ciscoIOSXR: (
            [
                "configure", "class-map match-any VOICE", "match dscp ef", "policy-map OUT", "class VOICE",
                "shape average 20000000 bps", "class class-default", "shape average 400000000 bps",
                "interface GigabitEthernet0/0/0/0", "service-policy output OUT", "commit", "end",
            ], "VOICE", "shape average 40000000 bps"
        ),
        .ciscoNXOS: (
            [
                "configure terminal", "policy-map type queuing OUT", "class type queuing c-out-8q-q1",
                "shape min 0 kbps max 20000 kbps", "class type queuing c-out-8q-q-default",
                "shape min 0 kbps max 400000 kbps", "interface Ethernet1/1",
                "no service-policy type queuing output SHAPE", "service-policy type queuing output OUT", "end",
            ], "c-out-8q-q1", "shape min 0 kbps max 40000 kbps"
        ),
    ]

    @Test(
        "a class in the interface's policy is shaped, the others stay, and it goes back",
        arguments: classes.keys.sorted { $0.rawValue < $1.rawValue })
    func classOfPolicy(_ platform: ConsolePlatform) async throws {
        let bench = ConsoleBench(platform)
        let (setup, name, line) = try #require(Self.classes[platform])
        try bench.type(setup)
        let before = bench.storage.device.runningText
        func shape(_ name: String) -> ResolvedIntent {
            .shape(
                interface: bench.interface, rate: BitsPerSecond(40_000_000), burst: ByteCount(1 << 20),
                trafficClass: name)
        }
        let (driver, order) = try await Self.order(bench, [shape(name)])
        #expect(order.base.shapedRate(of: bench.interface, class: name) == BitsPerSecond(20_000_000))
        #expect(order.base.shapedRate(of: bench.interface) == BitsPerSecond(400_000_000))
        _ = try await driver.push(order)
        let confirmed = try await driver.confirm(order)
        #expect(confirmed.config.shapedRate(of: bench.interface, class: name) == BitsPerSecond(40_000_000))
        #expect(bench.storage.device.runningText.contains(line))
        #expect(bench.rate == BitsPerSecond(400_000_000), "the rest of the interface stays")
        #expect(
            try driver.render([shape(name)], onto: confirmed.config, for: bench.device).isEquivalent(
                to: confirmed.config))
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
        let error = await #expect(throws: DriverError.self) { try await Self.order(bench, [shape("VIDEO")]) }
        #expect(
            error?.message.contains("no class VIDEO in OUT of \(bench.interface), only \(name), c") == true)
    }

    @Test("a class of a policy that others use is changed in a copy")
    func classOfSharedPolicy() async throws {
        let bench = ConsoleBench(.ciscoIOSXE)
        try bench.type(
            (Self.classes[.ciscoIOSXE]?.setup.dropLast() ?? [])
                + ["interface GigabitEthernet2", "no service-policy output SHAPE", "service-policy output OUT", "end"])
        let before = bench.storage.device.runningText
        let (driver, order) = try await Self.order(
            bench,
            [
                .shape(
                    interface: bench.interface, rate: BitsPerSecond(40_000_000), burst: ByteCount(1 << 20),
                    trafficClass: "VOICE")
            ])
        _ = try await driver.push(order)
        _ = try await driver.confirm(order)
        let text = bench.storage.device.runningText
        #expect(text.contains("shape average 20000000") && text.contains("shape average 40000000"))
        #expect(text.contains("service-policy output ROLLOUT-GigabitEthernet1"))
        #expect(bench.rate == BitsPerSecond(400_000_000))
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
    }

    @Test("elsewhere a class is refused", arguments: [ConsolePlatform.juniperJunos, .aristaEOS, .huaweiVRP])
    func noClasses(_ platform: ConsolePlatform) async throws {
        let bench = ConsoleBench(platform)
        let error = await #expect(throws: DriverError.self) {
            try await Self.order(
                bench,
                [
                    .shape(
                        interface: bench.interface, rate: BitsPerSecond(40_000_000), burst: ByteCount(1 << 20),
                        trafficClass: "7")
                ])
        }
        #expect(error?.message.contains("only whole interfaces are shaped") == true)
    }

    // MARK: Definitions

    private static let rules = """
        policing:
          policy: 'P-{direction}-{interface}'
          directions: {ingress: show, egress: end}
          lines:
            - ['show {policy}', 'timer {rate} {burst}']
            - ['show {interface}', 'confirm {direction} {policy}']
        """

    @Test(
        "the linter knows policing",
        arguments: [
            ("", "", ""), ("{ingress: show, egress: end}", "{inward: show}", "unknown key 'inward'"),
            ("  directions: {ingress: show, egress: end}\n", "", "does not say which directions there are"),
            (" {burst}", "", "no line holds {burst}"), ("{rate} ", "", "no line holds {rate}"),
            ("confirm {direction}", "confirm", "no line holds {direction}"),
            ("  policy: 'P-{direction}-{interface}'\n", "", "not what ours is called"),
            ("timer {rate}", "tiner {rate}", "the platform does not know the word 'tiner'"),
            ("  lines:", "  needs: [['show {policy}', tiner]]\n  lines:", "does not know the word 'tiner'"),
            ("{interface}', 'confirm", "{port}', 'confirm", "{port}, which nothing fills in"),
        ])
    func lint(_ part: String, _ other: String, _ complaint: String) {
        let text = part.isEmpty ? Self.rules : Self.rules.replacing(part, with: other)
        var found: [String]
        do throws(InputError) {
            let definition = try PlatformReaderTests.read(PlatformReaderTests.small + "\n" + text)
            let report = PlatformLint.examine(definition, words: PlatformReaderTests.words)
            found = (report.errors + report.warnings).map(\.description)
        } catch { found = error.complaints.map(\.description) }
        if complaint.isEmpty {
            #expect(found == [])
        } else {
            #expect(found.contains { $0.contains(complaint) }, "\(found)")
        }
    }
}
