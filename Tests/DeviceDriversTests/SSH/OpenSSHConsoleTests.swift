import FaultyWire
import Foundation
import Glibc
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension SSHTests {
    @Suite(
        "Interactive sessions of the OpenSSH client", .timeLimit(.minutes(10)),
        .enabled(if: Tool.path("ssh") != nil, "needs openssh-client"))
    struct OpenSSHConsoleTests {
        private let transport = OpenSSHTransport(
            secrets: EnvironmentAndFileSecrets(), caps: ManagementCaps(), relativeTo: ".",
            outputLimit: ByteCount(1 << 20), configuration: "none")

        /// What comes until it ends with this.
        private func text(_ session: any ConsoleSession, until end: String) async throws -> String {
            var bytes: [UInt8] = []
            while !String(decoding: bytes, as: UTF8.self).contains(end) {
                let more = try await session.receive(within: .seconds(30))
                try #require(!more.isEmpty, "only \(String(decoding: bytes, as: UTF8.self)) came")
                bytes += more
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        @Test("a terminal has the width that was asked for, echoes once, and leaves no process and no file behind")
        func terminal() async throws {
            // What a device says before it lets anybody in stands in a log, whatever bytes it is made of.
            let banner = NSTemporaryDirectory() + "rollout-banner-\(UUID().uuidString)"
            try Data([0x1b, 0x5b, 0x32, 0x4a, 0xff, 0xfe, 0x0a]).write(to: URL(filePath: banner))
            defer { try? FileManager.default.removeItem(atPath: banner) }
            let server = try RealServer(["Banner \(banner)"])
            let session = try await transport.openConsole(to: server.device(), width: 511, within: .seconds(30))
            _ = try await text(session, until: "$ ")
            try await session.send(Array("stty size; echo $TERM; echo en''d\r".utf8), within: .seconds(30))
            let text = try await text(session, until: "\nend\r\n")
            #expect(text.contains("\r\n1000 511\r\nvt100\r\n"), "\(text)")
            #expect(text.components(separatedBy: "stty size").count == 2, "\(text)")
            let folder = try #require(session as? OpenSSHConsole).folder
            await session.close()
            #expect(!FileManager.default.fileExists(atPath: folder))
            try await Self.isGone(folder)
            let error = await #expect(throws: DriverError.self) { try await session.receive(within: .seconds(1)) }
            #expect(error?.code == .connectionLost)
            // One that is forgotten ends as well.
            var forgotten: (any ConsoleSession)? = try await transport.openConsole(
                to: server.device(), width: 80, within: .seconds(30))
            let other = try #require(forgotten as? OpenSSHConsole).folder
            forgotten = nil
            try await Self.isGone(other)
        }

        private static func isGone(_ folder: String) async throws {
            for _ in 0..<500 where try processes(with: folder) > 0 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try processes(with: folder) == 0)
        }

        /// How many processes were told this.
        private static func processes(with word: String) throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").count { name in
                guard Int(name) != nil else { return false }
                let words = try? String(contentsOfFile: "/proc/\(name)/cmdline", encoding: .utf8)
                return words?.contains(word) == true
            }
        }

        @Test("a process that died takes its sessions along: no device goes on with one that nobody speaks on")
        func leash() async throws {
            let (stream, leash) = (try LocalEnds.sockets(), try LocalEnds.terminal(width: 80, height: 24))
            defer { for end in [stream.ours, stream.theirs] { close(end) } }
            let program = DeviceDrivers.ChildProcess.start(
                ["/bin/sleep", "600"], stream: stream.theirs, leash: leash.path)
            let pid = try program.get()
            close(leash.theirs)
            var status: Int32 = 0
            #expect(waitpid(pid, &status, WNOHANG) == 0)
            // As the system does for who is killed.
            close(leash.ours)
            for _ in 0..<500 where kill(pid, 0) == 0 && waitpid(pid, &status, WNOHANG) == 0 {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(status == SIGHUP)
        }

        @Test("what is sent comes back whole, also when nobody reads until all of it was sent")
        func subsystem() async throws {
            let server = try RealServer(["Subsystem netconf /bin/cat"])
            let session = try await transport.openSubsystem("netconf", on: server.device(), within: .seconds(30))
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            try await session.send(bytes, within: .seconds(60))
            var came: [UInt8] = []
            while came.count < bytes.count {
                let more = try await session.receive(within: .seconds(30))
                try #require(!more.isEmpty, "only \(came.count) bytes came")
                came += more
            }
            #expect(came == bytes)
            #expect(try await session.receive(within: .milliseconds(50)) == [])
            await session.close()
        }

        @Test("a device that has not what was asked for ends the session, which is said")
        func refused() async throws {
            let server = try RealServer(["Subsystem other /bin/cat"])
            let error = await #expect(throws: DriverError.self) {
                let session = try await transport.openSubsystem("netconf", on: server.device(), within: .seconds(30))
                while try await !session.receive(within: .seconds(30)).isEmpty {}
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.message.contains("does not give the subsystem netconf") == true, "\(error?.message ?? "")")
        }

        @Test("a connection that breaks ends the session after all that had come; what was sent then is in doubt")
        func broken() async throws {
            let server = try RealServer()
            let session = try await transport.openConsole(to: server.device(), width: 80, within: .seconds(30))
            _ = try await text(session, until: "$ ")
            try await session.send(Array("echo la''st; sleep 1; kill -9 $PPID\r".utf8), within: .seconds(30))
            var bytes: [UInt8] = []
            let error = await #expect(throws: DriverError.self) {
                while true { bytes += try await session.receive(within: .seconds(30)) }
            }
            #expect(String(decoding: bytes, as: UTF8.self).contains("\nlast\r\n"))
            #expect(error?.code == .connectionLost)
            #expect(error?.effect == .possible)
            await session.close()
        }

        @Test("a device that falls silent is waited for as long as was said; who is called off waits no longer")
        func silent() async throws {
            let server = try RealServer()
            let session = try await transport.openConsole(to: server.device(), width: 80, within: .seconds(30))
            _ = try await text(session, until: "$ ")
            try await session.send(Array("exec sleep 600\r".utf8), within: .seconds(30))
            _ = try await text(session, until: "sleep 600\r\n")
            #expect(try await session.receive(within: .milliseconds(100)) == [])
            let waiting = Task { try await session.receive(within: .seconds(600)) }
            try await Task.sleep(for: .milliseconds(100))
            waiting.cancel()
            let error = await #expect(throws: DriverError.self) { try await waiting.value }
            #expect(error?.code == .cancelled)
            await session.close()
        }

        @Test(
            "a wire that stalls while the session is opened ends at the deadline, and leaves nothing", arguments: 1...6)
        func stalled(_ tenth: Int) async throws {
            let server = try RealServer()
            let proxy = WireProxy(to: server.port)
            try server.trust(
                [try server.publicKey("host_ed25519")], as: "[127.0.0.1]:\(server.port),[127.0.0.1]:\(proxy.port)")
            let device = server.device { $0.port = proxy.port }
            let whole = try await transport.openConsole(to: device, width: 80, within: .seconds(30))
            await whole.close()
            // Somewhere from where it has logged in until it has its terminal.
            proxy.fault = .init(kind: .stall, bytes: proxy.carried.fromServer - tenth * 100)
            do {
                let session = try await transport.openConsole(to: device, width: 80, within: .seconds(2))
                await session.close()
            } catch {
                #expect(error.code == .timeout)
                #expect(error.effect == DriverError.Effect.none)
            }
        }
    }
}
