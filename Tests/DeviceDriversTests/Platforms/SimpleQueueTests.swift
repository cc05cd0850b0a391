import ConsoleDevices
import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("Simple queues of RouterOS")
struct SimpleQueueTests {
    private static let rate = BitsPerSecond(200_000_000)

    private static func order(_ bench: ConsoleBench) async throws -> (CLIDriver, PushOrder, ResolvedIntent) {
        let driver = try bench.driver()
        let intent = ResolvedIntent.shape(
            interface: bench.interface, rate: rate, burst: ByteCount(1), trafficClass: nil)
        let base = try await driver.observe(
            bench.device, scope: ConfigScope(of: [intent]), within: .seconds(20)
        ).config
        let desired = try driver.render([intent], onto: base, for: bench.device)
        return (
            driver,
            PushOrder(
                device: bench.device, base: base, desired: desired, mark: "rollout-217-edge-1",
                revertAfter: .minutes(5), limit: .seconds(60)), intent
        )
    }

    private static func bench(_ values: String) throws -> ConsoleBench {
        let bench = ConsoleBench(.mikrotikRouterOS)
        try bench.type([
            "/queue tree remove [find name=shape-ether1]", "/queue simple add name=customer target=ether1 \(values)",
        ])
        return bench
    }

    @Test("the limit of what the target is sent is set, the other one stays, and it goes back")
    func life() async throws {
        let bench = try Self.bench("max-limit=10M/50M comment=gold")
        let before = bench.storage.device.runningText
        let (driver, order, intent) = try await Self.order(bench)
        #expect(order.base.shapedRate(of: bench.interface) == BitsPerSecond(50_000_000))
        let pushed = try await driver.push(order)
        #expect(pushed.config.isEquivalent(to: order.desired) && bench.storage.device.isArmed)
        let confirmed = try await driver.confirm(order)
        #expect(bench.storage.device.runningText.contains("max-limit=10M/200M"))
        #expect(bench.storage.device.runningText.contains("comment=gold"))
        #expect(!bench.storage.device.runningText.contains("parent=ether1"), "no second queue")
        #expect(bench.rate == Self.rate)
        #expect(
            try driver.render([intent], onto: confirmed.config, for: bench.device).isEquivalent(to: confirmed.config))
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
    }

    @Test("nobody confirms: the limit goes back")
    func revert() async throws {
        let bench = try Self.bench("max-limit=10M/50M")
        let before = bench.storage.device.runningText
        let (driver, order, _) = try await Self.order(bench)
        _ = try await driver.push(order)
        #expect(bench.rate == Self.rate)
        bench.pass(.minutes(6))
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
    }

    @Test("a queue without limits gets one for what is sent, and none for what comes in")
    func unlimited() async throws {
        let bench = try Self.bench("comment=gold")
        let (driver, order, _) = try await Self.order(bench)
        #expect(order.base.shapedRate(of: bench.interface) == nil)
        _ = try await driver.push(order)
        #expect(bench.storage.device.runningText.contains("max-limit=0/200M"))
    }

    @Test(
        "a queue that shapes only a part, or more than the interface, is refused by name",
        arguments: [
            "max-limit=1M/1M packet-marks=voice", "max-limit=1M/1M dst=192.0.2.0/24", "max-limit=1M/1M parent=all",
            "max-limit=1M/1M disabled=yes", "max-limit=1M/1M total-max-limit=1M",
            "target=ether1,ether2 max-limit=1M/1M",
        ])
    func partial(_ values: String) async throws {
        let bench = try Self.bench(values)
        let error = await #expect(throws: DriverError.self) { try await Self.order(bench) }
        #expect(
            error?.message.contains("in /queue simple that this tool cannot put back") == true,
            "\(String(describing: error))")
    }
}
