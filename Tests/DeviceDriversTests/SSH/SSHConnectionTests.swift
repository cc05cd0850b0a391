import DeviceDrivers
import FaultyWire
import Foundation
import RolloutEngine
import Testing

extension SSHTests {
    @Suite("Connections over SSH", .timeLimit(.minutes(10)))
    struct SSHConnectionTests {
        private let transport = SSHTransport(secrets: EnvironmentAndFileSecrets())

        /// Over the one client or the other, as the device says.
        private var chosen: ChosenTransport {
            ChosenTransport(library: transport, program: OpenSSHTransport(secrets: EnvironmentAndFileSecrets()))
        }

        private func failure(_ device: Device, within limit: Timespan = .seconds(10)) async throws -> DriverError {
            let error = await #expect(throws: DriverError.self) {
                try await chosen.connect(to: device, within: limit)
            }
            let found = try #require(error)
            #expect(found.effect == DriverError.Effect.none)
            return found
        }

        @Test("a changed host key stops before any credential is sent, and both keys are named")
        func changedHostKey() async throws {
            let server = try RealServer()
            let other = try server.publicKey("user")
            try server.trust([other], as: "[127.0.0.1]:\(server.port)")
            let error = try await failure(server.device())
            #expect(error.code == .hostKeyChanged)
            let known = try #require(HostKey(base64: String(other.split(separator: " ")[1])))
            let offered = try await transport.scanHostKey(of: server.device(), within: .seconds(60))
            #expect(error.message.contains(known.fingerprint))
            #expect(error.message.contains(offered.fingerprint))
            let printed = try Tool.run("ssh-keygen", "-l", "-f", "\(server.folder)/host_ed25519.pub")
            #expect(printed.contains(offered.fingerprint))
            #expect(server.log.contains("SSH2_MSG_KEXINIT"))
            #expect(server.authenticationAttempts == [])
        }

        @Test("an unknown host key stops before any credential is sent")
        func unknownHostKey() async throws {
            let server = try RealServer()
            let key = try server.publicKey("host_ed25519")
            // The same key for the plain name does not hold for another port.
            try server.trust([key], as: "127.0.0.1")
            let error = try await failure(server.device())
            #expect(error.code == .hostKeyUnknown)
            #expect(server.authenticationAttempts == [])
            let noFile = try await failure(server.device { $0.knownHosts = server.folder + "/none" })
            #expect(noFile.code == .hostKeyUnknown)
            try server.trust(["@revoked"], as: "")
            try "@revoked * \(key)\n".write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
            #expect(try await failure(server.device()).code == .hostKeyChanged)
        }

        @Test("of a server with several keys, the one that is known is asked for", arguments: ["ed25519", "ecdsa"])
        func severalKeys(known: String) async throws {
            let server = try RealServer(hostKeys: ["ecdsa", "ed25519"])
            try server.trust([try server.publicKey("host_\(known)")], as: "[127.0.0.1]:\(server.port)")
            let session = try await transport.connect(to: server.device(), within: .seconds(60))
            await session.close()
        }

        @Test(
            "a scan asks for the kind of key that is known as well, over both clients", arguments: ["ed25519", "ecdsa"])
        func scanned(_ type: String) async throws {
            let server = try RealServer(hostKeys: ["ed25519", "ecdsa"])
            let known = try server.publicKey("host_\(type)")
            try server.trust([known], as: "[127.0.0.1]:\(server.port)")
            for client in [SSHSettings.Client.builtIn, .openSSH] {
                let key = try await chosen.scanHostKey(of: server.device { $0.client = client }, within: .seconds(60))
                #expect("\(key.type) \(key.base64)" == known, "\(client)")
            }
        }

        @Test(
            "servers of old are talked to",
            arguments: [
                (["KexAlgorithms diffie-hellman-group1-sha1"], "ed25519"),
                (["KexAlgorithms diffie-hellman-group14-sha1", "MACs hmac-sha1", "Ciphers aes128-cbc"], "ed25519"),
                (["Ciphers 3des-cbc", "MACs hmac-md5"], "ed25519"), (["HostKeyAlgorithms ssh-rsa"], "rsa"),
                (["HostKeyAlgorithms ssh-dss"], "dsa"),
            ] as [([String], String)])
        func old(_ options: [String], _ hostKey: String) async throws {
            let server = try RealServer(options, hostKeys: [hostKey])
            let session = try await transport.connect(to: server.device(), within: .seconds(60))
            #expect(try await session.run("exit 9", input: [], within: .seconds(60)).status == 9)
            await session.close()
        }

