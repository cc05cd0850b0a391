import ConsoleDevices
import Testing

/// A device and one session at it, with a clock that stands still unless it is set.
struct Bench {
    let storage: any ConsoleStorage
    let memory: MemoryDevice?
    var terminal: ConsoleTerminal
    var now = Bench.start
    /// What was said before the first line was typed.
    private(set) var greeting = ""

    static let start = Moment(milliseconds: 1_795_705_200_000)

    static let ports: [ConsolePlatform: [String]] = [
        .ciscoIOSXE: ["GigabitEthernet0/0/1", "GigabitEthernet0/0/2"],
        .ciscoIOSXR: ["GigabitEthernet0/0/0/0", "GigabitEthernet0/0/0/1"],
        .aristaEOS: ["Ethernet1", "Ethernet2"],
        .juniperJunos: ["ge-0/0/1", "ge-0/0/2"],
        .ciscoNXOS: ["Ethernet1/1", "Ethernet1/2"],
        .vyos: ["eth1", "eth2"],
        .nokiaSRLinux: ["ethernet-1/1", "ethernet-1/2"],
        .mikrotikRouterOS: ["ether1", "ether2"],
        .nokiaSROS: ["1/1/1", "1/1/2"],
        .huaweiVRP: ["GigabitEthernet0/1/1", "GigabitEthernet0/1/2"],
        .sonic: ["Ethernet0", "Ethernet4"],
    ]

    static func device(_ platform: ConsolePlatform) -> ConsoleDevice {
        .make(
            platform: platform, hostname: "edge-1", interfaces: (ports[platform] ?? []).map { ConsoleInterface($0) },
            rate: 50_000_000, at: start)
    }

    /// A session at a new device.
    init(_ platform: ConsolePlatform, faults: ConsoleFaults = ConsoleFaults(), width: Int = 200, height: Int = 0) throws
    {
        let memory = MemoryDevice(Self.device(platform))
        memory.faults = faults
        try self.init(at: memory, memory: memory, width: width, height: height)
    }

    /// A session at a device that is there.
    init(
        at storage: any ConsoleStorage, memory: MemoryDevice? = nil, now: Moment = Bench.start, width: Int = 200,
        height: Int = 0
    ) throws {
        self.storage = storage
        self.memory = memory
        self.now = now
        terminal = try ConsoleTerminal(storage, width: width, height: height)
        greeting = try terminal.open(at: now).text
    }

    /// Another session at the same device, at the same time.
    func another() throws -> Bench { try Bench(at: storage, memory: memory, now: now) }

    /// Types bytes.
    mutating func type(_ text: String) throws -> [ConsoleEffect] { try terminal.receive(Array(text.utf8), at: now) }

    /// Types a line; what the terminal shows after its echo.
    @discardableResult
    mutating func say(_ line: String) throws -> String {
        let text = try type(line + "\r").text
        let echo = line + "\r\n"
        return text.hasPrefix(echo) ? String(text.dropFirst(echo.count)) : text
    }

    /// Types lines; what the terminal shows after the last.
    @discardableResult
    mutating func say(_ lines: [String]) throws -> String {
        var last = ""
        for line in lines { last = try say(line) }
        return last
    }

    mutating func pass(seconds: Int) { now = now.after(seconds: seconds) }

    var device: ConsoleDevice {
        get throws { try storage.update { device, _ in device } }
    }

    /// The configuration in force, as the device shows it.
    var running: String { get throws { try device.runningText } }
}
