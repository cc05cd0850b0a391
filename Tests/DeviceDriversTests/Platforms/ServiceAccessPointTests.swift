import ConsoleDevices
import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("SAPs of SR OS")
struct ServiceAccessPointTests {
    private static let sap = "1/1/1:100"
    private static let other = "1/1/2:100"

    /// A device with two SAPs of one service.
    private static func bench(_ lines: [String] = []) throws -> ConsoleBench {
        let bench = ConsoleBench(.nokiaSROS)
        try bench.type(
            ["edit-config exclusive"]
                + [sap, other].enumerated().flatMap { index, sap in
                    ["/configure service ies 100 interface cust-\(index + 1) sap \(sap)"]
                } + lines + ["commit", "quit-config"])
        return bench
    }

    private static func shape(_ megabits: UInt64, _ interface: String = sap) -> ResolvedIntent {
        .shape(
            interface: interface, rate: BitsPerSecond(megabits * 1_000_000), burst: ByteCount(1 << 20),
            trafficClass: nil)
    }

    private static func police(_ megabits: UInt64) -> ResolvedIntent {
        let rate = BitsPerSecond(megabits * 1_000_000)
        return .police(interface: sap, direction: .ingress, rate: rate, burst: BurstRule.policing(rate))
    }

    private static func order(_ bench: ConsoleBench, _ intents: [ResolvedIntent]) async throws -> (
        CLIDriver, PushOrder
    ) {
        let driver = try bench.driver()
        let base = try await driver.observe(
            bench.device, scope: ConfigScope(of: intents), within: .seconds(20)
        ).config
        var order = PushOrder(
            device: bench.device, base: base, desired: try driver.render(intents, onto: base, for: bench.device),
            mark: "rollout-217-edge-1", revertAfter: .minutes(5), limit: .seconds(60))
        order.withoutTimer = true
        return (driver, order)
    }

    @Test("a SAP is shaped by a policy of its own, changed by its rate alone, and goes back")
    func life() async throws {
        let bench = try Self.bench()
        let before = bench.storage.device.runningText
        let intents = [Self.shape(100)]
        let (driver, order) = try await Self.order(bench, intents)
        #expect(order.base.sections.allSatisfy { $0.shapedRate == nil && $0.lines.isEmpty })
        let pushed = try await driver.push(order)
        #expect(pushed.config.isEquivalent(to: order.desired))
        #expect(pushed.config.sections.map(\.shapedRate) == [BitsPerSecond(100_000_000)])
        let confirmed = try await driver.confirm(order)
        let text = bench.storage.device.runningText
        for line in [
            "sap-egress ROLLOUT-1-1-1-100 {", "pir 100000", "policy-name ROLLOUT-1-1-1-100",
        ] { #expect(text.contains(line), "\(line) in \(text)") }
        #expect(bench.rate == BitsPerSecond(100_000_000), "a SAP sends no more than its queue")
        #expect(
            try driver.render(intents, onto: confirmed.config, for: bench.device).isEquivalent(to: confirmed.config),
            "the second plan is empty")

        let more = try await Self.order(bench, [Self.shape(200)]).1
        let typed = bench.typed.count
        _ = try await driver.push(more)
        let said = bench.typed[typed...].filter { $0.hasPrefix("/configure") || $0.hasPrefix("delete") }
        #expect(said == ["/configure qos sap-egress ROLLOUT-1-1-1-100 queue 1 rate pir 200000"])
        #expect(try await driver.rollBack(more).config.isEquivalent(to: more.base))
        #expect(bench.storage.device.runningText == text)
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
    }

