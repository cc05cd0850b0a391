import ConsoleDevices
import DeviceDrivers
import RolloutEngine
import Testing

@Suite("The driver of command lines")
struct CLIDriverTests {
    static let platforms: [ConsolePlatform] = [
        .aristaEOS, .juniperJunos, .ciscoIOSXE, .ciscoIOSXR, .huaweiVRP, .nokiaSRLinux, .vyos, .ciscoNXOS,
        .mikrotikRouterOS, .sonic,
    ]
    /// Those that show the mark of a pending change.
    static let naming: [ConsolePlatform] = [
        .aristaEOS, .juniperJunos, .nokiaSRLinux, .vyos, .ciscoNXOS, .mikrotikRouterOS, .sonic,
    ]

    /// A bench with an order that doubles the rate of its first interface.
    static func ordered(
        _ platform: ConsolePlatform, pieceSize: Int = 97, at start: Int = 1_795_600_000_000,
        definedBy definition: PlatformName? = nil
    ) async throws -> (ConsoleBench, CLIDriver, PushOrder) {
        let bench = ConsoleBench(platform, pieceSize: pieceSize, at: start, definedBy: definition)
        let (driver, order) = try await order(at: bench)
        return (bench, driver, order)
    }

    /// An order that sets the rate of a bench's first interfaces to 1 Gbit/s.
    static func order(at bench: ConsoleBench, interfaces count: Int = 1) async throws -> (CLIDriver, PushOrder) {
        let ports = ConsoleBench.interfaces[bench.storage.device.platform] ?? []
        return try await order(at: bench, of: Array(ports.prefix(count)))
    }

    /// The same of interfaces by their names.
    static func order(at bench: ConsoleBench, of names: [String]) async throws -> (CLIDriver, PushOrder) {
        let driver = try bench.driver()
        let base = try await driver.observe(
            bench.device, scope: ConfigScope(interfaces: names), within: .seconds(20)
        ).config
        let intents = names.map {
            ResolvedIntent.shape(
                interface: $0, rate: BitsPerSecond(1_000_000_000), burst: ByteCount(1 << 20), trafficClass: nil)
        }
        let desired = try driver.render(intents, onto: base, for: bench.device)
        let order = PushOrder(
            device: bench.device, base: base, desired: desired, mark: "rollout-217-edge-1", revertAfter: .minutes(5),
            limit: .seconds(60))
        return (driver, order)
    }

    @Test("reads who the device is and to what its interface is shaped", arguments: platforms)
    func observation(_ platform: ConsolePlatform) async throws {
        let bench = ConsoleBench(platform)
        let seen = try await bench.driver().observe(
            bench.device, scope: ConfigScope(interfaces: [bench.interface]), within: .seconds(20))
        #expect(seen.hostname == "edge-1")
        #expect(seen.firmware != nil && seen.model != nil)
        #expect(seen.pendingRevert == nil)
        #expect(seen.config.shapedRate(of: bench.interface) == BitsPerSecond(500_000_000))
    }

    @Test(
        "a change lives: pushed under a timer, confirmed over a fresh session, saved", arguments: platforms,
        [1, 97, 100_000])
    func life(_ platform: ConsolePlatform, _ pieceSize: Int) async throws {
        let (bench, driver, order) = try await Self.ordered(platform, pieceSize: pieceSize)
        #expect(order.desired.shapedRate(of: bench.interface) == BitsPerSecond(1_000_000_000))
        let other = bench.storage.device.shapedRates.filter { $0.key != bench.interface }
        let pushed = try await driver.push(order)
        #expect(pushed.config.isEquivalent(to: order.desired))
        #expect(pushed.pendingRevert?.mark == order.mark)
        #expect(bench.storage.device.isArmed)
        #expect(bench.rate == BitsPerSecond(1_000_000_000))
        let confirmed = try await driver.confirm(order)
        #expect(confirmed.config.isEquivalent(to: order.desired))
        #expect(confirmed.pendingRevert == nil)
        #expect(!bench.storage.device.isArmed)
        bench.pass(.minutes(60))
        _ = try await driver.confirm(order)
        #expect(bench.rate == BitsPerSecond(1_000_000_000))
        #expect(bench.storage.device.shapedRates.filter { $0.key != bench.interface } == other)
        #expect(bench.storage.device.startup == bench.storage.device.running)
    }

