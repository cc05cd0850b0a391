import Logging
import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("What -v says")
struct LoggedTransportTests {
    private func talk(at level: Logger.Level, faults: [Int: LocalShellTransport.Fault] = [:]) async throws -> [String] {
        let lines = LogLines()
        var local = LocalShellTransport()
        local.faults = faults
        let transport = LoggedTransport(
            local, logs: DeviceLogs(secrets: MadeUpSecrets(), log: lines.logger(level)))
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