        @Test("hashed names in known_hosts hold")
        func hashedNames() async throws {
            let server = try RealServer()
            try Tool.run("ssh-keygen", "-H", "-f", server.knownHosts)
            #expect(!(try String(contentsOfFile: server.knownHosts, encoding: .utf8)).contains("127.0.0.1"))
            let session = try await transport.connect(to: server.device(), within: .seconds(60))
            await session.close()
        }

        @Test("a wrong key is an authentication error that names the user and what the server accepts")
        func wrongKey() async throws {
            let server = try RealServer(["PasswordAuthentication no"])
            try Tool.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(server.folder)/stranger")
            let error = try await failure(server.device { $0.keyFile = "\(server.folder)/stranger" })
            #expect(error.code == .authentication)
            for part in [ThrowawayAccount.name, "127.0.0.1:\(server.port)", "publickey", "stranger"] {
                #expect(error.message.contains(part))
            }
        }

        @Test("an RSA key that is refused says why")
        func rsaKey() async throws {
            let server = try RealServer(["PubkeyAcceptedAlgorithms ssh-ed25519,rsa-sha2-512"])
            try Tool.run("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", "\(server.folder)/rsa")
            let error = try await failure(server.device { $0.keyFile = "\(server.folder)/rsa" })
            #expect(error.code == .authentication)
            #expect(error.message.contains("ed25519 or ECDSA"))
        }

        @Test("an encrypted key opens with its passphrase, and says what is wrong with another")
        func passphrase() async throws {
            let server = try RealServer()
            try Tool.run("ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", "\(server.folder)/user")
            try "open sesame\nnot this\n".write(toFile: server.folder + "/right", atomically: true, encoding: .utf8)
            try "close sesame".write(toFile: server.folder + "/wrong", atomically: true, encoding: .utf8)
            let session = try await transport.connect(
                to: server.device { $0.keyPassphrase = .file(server.folder + "/right") }, within: .seconds(60))
            await session.close()
            let wrong = try await failure(server.device { $0.keyPassphrase = .file(server.folder + "/wrong") })
            #expect(wrong.code == .localSetup)
            #expect(!wrong.message.contains("sesame"))
            #expect(try await failure(server.device()).code == .localSetup)
        }

        @Test("what is missing here is said before a packet is sent")
        func missing() async throws {
            let server = try RealServer()
            let noKey = try await failure(server.device { $0.keyFile = "/nowhere/key" })
            #expect(noKey.code == .localSetup)
            #expect(noKey.message.contains("/nowhere/key"))
            let noSecret = try await failure(
                server.device {
                    $0.keyFile = nil
                    $0.password = .environment("ROLLOUT_TEST_UNSET")
                })
            #expect(noSecret.code == .localSetup)
            #expect(noSecret.message.contains("env:ROLLOUT_TEST_UNSET"))
            #expect(try await failure(server.device { $0.keyFile = nil }).code == .localSetup)
            #expect(!server.log.contains("Connection from"))
        }