    @Test(
        "what says nothing costs no silence: a change of many lines waits as often as one of a few",
        arguments: platforms)
    func silences(_ platform: ConsolePlatform) async throws {
        var counts: [Int] = []
        for interfaces in [1, 2] {
            let bench = ConsoleBench(platform)
            let (driver, order) = try await Self.order(at: bench, interfaces: interfaces)
            let before = bench.silences
            _ = try await driver.push(order)
            counts.append(bench.silences - before)
        }
        #expect(counts[0] == counts[1])
    }

    @Test(
        "an interface whose name a command line could take for something else is refused and never sent",
        arguments: ["ether1,ether2", "e[/system reboot]", "e0 e1", "e0;x", "$e", "e0\nx", ""])
    func interfaceNames(_ name: String) async throws {
        for platform in [ConsolePlatform.mikrotikRouterOS, .ciscoIOSXE] {
            let bench = ConsoleBench(platform)
            let driver = try bench.driver()
            let error = await #expect(throws: DriverError.self) {
                _ = try await driver.observe(
                    bench.device, scope: ConfigScope(interfaces: [name]), within: .seconds(20))
            }
            #expect(error?.code == .unsupported && error?.effect == DriverError.Effect.none, "\(error?.message ?? "")")
            #expect(bench.typed.allSatisfy { name.isEmpty || !$0.contains(name) }, "\(bench.typed)")
        }
    }

    @Test("whoever takes over knows a pending change for ours, or for one that nobody names", arguments: platforms)
    func takenOver(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await Self.ordered(platform)
        _ = try await driver.push(order)
        let seen = try await bench.driver().observe(order.device, scope: order.scope, within: .seconds(20))
        #expect(seen.config.isEquivalent(to: order.desired))
        let namesIt = Self.naming.contains(platform)
        #expect(seen.pendingRevert?.mark == (namesIt ? order.mark : PendingRevert.unsigned))
        // Somebody else's is somebody else's.
        var other = order.device
        other.ssh.user = "somebody"
        let foreign = try await bench.driver().observe(other, scope: order.scope, within: .seconds(20))
        #expect(foreign.pendingRevert?.mark == (namesIt ? order.mark : "admin"))
    }

    @Test("nobody confirms: the device goes back by itself", arguments: platforms)
    func revert(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await Self.ordered(platform)
        _ = try await driver.push(order)
        bench.pass(.minutes(6))
        let error = await #expect(throws: DriverError.self) { try await driver.confirm(order) }
        #expect(error?.code == .verifyMismatch)
        let back = try await driver.rollBack(order)
        #expect(back.config.isEquivalent(to: order.base))
        #expect(bench.rate == BitsPerSecond(500_000_000))
    }

    @Test(
        "rolled back within the window, after confirmation, and twice",
        arguments: platforms.filter { $0 != .ciscoIOSXR })
    func rollBack(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await Self.ordered(platform)
        let before = bench.storage.device.runningText
        _ = try await driver.push(order)
        var back = try await driver.rollBack(order)
        #expect(back.config.isEquivalent(to: order.base))
        #expect(back.pendingRevert == nil)
        #expect(bench.storage.device.runningText == before)
        _ = try await driver.push(order)
        _ = try await driver.confirm(order)
        back = try await driver.rollBack(order)
        #expect(back.config.isEquivalent(to: order.base))
        _ = try await driver.rollBack(order)
        #expect(bench.storage.device.runningText == before)
        #expect(bench.storage.device.startup == bench.storage.device.running)
    }

    /// What takes the shaping of the bench's first interface away.
    private static let unshaping: [ConsolePlatform: [String]] = [
        .aristaEOS: ["enable", "enable", "configure terminal", "interface Ethernet1", "no shape rate", "end"],
        .juniperJunos: ["configure", "delete class-of-service interfaces ge-0/0/0", "commit"],
        .ciscoIOSXE: [
            "enable", "enable", "configure terminal", "interface GigabitEthernet1", "no service-policy output SHAPE",
            "end",
        ],
        .ciscoIOSXR: [
            "configure", "interface GigabitEthernet0/0/0/0", "no service-policy output SHAPE", "commit", "end",
        ],
        .huaweiVRP: ["system-view", "interface GigabitEthernet0/1/0", "undo qos lr outbound", "commit", "return"],
        .nokiaSRLinux: ["enter candidate", "delete / qos interfaces interface ethernet-1/1", "commit now"],
        .vyos: ["configure", "delete qos interface eth0", "commit"],
        .ciscoNXOS: [
            "configure terminal", "interface Ethernet1/1", "no service-policy type queuing output SHAPE", "end",
        ],
        .mikrotikRouterOS: ["/queue tree remove [find parent=ether1]"],
        .sonic: ["sonic-cli", "configure terminal", "interface Ethernet0", "no scheduler-policy", "end"],
    ]

    @Test(
        "an interface that was not shaped is shaped, and back again after confirmation: nothing else goes with it",
        arguments: platforms)
    func unshaped(_ platform: ConsolePlatform) async throws {
        let bench = ConsoleBench(platform)
        try bench.type(Self.unshaping[platform] ?? [])
        #expect(bench.rate == nil)
        let before = bench.storage.device.runningText
        let (driver, order) = try await Self.order(at: bench)
        #expect(order.base.shapedRate(of: bench.interface) == nil)
        _ = try await driver.push(order)
        _ = try await driver.confirm(order)
        #expect(bench.rate == BitsPerSecond(1_000_000_000))
        #expect(bench.storage.device.shapedRates.count == 2)
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
    }

    @Test("a trial that only its own session can end is waited for when that session is gone")
    func heldSession() async throws {
        let (bench, driver, order) = try await Self.ordered(.ciscoIOSXR)
        _ = try await driver.push(order)
        // Another process, which has no session to confirm with.
        let other = try bench.driver()
        var error = await #expect(throws: DriverError.self) { try await other.confirm(order) }
        #expect(error?.code == .timeout)
        #expect(error?.effect == DriverError.Effect.none)
        error = await #expect(throws: DriverError.self) { try await other.rollBack(order) }
        #expect(error?.isTransient == true)
        bench.pass(.minutes(6))
        #expect(try await other.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.rate == BitsPerSecond(500_000_000))
    }

    @Test("two devices of one rollout are in their windows at once: each is ended on the session that armed it")
    func heldSessions() async throws {
        let benches = [ConsoleBench(.ciscoIOSXR, name: "edge-1"), ConsoleBench(.ciscoIOSXR, name: "edge-2")]
        let definition = try #require(try PlatformLibrary().definition(named: "cisco_iosxr"))
        let driver = try CLIDriver(
            definition, over: ConsoleBenches(benches), secrets: benches[0], settling: .milliseconds(1))
        var orders: [PushOrder] = []
        for bench in benches {
            orders.append(try await Self.order(at: bench).1)
            _ = try await driver.push(orders[orders.count - 1])
        }
        // One mark for both, as all devices of a rollout have.
        #expect(orders[0].mark == orders[1].mark)
        _ = try await driver.confirm(orders[0])
        #expect(!benches[0].storage.device.isArmed)
        #expect(benches[1].storage.device.isArmed)
        _ = try await driver.confirm(orders[1])
        #expect(!benches[1].storage.device.isArmed)
    }

    /// A platform whose definition knows of no timer, and an order for it.
    private func untimed(_ platform: ConsolePlatform) async throws -> (ConsoleBench, CLIDriver, PushOrder) {
        let (bench, _, order) = try await Self.ordered(platform)
        var definition = try #require(try PlatformLibrary().definition(named: bench.device.platform))
        definition.revertTimer = nil
        definition.change.open = platform == .aristaEOS ? definition.change.open : nil
        return (bench, try CLIDriver(definition, over: bench, secrets: bench, settling: .milliseconds(1)), order)
    }

    @Test(
        "a platform without a revert timer is changed only where the order says so",
        arguments: [ConsolePlatform.ciscoNXOS, .ciscoIOSXE, .aristaEOS, .juniperJunos, .nokiaSROS])
    func withoutTimer(_ platform: ConsolePlatform) async throws {
        let (bench, driver, refused) = try await untimed(platform)
        let before = bench.storage.device.runningText
        #expect(!driver.armsRevertTimer)
        let error = await #expect(throws: DriverError.self) { try await driver.push(refused) }
        #expect(error?.code == .unsupported)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("without_revert_timer: allow") == true)
        #expect(bench.storage.device.runningText == before)

        var order = refused
        order.withoutTimer = true
        let pushed = try await driver.push(order)
        #expect(pushed.config.isEquivalent(to: order.desired))
        #expect(pushed.pendingRevert == nil)
        bench.pass(.minutes(60))
        #expect(bench.rate == BitsPerSecond(1_000_000_000))
        #expect(try await driver.confirm(order).config.isEquivalent(to: order.desired))
        #expect(bench.storage.device.startup == bench.storage.device.running)
        #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base))
        #expect(bench.storage.device.runningText == before)
        #expect(bench.storage.device.startup == bench.storage.device.running)
    }

    @Test("a line that a candidate lost is found before it is committed, where no timer would put it back")
    func lostWithoutTimer() async throws {
        let (bench, driver, refused) = try await untimed(.nokiaSROS)
        let before = bench.storage.device.runningText
        var order = refused
        order.withoutTimer = true
        bench.storage.faults.swallow = ["1000000"]
        let error = await #expect(throws: DriverError.self) { try await driver.push(order) }
        #expect(error?.code == .verifyMismatch && error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains("1000000") == true, "\(error?.message ?? "")")
        #expect(bench.storage.device.runningText == before)
    }

    @Test("without a timer, a wire that is cut leaves the base, the target, or what is put back by hand")
    func cutWithoutTimer() async throws {
        for number in 1...30 {
            let (bench, driver, refused) = try await untimed(.ciscoNXOS)
            var order = refused
            order.withoutTimer = true
            bench.storage.faults.dropAtCommand = number
            bench.storage.faults.dropTimes = 1
            do throws(DriverError) {
                _ = try await driver.push(order)
                break
            } catch {
                if error.effect == DriverError.Effect.none { #expect(bench.rate == BitsPerSecond(500_000_000)) }
            }
            #expect(try await driver.rollBack(order).config.isEquivalent(to: order.base), "cut at command \(number)")
        }
    }

    @Test("the wrong device is not touched", arguments: platforms)
    func wrongDevice(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await Self.ordered(platform)
        var wrong = order
        wrong.device.hostname = "edge-2"
        let before = bench.storage.device
        let error = await #expect(throws: DriverError.self) { try await driver.push(wrong) }
        #expect(error?.code == .wrongDevice)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(bench.storage.device.running == before.running)
        #expect(!bench.storage.device.isArmed)
    }

    @Test("a device that was changed since it was planned is not touched", arguments: platforms)
    func drift(_ platform: ConsolePlatform) async throws {
        let (bench, driver, order) = try await Self.ordered(platform)
        var other = order
        other.base.sections[0].lines = ["something else"]
        let error = await #expect(throws: DriverError.self) { try await driver.push(other) }
        #expect(error?.code == .drifted)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(bench.rate == BitsPerSecond(500_000_000))
    }
}
