import Logging
import RolloutEngine
import Synchronization
import Testing

@testable import DeviceDrivers

@Suite("What -v says")
struct LoggedTransportTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { lines.add("\(event.message)") }
    }

    private func talk(at level: Logger.Level, faults: [Int: LocalShellTransport.Fault] = [:]) async throws -> [String] {
        let lines = Lines()
        var local = LocalShellTransport()
        local.faults = faults
        let transport = LoggedTransport(
            local, log: Logger(label: "ssh") { _ in Handler(lines: lines, logLevel: level) })
        let device = Device(name: "gra-1", address: "198.51.100.1", platform: "linux", range: "eco", datacentre: "gra")
        let session = try await transport.connect(to: device, within: .seconds(5))
        _ = try? await session.run("/bin/sh -s", input: Array("secret=1; echo answer\n".utf8), within: .seconds(5))
        await session.close()
        return lines.all
    }

    @Test("-v names the device, the command and how it ended; never what was sent as input")
    func commands() async throws {
        let lines = try await talk(at: .info)
        #expect(lines.count == 2, "\(lines)")
        #expect(lines.first?.hasPrefix("gra-1 connected to 198.51.100.1 in ") == true)
        #expect(lines.last?.hasPrefix("gra-1 ran `/bin/sh -s`: status 0 after ") == true)
        #expect(!lines.joined().contains("secret"))
    }

    @Test("-vv also says what came back")
    func answers() async throws {
        #expect(try await talk(at: .debug).contains { $0.hasSuffix("answer") })
    }

    @Test("a command whose answer is lost is said to be lost")
    func lost() async throws {
        let lines = try await talk(at: .info, faults: [0: .lostAfter])
        #expect(lines.last?.contains("connection lost") == true, "\(lines)")
    }
}
