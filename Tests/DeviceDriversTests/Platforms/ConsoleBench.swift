import ConsoleDevices
import DeviceDrivers
import RolloutEngine
import Synchronization

/// A device behind a command line, in this process: written apart from the driver, so that the two cannot share a mistake.
///
/// Answers come at once, in pieces of any size; a device that says nothing more is a deadline at once, so no test waits.
final class ConsoleBench: ConsoleTransport, SecretSource {
    let storage: MemoryDevice
    let device: Device
    let interface: String
    private let clock: Mutex<Int>
    private let log = Mutex<[String]>([])
    private let pieceSize: Int
    private let cut = Mutex<String?>(nil)
    private let linesToCut = Mutex<Int?>(nil)
    private let waits = Mutex(0)
    private let ambush = Mutex<(part: String, act: @Sendable (MemoryDevice) -> Void)?>(nil)

    static let interfaces: [ConsolePlatform: [String]] = [
        .aristaEOS: ["Ethernet1", "Ethernet2"], .juniperJunos: ["ge-0/0/0", "ge-0/0/1"],
        .ciscoIOSXE: ["GigabitEthernet1", "GigabitEthernet2"],
        .ciscoIOSXR: ["GigabitEthernet0/0/0/0", "GigabitEthernet0/0/0/1"],
        .huaweiVRP: ["GigabitEthernet0/1/0", "GigabitEthernet0/1/1"],
        .ciscoNXOS: ["Ethernet1/1", "Ethernet1/2"], .mikrotikRouterOS: ["ether1", "ether2"],
        .nokiaSRLinux: ["ethernet-1/1", "ethernet-1/2"], .nokiaSROS: ["1/1/1", "1/1/2"], .vyos: ["eth0", "eth1"],
        .sonic: ["Ethernet0", "Ethernet4"],
    ]

    /// What a new device's ports are shaped to, and what orders shape them to.
    static let half = BitsPerSecond(500_000_000)
    static let whole = BitsPerSecond(1_000_000_000)

    init(
        _ platform: ConsolePlatform, pieceSize: Int = 97, at start: Int = 1_795_600_000_000, name: String = "edge-1",
        serial: String = "CON2411A0B1", definedBy definition: PlatformName? = nil
    ) {
        let names = Self.interfaces[platform] ?? []
        interface = names.first ?? ""
        self.pieceSize = pieceSize
        clock = Mutex(start)
        storage = MemoryDevice(
            ConsoleDevice.make(
                platform: platform, hostname: name, interfaces: names.map { ConsoleInterface($0) },
                rate: Int(Self.half.value), serial: serial, at: Moment(milliseconds: start)))
        device = Device(
            name: DeviceName(rawValue: name), address: "192.0.2.1",
            platform: definition ?? PlatformName(rawValue: platform.rawValue), range: "lab",
            datacentre: "lab", ssh: SSHSettings(user: "admin", enablePassword: .environment("ENABLE")))
    }

    /// Whether the device holds the base of an order, and nothing is pending on it.
    func isBack(of order: PushOrder, by driver: CLIDriver) async throws -> Bool {
        let seen = try await driver.observe(device, scope: order.scope, within: .seconds(20))
        return seen.config.isEquivalent(to: order.base) && seen.pendingRevert == nil
    }

    /// What was typed on all sessions, a line each.
    var typed: [String] { log.withLock { $0 } }
    var now: Moment { clock.withLock { Moment(milliseconds: $0) } }
    var rate: BitsPerSecond? { storage.device.shapedRates[interface].map { BitsPerSecond(UInt64($0)) } }

    /// Does something to the device right before it hears the first line that holds a text.
    func before(_ part: String, _ act: @Sendable @escaping (MemoryDevice) -> Void) {
        ambush.withLock { $0 = (part, act) }
    }

    /// Cuts the wire once, instead of the first line that is this.
    func hangUp(at line: String) { cut.withLock { $0 = line } }

    /// Cuts the wire once, instead of the line of this number from now on, counted from 1.
    func hangUp(atLine number: Int) { linesToCut.withLock { $0 = number } }

    /// How often a session was listened to in vain: how often a silence was waited for.
    var silences: Int { waits.withLock { $0 } }

    private func isCut(at line: String) -> Bool {
        let isCounted = linesToCut.withLock { left in
            left = left.map { $0 - 1 }
            guard left == 0 else { return false }
            left = nil
            return true
        }
        return isCounted
            || cut.withLock { wanted in
                guard wanted == line else { return false }
                wanted = nil
                return true
            }
    }

    private func heard(_ line: String) {
        log.withLock { $0.append(line) }
        let act = ambush.withLock { waiting in
            guard let found = waiting, line.contains(found.part) else {
                return nil as (@Sendable (MemoryDevice) -> Void)?
            }
            waiting = nil
            return found.act
        }
        act?(storage)
    }

