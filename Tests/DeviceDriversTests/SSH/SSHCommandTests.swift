import DeviceDrivers
import Foundation
import RolloutEngine
import Testing

@Suite("Commands over SSH", .enabled(if: RealServer.isPossible, "needs openssh-server"), .timeLimit(.minutes(1)))
struct SSHCommandTests {
    private func transport(limit: ByteCount = ByteCount(1 << 20)) -> SSHTransport {
        SSHTransport(secrets: EnvironmentAndFileSecrets(), outputLimit: limit)
    }

    @Test("a command's output, errors and exit status come back, and the session can run the next one")
    func runs() async throws {
        let server = try RealServer()
        let session = try await transport().connect(to: server.device(), within: .seconds(10))
        let first = try await session.run("echo out; echo err >&2; exit 3", input: [], within: .seconds(5))
        #expect(first == CommandResult(status: 3, output: Array("out\n".utf8), errors: Array("err\n".utf8)))
        let second = try await session.run("kill -TERM $$", input: [], within: .seconds(5))
        #expect(second.status == 128 + 15)
        await session.close()
    }

    @Test("an exit status is never wrong, fifty times over")
    func exitStatus() async throws {
        let server = try RealServer()
        let session = try await transport().connect(to: server.device(), within: .seconds(10))
        for status in 1...50 {
            let result = try await session.run("echo x; exit \(status)", input: [], within: .seconds(5))
            #expect(result.status == Int32(status))
        }
        await session.close()
    }

    @Test("a megabyte goes in and comes out unharmed", arguments: [0, 1, 32_700, 32_701, 1_000_000])
    func input(size: Int) async throws {
        let server = try RealServer()
        let session = try await transport().connect(to: server.device(), within: .seconds(10))
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let result = try await session.run("cat", input: bytes, within: .seconds(20))
        #expect(result.status == 0)
        #expect(result.output == bytes)
        await session.close()
    }
}
