import DeviceDrivers
import Foundation
import RolloutEngine
import Testing

/// Tests with a real sshd, one after another: they measure time, and two hundred sessions want the whole machine.
@Suite("SSH", .serialized, .enabled(if: RealServer.isPossible, "needs openssh-server"))
enum SSHTests {}

extension SSHTests {
    @Suite("Commands over SSH", .timeLimit(.minutes(10)))
    struct SSHCommandTests {
        private func transport(limit: ByteCount = ByteCount(1 << 20)) -> SSHTransport {
            SSHTransport(secrets: EnvironmentAndFileSecrets(), outputLimit: limit)
        }

        /// Waits until a command has made this file.
        private func appears(_ path: String) async throws {
            while !FileManager.default.fileExists(atPath: path) { try await Task.sleep(for: .milliseconds(20)) }
        }

        @Test("a command's output, errors and exit status come back, and the session can run the next one")
        func runs() async throws {
            let server = try RealServer()
            let session = try await transport().connect(to: server.device(), within: .seconds(60))
            let first = try await session.run("echo out; echo err >&2; exit 3", input: [], within: .seconds(60))
            #expect(first == CommandResult(status: 3, output: Array("out\n".utf8), errors: Array("err\n".utf8)))
            let second = try await session.run("kill -TERM $$", input: [], within: .seconds(60))
            #expect(second.status == 128 + 15)
            await session.close()
        }

        @Test("an exit status is never wrong, fifty times over")
        func exitStatus() async throws {
            let server = try RealServer()
            let session = try await transport().connect(to: server.device(), within: .seconds(60))
            for status in 1...50 {
                let result = try await session.run("echo x; exit \(status)", input: [], within: .seconds(60))
                #expect(result.status == Int32(status))
            }
            await session.close()
        }

        @Test("a megabyte goes in and comes out unharmed", arguments: [0, 1, 32_700, 32_701, 1_000_000])
        func input(size: Int) async throws {
            let server = try RealServer()
            let session = try await transport().connect(to: server.device(), within: .seconds(60))
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            let result = try await session.run("cat", input: bytes, within: .seconds(60))
            #expect(result.status == 0)
            #expect(result.output == bytes)
            await session.close()
        }

        @Test("a command that does not read its input is no error")
        func unreadInput() async throws {
            let server = try RealServer()
            let session = try await transport().connect(to: server.device(), within: .seconds(60))
            let result = try await session.run(
                "exit 4", input: Array(repeating: 65, count: 4_000_000), within: .seconds(60))
            #expect(result.status == 4)
            await session.close()
        }

        @Test("too much output is an error and ends the session")
        func outputCap() async throws {
            let server = try RealServer()
            let session = try await transport(limit: ByteCount(10_000)).connect(
                to: server.device(), within: .seconds(60))
            let fits = try await session.run("head -c 10000 /dev/zero", input: [], within: .seconds(60))
            #expect(fits.output.count == 10_000)
            let error = await #expect(throws: DriverError.self) {
                try await session.run("yes", input: [], within: .seconds(60))
            }
            #expect(error?.code == .outputTooLarge)
            #expect(error?.effect == .possible)
            let after = await #expect(throws: DriverError.self) {
                try await session.run("true", input: [], within: .seconds(60))
            }
            #expect(after?.code == .connectionLost)
            #expect(after?.effect == DriverError.Effect.none)
        }

        @Test("a command that hangs ends at its deadline, as possibly done")
        func hangs() async throws {
            let server = try RealServer()
            let session = try await transport().connect(to: server.device(), within: .seconds(60))
            let error = await #expect(throws: DriverError.self) {
                try await session.run("sleep 300", input: [], within: .milliseconds(300))
            }
            #expect(error?.code == .timeout)
            #expect(error?.effect == .possible)
            await session.close()
        }

        @Test("a session that dies while a command runs is never a success")
        func killedSession() async throws {
            let server = try RealServer()
            for _ in 0..<10 {
                let session = try await transport().connect(to: server.device(), within: .seconds(60))
                let error = await #expect(throws: DriverError.self) {
                    try await session.run("echo done; kill -9 $PPID; sleep 2", input: [], within: .seconds(60))
                }
                #expect(error?.code == .connectionLost)
                #expect(error?.effect == .possible)
                await session.close()
            }
        }

        @Test("cancelling a command ends it at once, and closing during one does too")
        func cancelling() async throws {
            let server = try RealServer()
            let session = try await transport().connect(to: server.device(), within: .seconds(60))
            // Longer than the suite may take: what ends, was ended.
            let (first, other) = (server.folder + "/scratch/first", server.folder + "/scratch/other")
            let task = Task { try await session.run("touch \(first); sleep 3000", input: [], within: .seconds(2_000)) }
            try await appears(first)
            task.cancel()
            let error = await #expect(throws: DriverError.self) { try await task.value }
            #expect(error?.code == .cancelled)

            let second = try await transport().connect(to: server.device(), within: .seconds(60))
            let running = Task {
                try await second.run("touch \(other); sleep 3000", input: [], within: .seconds(2_000))
            }
            try await appears(other)
            await second.close()
            let closed = await #expect(throws: DriverError.self) { try await running.value }
            #expect(closed?.code == .cancelled)
            #expect(closed?.effect == .possible)
        }

        @Test("commands given at once run one after another on one session")
        func queued() async throws {
            let server = try RealServer()
            let session = try await transport().connect(to: server.device(), within: .seconds(60))
            try await withThrowingTaskGroup(of: (Int32, Int32).self) { group in
                for status in Int32(0)..<20 {
                    group.addTask {
                        (status, try await session.run("exit \(status)", input: [], within: .seconds(60)).status)
                    }
                }
                for try await (wanted, got) in group { #expect(wanted == got) }
            }
            await session.close()
        }
    }
}