    /// Somebody types lines at a session of their own; a key alone is the last.
    func type(_ lines: [String], key: String = "") throws {
        var terminal = try ConsoleTerminal(storage, user: "monitor", width: 500, height: 0)
        _ = try terminal.open(at: now)
        for line in lines { _ = try terminal.receive(Array("\(line)\r".utf8), at: now) }
        if !key.isEmpty { _ = try terminal.receive(Array(key.utf8), at: now) }
        try terminal.close(at: now)
    }

    /// Lets time pass on the device.
    func pass(_ span: Timespan) { clock.withLock { $0 += Int(span.milliseconds) } }

    /// Somebody types lines, and hangs up.
    func type(_ lines: [String]) throws {
        var terminal = try ConsoleTerminal(storage)
        _ = try terminal.open(at: now)
        for line in lines { _ = try terminal.receive(Array("\(line)\r".utf8), at: now) }
        try terminal.close(at: now)
    }

    func driver(logs: DeviceLogs? = nil) throws -> CLIDriver {
        let definition = try require(try PlatformLibrary().definition(named: device.platform))
        return try CLIDriver(definition, over: self, secrets: self, settling: .milliseconds(1), logs: logs)
    }

    func resolve(_ reference: SecretReference) throws(DriverError) -> Secret { Secret("enable") }

    func openConsole(to device: Device, width: Int, within limit: Timespan) async throws(DriverError)
        -> any DeviceDrivers.ConsoleSession
    {
        do throws(ConsoleError) {
            return try Session(self, width: width)
        } catch {
            throw DriverError(.unreachable, error.description, effect: .none)
        }
    }

    private actor Session: DeviceDrivers.ConsoleSession {
        private let bench: ConsoleBench
        private var terminal: ConsoleTerminal
        private var waiting: [UInt8] = []
        private var isOver = false
        private var line: [UInt8] = []

        init(_ bench: ConsoleBench, width: Int) throws(ConsoleError) {
            self.bench = bench
            terminal = try ConsoleTerminal(bench.storage, user: "admin", width: width, height: 24)
            for effect in try terminal.open(at: bench.now) {
                if case .send(let bytes) = effect { waiting += bytes }
            }
        }

        func send(_ bytes: [UInt8], within limit: Timespan) async throws(DriverError) {
            guard !isOver else { throw DriverError(.connectionLost, "it hung up", effect: .possible) }
            for byte in bytes {
                if byte == 0x0a {
                    let text = String(decoding: line, as: UTF8.self)
                    bench.heard(text)
                    line = []
                    if bench.isCut(at: text) {
                        await close()
                        throw DriverError(.connectionLost, "the wire was cut", effect: .possible)
                    }
                } else {
                    line.append(byte)
                }
            }
            take { (terminal: inout ConsoleTerminal) throws(ConsoleError) in
                try terminal.receive(bytes, at: bench.now)
            }
        }

        func receive(within limit: Timespan) async throws(DriverError) -> [UInt8] {
            if waiting.isEmpty, !isOver {
                take { (terminal: inout ConsoleTerminal) throws(ConsoleError) in try terminal.tick(at: bench.now) }
            }
            if waiting.isEmpty, isOver { throw DriverError(.connectionLost, "it hung up", effect: .possible) }
            if waiting.isEmpty { bench.waits.withLock { $0 += 1 } }
            let piece = Array(waiting.prefix(bench.pieceSize))
            waiting.removeFirst(piece.count)
            return piece
        }

        func close() async {
            isOver = true
            try? terminal.close(at: bench.now)
        }

        private func take(_ step: (inout ConsoleTerminal) throws(ConsoleError) -> [ConsoleEffect]) {
            guard let effects = try? step(&terminal) else {
                isOver = true
                return
            }
            for effect in effects {
                switch effect {
                case .send(let bytes): waiting += bytes
                case .wait, .stall: break
                case .hangUp: isOver = true
                }
            }
        }
    }
}

/// Several devices, each told by its name.
struct ConsoleBenches: ConsoleTransport {
    private let benches: [ConsoleBench]

    init(_ benches: [ConsoleBench]) { self.benches = benches }

    func openConsole(to device: Device, width: Int, within limit: Timespan) async throws(DriverError)
        -> any DeviceDrivers.ConsoleSession
    {
        guard let bench = benches.first(where: { $0.device.name == device.name }) else {
            throw DriverError(.unreachable, "there is no \(device.name)", effect: .none)
        }
        return try await bench.openConsole(to: device, width: width, within: limit)
    }
}

/// As `#require`, outside of tests.
private func require<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw DriverError(.localSetup, "it is not there", effect: .none) }
    return value
}