    @Test("a policy that another SAP uses is left alone, and its number is not copied")
    func shared() async throws {
        let bench = try Self.bench(
            [
                "/configure qos sap-egress P policy-id 10", "/configure qos sap-egress P description gold",
                "/configure qos sap-egress P queue 1 rate pir 50000",
                "/configure qos sap-egress P queue 1 rate cir 1000",
            ]
                + [Self.sap, Self.other].enumerated().map { index, sap in
                    "/configure service ies 100 interface cust-\(index + 1) sap \(sap) egress qos sap-egress policy-name P"
                })
        let before = bench.storage.device.runningText
        let (driver, order) = try await Self.order(bench, [Self.shape(100)])
        #expect(order.base.shapedRate(of: Self.sap) == BitsPerSecond(50_000_000))
        _ = try await driver.push(order)
        let text = bench.storage.device.runningText
        #expect(text.contains("pir 50000") && text.contains("pir 100000"))
        #expect(text.components("policy-id 10") == 1 && text.components("cir 1000") == 2)
        #expect(text.components("policy-name P\n") == 1)
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
    }

    @Test("a policy that only this SAP uses is changed where it stands, and put back")
    func own() async throws {
        let bench = try Self.bench([
            "/configure qos sap-egress P policy-id 10", "/configure qos sap-egress P queue 1 rate pir 50000",
            "/configure service ies 100 interface cust-1 sap \(Self.sap) egress qos sap-egress policy-name P",
        ])
        let before = bench.storage.device.runningText
        let (driver, order) = try await Self.order(bench, [Self.shape(100)])
        _ = try await driver.push(order)
        #expect(!bench.storage.device.runningText.contains("ROLLOUT"))
        #expect(bench.rate == BitsPerSecond(100_000_000))
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
    }

    @Test(
        "what would make the rate untrue is refused by name",
        arguments: [
            (["/configure qos sap-egress P fc ef queue 2"], "fc ef queue 2"),
            (
                ["/configure service ies 100 interface cust-1 sap 1/1/1:100 egress agg-rate rate 9000"],
                "agg-rate rate 9000"
            ),
        ])
    func obstacles(_ lines: [String], _ obstacle: String) async throws {
        let bench = try Self.bench(
            ["/configure qos sap-egress P queue 1 rate pir 50000"]
                + lines + [
                    "/configure service ies 100 interface cust-1 sap \(Self.sap) egress qos sap-egress policy-name P"
                ])
        let error = await #expect(throws: DriverError.self) {
            try await Self.order(bench, [Self.shape(100)])
        }
        #expect(error?.code == .unsupported && error?.message.contains(obstacle) == true, "\(error?.message ?? "")")
    }

    @Test("what is no SAP of a service, and what SR OS does not police, is refused in words")
    func refused() async throws {
        let bench = try Self.bench()
        for (intent, words) in [
            (Self.shape(100, "1/1/1:200"), "there is no 1/1/1:200 in any service"),
            (Self.police(100), "nothing is policed on it"),
            (Self.shape(0), "no whole number of"),
        ] {
            let error = await #expect(throws: DriverError.self) { try await Self.order(bench, [intent]) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    @Test("names in quotes, as SR OS shows them, and services of every kind")
    func quoted() throws {
        let definition = try #require(try PlatformLibrary().definition(named: "nokia_sros"))
        let reader = try DeviceReader(KeptDefinition(definition))
        for (around, after) in [
            (["    ies \"100\" {", "        interface \"cust 1\" {"], ["        }", "    }"]),
            (["    vpls \"7\" {"], ["    }"]),
        ] {
            let tree = try reader.tree(
                ["configure {", "    qos {", "        sap-egress \"gold\" {", "            queue 1 {"]
                    + ["                rate {", "                    pir 50000", "                }", "            }"]
                    + ["        }", "    }", "    service {"] + around
                    + ["    sap 1/1/1:100 {", "        egress {", "            qos {", "                sap-egress {"]
                    + [
                        "                    policy-name \"gold\"", "                }", "            }", "        }",
                        "    }",
                    ]
                    + after + ["    }", "}"], effect: .none)
            let config = try reader.sections(ConfigScope(interfaces: [Self.sap]), of: tree)
            #expect(config.shapedRate(of: Self.sap) == BitsPerSecond(50_000_000), "\(config)")
            #expect(config.sections[0].hint?.contains("beside") == false, "\(config)")
        }
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func components(_ part: String) -> Int { ranges(of: part).count }
}