        @Test(
            "a password opens the door; a wrong one does not, and is not in the error",
            .enabled(if: ThrowawayAccount.hasPassword, "needs root"), arguments: [false, true],
            [SSHSettings.Client.builtIn, .openSSH])
        func password(byPrompts: Bool, client: SSHSettings.Client) async throws {
            let server = try RealServer(
                byPrompts
                    ? ["UsePAM yes", "PasswordAuthentication no", "KbdInteractiveAuthentication yes"]
                    : ["PasswordAuthentication yes"])
            let file = server.folder + "/password"
            let device = server.device {
                $0.keyFile = nil
                $0.password = .file(file)
                $0.client = client
            }
            try (ThrowawayAccount.password + "\n").write(toFile: file, atomically: true, encoding: .utf8)
            let session = try await chosen.connect(to: device, within: .seconds(60))
            #expect(
                try await session.run("id -un", input: [], within: .seconds(60)).text == ThrowawayAccount.name + "\n")
            await session.close()
            try "wrong battery".write(toFile: file, atomically: true, encoding: .utf8)
            let error = try await failure(device, within: .seconds(60))
            #expect(error.code == .authentication)
            #expect(error.message.contains(byPrompts ? "keyboard-interactive" : "password"))
            #expect(!error.message.contains("battery"))
        }

        @Test("when no algorithm is common, both lists are told")
        func noCommonCipher() async throws {
            let server = try RealServer(["Ciphers chacha20-poly1305@openssh.com"])
            let error = try await failure(server.device())
            #expect(error.code == .unsupported)
            #expect(error.message.contains("nothing in common for ciphers"))
            #expect(error.message.contains("chacha20-poly1305@openssh.com"))
            #expect(error.message.contains("aes256-ctr"))
        }

        @Test("a port that is closed is unreachable; a port that does not speak SSH is, too")
        func closedPort() async throws {
            let server = try RealServer()
            let error = try await failure(server.device { $0.port = RealServer.freePort() })
            #expect(error.code == .unreachable)
            var device = server.device()
            device.address = "no-such-name.invalid"
            #expect(try await failure(device).code == .unreachable)
        }

        @Test(
            "a server that falls silent ends at the deadline and holds nobody up",
            arguments: [0, 10, 300, 1200, 1500])
        func silentServer(after bytes: Int) async throws {
            let server = try RealServer()
            let proxy = WireProxy(to: bytes == 0 ? nil : server.port, .init(kind: .stall, bytes: bytes))
            try server.trust(
                [try server.publicKey("host_ed25519")], as: "[127.0.0.1]:\(server.port),[127.0.0.1]:\(proxy.port)")
            let good = try await transport.connect(to: server.device(), within: .seconds(60))
            async let errors = withThrowingTaskGroup(of: DriverError.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await failure(server.device { $0.port = proxy.port }, within: .seconds(1)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for _ in 0..<5 { #expect(try await good.run("exit 9", input: [], within: .seconds(60)).status == 9) }
            for error in try await errors { #expect(error.code == .timeout) }
            await good.close()
        }

        @Test("a device behind a jump device is reached, and the jump device's own key is checked")
        func jump() async throws {
            let server = try RealServer()
            let gate = try RealServer()
            let keys = try server.trust(behind: gate)
            let device = server.device { $0.jump = "\(ThrowawayAccount.name)@127.0.0.1:\(gate.port)" }
            let session = try await transport.connect(to: device, within: .seconds(60))
            let bytes = (0..<900_000).map { UInt8(truncatingIfNeeded: $0 >> 3) }
            #expect(try await session.run("cat", input: bytes, within: .seconds(60)).output == bytes)
            #expect(gate.log.contains("direct-tcpip"))
            await session.close()

            try keys[0].appending("\n").write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
            let error = try await failure(device)
            #expect(error.code == .hostKeyUnknown)
            #expect(error.message.contains("127.0.0.1:\(gate.port)"))
        }

        @Test("two hundred sessions at once")
        func many() async throws {
            let server = try RealServer()
            let device = server.device()
            let transport = transport
            let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        let session = try await transport.connect(to: device, within: .seconds(50))
                        let result = try await session.run("exit \(index % 100)", input: [], within: .seconds(50))
                        await session.close()
                        return result.status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == (0..<200).map { Int32($0 % 100) }.sorted())
        }

        @Test("packets carry the policy's DSCP", arguments: [0, 16, 46])
        func dscp(value: Int) async throws {
            let server = try RealServer()
            let transport = SSHTransport(secrets: EnvironmentAndFileSecrets(), caps: ManagementCaps(dscp: value))
            let session = try await transport.connectSession(to: server.device(), within: .seconds(60))
            #expect(await session.trafficClass == CInt(value * 4))
            await session.close()
        }

        @Test("all sessions together stay under the cap")
        func pacing() async throws {
            let server = try RealServer()
            let rate: UInt64 = 40_000
            let caps = ManagementCaps(bytesPerSecond: ByteCount(rate))
            let transport = SSHTransport(secrets: EnvironmentAndFileSecrets(), caps: caps)
            let start = ContinuousClock.now
            let moved = try await withThrowingTaskGroup(of: UInt64.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let session = try await transport.connectSession(to: server.device(), within: .seconds(60))
                        let result = try await session.run("head -c 20000 /dev/zero", input: [], within: .seconds(60))
                        #expect(result.output.count == 20_000)
                        let moved = await session.bytesMoved
                        await session.close()
                        return moved
                    }
                }
                return try await group.reduce(0, +)
            }
            let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
            #expect(moved > 80_000)
            #expect(Double(moved) <= Double(rate) * seconds + Double(rate) / 20)
            // And it is a cap, not a brake.
            #expect(seconds < 30 * Double(moved) / Double(rate))
        }

        @Test(
            "a connection is made in its network namespace; a missing one is named",
            .enabled(if: TestNamespace.isPossible, "needs root"))
        func namespace() async throws {
            let space = try TestNamespace()
            let server = try RealServer(prefix: [try #require(Tool.path("ip")), "netns", "exec", space.name])
            #expect(try await failure(server.device()).code == .unreachable)
            let session = try await transport.connect(
                to: server.device { $0.namespace = space.name }, within: .seconds(60))
            #expect(try await session.run("exit 5", input: [], within: .seconds(60)).status == 5)
            await session.close()
            let missing = try await failure(server.device { $0.namespace = "rollout-none" })
            #expect(missing.code == .localSetup)
            #expect(missing.message.contains("rollout-none"))
        }
    }
}
