import FaultyWire
import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

extension SSHTests {
    @Suite(
        "Sessions of the OpenSSH client", .timeLimit(.minutes(10)),
        .enabled(if: Tool.path("ssh") != nil, "needs openssh-client"))
    struct OpenSSHTests {
        private func transport(limit: ByteCount = ByteCount(1 << 20), configuration: String = "none")
            -> OpenSSHTransport
        {
            OpenSSHTransport(
                secrets: EnvironmentAndFileSecrets(), caps: ManagementCaps(), relativeTo: ".", outputLimit: limit,
                configuration: configuration)
        }

        private func failure(_ device: Device, within limit: Timespan = .seconds(30)) async throws -> DriverError {
            let error = await #expect(throws: DriverError.self) {
                try await transport().connect(to: device, within: limit)
            }
            let found = try #require(error)
            #expect(found.effect == DriverError.Effect.none)
            return found
        }

        /// Connects, runs a command that must succeed, and ends the session.
        private func reaches(_ device: Device, configuration: String = "none") async throws {
            let session = try await transport(configuration: configuration).connect(to: device, within: .seconds(30))
            #expect(try await session.run("exit 9", input: [], within: .seconds(30)).status == 9)
            await session.close()
        }

        @Test("output, errors and status come back; 255 is the command's own where it is")
        func runs() async throws {
            let server = try RealServer()
            let session = try await transport().connect(to: server.device(), within: .seconds(30))
            let first = try await session.run("echo out; echo err >&2; exit 3", input: [], within: .seconds(30))
            #expect(first == CommandResult(status: 3, output: Array("out\n".utf8), errors: Array("err\n".utf8)))
            #expect(try await session.run("exit 255", input: [], within: .seconds(30)).status == 255)
            let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            #expect(try await session.run("cat", input: bytes, within: .seconds(30)).output == bytes)
            #expect(try await session.run("exit 4", input: bytes, within: .seconds(30)).status == 4)
            // OpenSSH tells no signal: whether the command did its work is unknown.
            let error = await #expect(throws: DriverError.self) {
                try await session.run("kill -TERM $$", input: [], within: .seconds(30))
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.effect == .possible)
            await session.close()
        }

        @Test("each session logs in anew, and leaves no process and no file behind")
        func fresh() async throws {
            let server = try RealServer()
            for _ in 0..<2 {
                let session = try await transport().connect(to: server.device(), within: .seconds(30))
                let folder = try #require(session as? OpenSSHSession).line.folder
                #expect(FileManager.default.fileExists(atPath: folder + "/s"))
                await session.close()
                #expect(!FileManager.default.fileExists(atPath: folder))
            }
            #expect(server.log.components(separatedBy: "Accepted publickey").count == 3)
        }

        @Test(
            "devices that the built-in library cannot talk to are reached",
            arguments: [
                (["HostKeyAlgorithms rsa-sha2-512,rsa-sha2-256"], "rsa"),
                (["Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com"], "ed25519"),
                (["Ciphers aes256-ctr", "MACs hmac-sha2-512-etm@openssh.com,umac-128-etm@openssh.com"], "ed25519"),
                (["KexAlgorithms sntrup761x25519-sha512@openssh.com"], "ed25519"),
            ] as [([String], String)])
        func modern(_ options: [String], _ hostKey: String) async throws {
            let server = try RealServer(options, hostKeys: [hostKey])
            try await reaches(server.device())
        }

        private func chosen(_ caps: ManagementCaps = ManagementCaps()) -> ChosenTransport {
            ChosenTransport(
                library: SSHTransport(secrets: EnvironmentAndFileSecrets(), caps: caps), program: transport())
        }

        private func connections(_ server: RealServer) -> Int {
            server.log.components(separatedBy: "Connection from").count - 1
        }

        @Test("what the built-in library cannot agree on names both lists and the setting that helps")
        func theSetting() async throws {
            let server = try RealServer(["Ciphers chacha20-poly1305@openssh.com"])
            let error = await #expect(throws: DriverError.self) {
                try await chosen().connect(to: server.device(), within: .seconds(30))
            }
            #expect(error?.code == .unsupported)
            #expect(error?.message.contains("We offer: ") == true)
            #expect(error?.message.contains("It offers: ") == true)
            #expect(error?.message.contains("write ssh: {client: either} for device eco-01") == true)
            // Never by itself: the one connection was the library's.
            #expect(connections(server) == 1)
            let session = try await chosen().connect(
                to: server.device { $0.client = .openSSH }, within: .seconds(30))
            await session.close()
        }

        @Test("where either may speak, OpenSSH takes over what the library cannot, and the library is asked once")
        func takesOver() async throws {
            let server = try RealServer(["MACs hmac-sha2-512-etm@openssh.com", "Ciphers aes256-ctr"])
            let device = server.device { $0.client = .either }
            let chosen = chosen()
            #expect(chosen.client(of: device) == .builtIn)
            for expected in [2, 3] {
                let session = try await chosen.connect(to: device, within: .seconds(30))
                #expect(try await session.run("exit 9", input: [], within: .seconds(30)).status == 9)
                await session.close()
                #expect(connections(server) == expected)
            }
            #expect(chosen.client(of: device) == .openSSH)
            let old = try RealServer()
            let session = try await chosen.connect(
                to: Self.named("old", old.device { $0.client = .either }), within: .seconds(30))
            await session.close()
            #expect(chosen.client(of: Self.named("old", old.device { $0.client = .either })) == .builtIn)
        }

        private static func named(_ name: DeviceName, _ device: Device) -> Device {
            var device = device
            device.name = name
            return device
        }

        @Test("an RSA key that the library cannot sign with is OpenSSH's to use")
        func userKey() async throws {
            let server = try RealServer(["PubkeyAcceptedAlgorithms rsa-sha2-512", "PasswordAuthentication no"])
            try Tool.run("ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", "\(server.folder)/rsa")
            try Tool.run("cp", "\(server.folder)/rsa.pub", "\(server.folder)/authorized")
            let device = server.device {
                $0.client = .either
                $0.keyFile = "\(server.folder)/rsa"
            }
            let session = try await chosen().connect(to: device, within: .seconds(30))
            await session.close()
            // A key that nobody accepts is not tried again.
            try "".write(toFile: "\(server.folder)/authorized", atomically: true, encoding: .utf8)
            let before = connections(server)
            var other = device
            other.ssh.keyFile = "\(server.folder)/user"
            let error = await #expect(throws: DriverError.self) {
                try await chosen().connect(to: other, within: .seconds(30))
            }
            #expect(error?.code == .authentication)
            #expect(connections(server) == before + 1)
        }

        @Test("OpenSSH does not take over where the host key is wrong, nor what a policy's cap on bytes forbids")
        func staysAway() async throws {
            let server = try RealServer()
            let device = server.device { $0.client = .either }
            try server.trust([try server.publicKey("user")], as: "[127.0.0.1]:\(server.port)")
            let changed = await #expect(throws: DriverError.self) {
                try await chosen().connect(to: device, within: .seconds(30))
            }
            #expect(changed?.code == .hostKeyChanged)
            #expect(connections(server) == 1)

            let modern = try RealServer(["Ciphers chacha20-poly1305@openssh.com"])
            let capped = await #expect(throws: DriverError.self) {
                try await chosen(ManagementCaps(bytesPerSecond: ByteCount(1 << 20)))
                    .connect(to: modern.device { $0.client = .either }, within: .seconds(30))
            }
            #expect(capped?.code == .unsupported)
            #expect(capped?.message.contains("management.bytes_per_second") == true)
            #expect(capped?.message.contains("nothing in common for ciphers") == true)
            #expect(connections(modern) == 1)
        }

        @Test("a host key is scanned where the library cannot, without any credential")
        func scan() async throws {
            let server = try RealServer(["HostKeyAlgorithms rsa-sha2-512"], hostKeys: ["rsa"])
            try server.trust([], as: "")
            let device = server.device { $0.client = .either }
            let key = try await chosen().scanHostKey(of: device, within: .seconds(30))
            #expect("\(key.type) \(key.base64)" == (try server.publicKey("host_rsa")))
            let attempts = server.authenticationAttempts.filter { !$0.contains("method none") }
            #expect(attempts.allSatisfy { !$0.contains("method ") }, "\(attempts)")
            #expect(try String(contentsOfFile: server.knownHosts, encoding: .utf8) == "")
            let error = await #expect(throws: DriverError.self) {
                try await chosen().scanHostKey(
                    of: server.device {
                        $0.port = RealServer.freePort()
                        $0.client = .openSSH
                    }, within: .seconds(30))
            }
            #expect(error?.code == .unreachable)
        }

        @Test("a key's passphrase opens it; a wrong one does not, and is in no error")
        func passphrase() async throws {
            let server = try RealServer(["PasswordAuthentication no"])
            try Tool.run("ssh-keygen", "-q", "-p", "-P", "", "-N", "sesame", "-f", "\(server.folder)/user")
            let file = server.folder + "/phrase"
            try "sesame\n".write(toFile: file, atomically: true, encoding: .utf8)
            let session = try await transport().connect(
                to: server.device { $0.keyPassphrase = .file(file) }, within: .seconds(30))
            let folder = try #require(session as? OpenSSHSession).line.folder
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(!left.contains("passphrase"), "\(left)")
            await session.close()
            try "barley\n".write(toFile: file, atomically: true, encoding: .utf8)
            let error = try await failure(server.device { $0.keyPassphrase = .file(file) })
            #expect(error.code == .authentication)
            #expect(!error.message.contains("barley"))
        }

        @Test("when OpenSSH agrees on nothing either, both lists are told")
        func noCommonCipher() async throws {
            let server = try RealServer(["Ciphers 3des-cbc"])
            let error = try await failure(server.device())
            #expect(error.code == .unsupported)
            for part in ["nothing in common for ciphers", "It offers", "3des-cbc", "aes256-ctr", "ssh_config"] {
                #expect(error.message.contains(part), "\(error.message)")
            }
        }

        @Test("a certificate opens the door where no key would")
        func certificate() async throws {
            let server = try RealServer()
            let folder = server.folder
            try Tool.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/ca")
            let other = try RealServer(["TrustedUserCAKeys \(folder)/ca.pub"])
            try "".write(toFile: "\(other.folder)/authorized", atomically: true, encoding: .utf8)
            #expect(try await failure(other.device()).code == .authentication)
            try Tool.run(
                "ssh-keygen", "-q", "-s", "\(folder)/ca", "-I", "test", "-n", ThrowawayAccount.name,
                "\(other.folder)/user.pub")
            try await reaches(other.device())
        }

        @Test("a jump device is gone through, with its own key checked as strictly")
        func jump() async throws {
            let server = try RealServer()
            let gate = try RealServer()
            let keys = try server.trust(behind: gate)
            let device = server.device { $0.jump = "\(ThrowawayAccount.name)@127.0.0.1:\(gate.port)" }
            try await reaches(device)
            #expect(gate.log.contains("direct-tcpip"))
            try keys[0].appending("\n").write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
            let error = try await failure(device)
            #expect(error.code == .hostKeyUnknown)
            #expect(error.message.contains("[127.0.0.1]:\(gate.port)"))
        }

        @Test("a person's ssh_config holds, with the jump that it names")
        func configuration() async throws {
            let server = try RealServer()
            let gate = try RealServer()
            _ = try server.trust(behind: gate)
            let file = "\(server.folder)/ssh_config"
            try """
            Host gate
              HostName 127.0.0.1
              Port \(gate.port)
              User \(ThrowawayAccount.name)
            Host web
              HostName 127.0.0.1
              ProxyJump gate
            Host *
              IdentityFile \(server.folder)/user
              UserKnownHostsFile \(server.knownHosts)
            """.write(toFile: file, atomically: true, encoding: .utf8)
            var device = server.device {
                $0.keyFile = nil
                $0.knownHosts = nil
            }
            device.address = "web"
            try await reaches(device, configuration: file)
            #expect(gate.log.contains("direct-tcpip"))
        }

        @Test("a changed or unknown host key stops before any credential is sent")
        func hostKeys() async throws {
            let server = try RealServer()
            try server.trust([try server.publicKey("user")], as: "[127.0.0.1]:\(server.port)")
            let changed = try await failure(server.device())
            #expect(changed.code == .hostKeyChanged)
            #expect(changed.message.contains("SHA256:"))
            #expect(changed.message.contains("rollout hostkey accept -l 'name=eco-01' --replace"))
            try server.trust([], as: "")
            let unknown = try await failure(server.device())
            #expect(unknown.code == .hostKeyUnknown)
            #expect(unknown.message.contains("rollout hostkey accept -l 'name=eco-01'"))
            #expect(server.authenticationAttempts == [])
        }

        @Test("a wrong key, a closed port, a missing name and a missing file are told apart")
        func troubles() async throws {
            let server = try RealServer(["PasswordAuthentication no"])
            try Tool.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(server.folder)/stranger")
            let wrong = try await failure(server.device { $0.keyFile = "\(server.folder)/stranger" })
            #expect(wrong.code == .authentication)
            #expect(wrong.message.contains("Permission denied (publickey"))
            #expect(try await failure(server.device { $0.port = RealServer.freePort() }).code == .unreachable)
            var nowhere = server.device()
            nowhere.address = "no-such-name.invalid"
            #expect(try await failure(nowhere).code == .unreachable)
            let missing = try await failure(server.device { $0.keyFile = "/nowhere/key" })
            #expect(missing.code == .localSetup)
            #expect(missing.message.contains("/nowhere/key"))
            let password = try await failure(server.device { $0.password = .environment("ROLLOUT_TEST_UNSET") })
            #expect(password.code == .localSetup)
            #expect(password.message.contains("env:ROLLOUT_TEST_UNSET"))
        }

        @Test("a server that falls silent ends at the deadline", arguments: [0, 300, 1200])
        func silentServer(after bytes: Int) async throws {
            let server = try RealServer()
            let proxy = WireProxy(to: bytes == 0 ? nil : server.port, .init(kind: .stall, bytes: bytes))
            try server.trust([try server.publicKey("host_ed25519")], as: "[127.0.0.1]:\(proxy.port)")
            let error = try await failure(server.device { $0.port = proxy.port }, within: .milliseconds(500))
            #expect(error.code == .timeout)
        }

        @Test("a command that takes too long, says too much or loses its connection ends the session, in doubt")
        func endings() async throws {
            let server = try RealServer()
            let cases: [(String, DriverError.Code, Timespan)] = [
                ("sleep 30", .timeout, .milliseconds(300)), ("yes", .outputTooLarge, .seconds(30)),
                ("yes >&2", .outputTooLarge, .seconds(30)), ("kill -9 $PPID; sleep 30", .connectionLost, .seconds(30)),
            ]
            for (command, code, limit) in cases {
                let session = try await transport(limit: ByteCount(10_000)).connect(
                    to: server.device(), within: .seconds(30))
                let connections = server.log.components(separatedBy: "Connection from").count
                let error = await #expect(throws: DriverError.self) {
                    try await session.run(command, input: [], within: limit)
                }
                #expect(error?.code == code, "\(command)")
                #expect(error?.effect == .possible, "\(command)")
                let after = await #expect(throws: DriverError.self) {
                    try await session.run("true", input: [], within: .seconds(30))
                }
                #expect(after?.code == .connectionLost)
                // No command ever opens a connection that nobody authenticated for it.
                #expect(server.log.components(separatedBy: "Connection from").count == connections, "\(command)")
                await session.close()
            }
        }

        @Test(
            "a connection is made in its network namespace; a missing one is named",
            .enabled(if: TestNamespace.isPossible, "needs root"))
        func namespace() async throws {
            let space = try TestNamespace()
            let server = try RealServer(prefix: [try #require(Tool.path("ip")), "netns", "exec", space.name])
            #expect(try await failure(server.device()).code == .unreachable)
            try await reaches(server.device { $0.namespace = space.name })
            let missing = try await failure(server.device { $0.namespace = "rollout-none" })
            #expect(missing.code == .localSetup)
            #expect(missing.message.contains("rollout-none"))
        }
    }
}

@Suite("OpenSSH's words")
struct OpenSSHWordsTests {
    private func error(_ log: String, _ complaint: String = "") -> DriverError {
        OpenSSHLog(log, complaint: complaint).error(
            of: SSHError.Peer(address: "192.0.2.1", port: 22, device: "r1", client: .openSSH), user: "eva")
    }

    @Test(
        "each trouble is known by what OpenSSH says of it",
        arguments: [
            ("ssh: connect to host 192.0.2.1 port 22: Connection refused", .unreachable),
            ("ssh: Could not resolve hostname r1: Name or service not known", .unreachable),
            ("kex_exchange_identification: Connection closed by remote host", .unreachable),
            ("No ED25519 host key is known for 192.0.2.1 and you have requested strict checking.", .hostKeyUnknown),
            (
                "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.",
                .hostKeyChanged
            ),
            ("eva@192.0.2.1: Permission denied (publickey).", .authentication),
            ("/home/eva/.ssh/config: line 3: Bad configuration option: foo", .localSetup), ("", .unreachable),
        ] as [(String, DriverError.Code)])
    func codes(_ text: String, _ code: DriverError.Code) {
        #expect(error("debug1: a\n" + text + "\r\ndebug2: b\n").code == code)
        #expect(error("", text).code == code)
        #expect(!error("debug1: secret\n" + text).message.contains("debug1"))
        #expect(error(text + "\u{1b}[2J").message.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }

    @Test("a script answers with each secret once, and with nothing what is not asked for one")
    func answers() async throws {
        let folder = NSTemporaryDirectory() + "rollout-answer-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let answer = try OpenSSHAnswer(.init(password: Secret("horse"), passphrase: Secret("sesame")), in: folder)
        func ask(_ question: String) async -> String? {
            guard
                case .exited(0, let output, _) = await DeviceDrivers.ChildProcess.run(
                    [folder + "/ask", question], within: 10_000, limit: 1000)
            else { return nil }
            return String(decoding: output, as: UTF8.self)
        }
        for other in [
            "(eva@r1) Verification code: ", "(eva@r1) Enter passphrase for key '/k': ", "Enter PIN for key: ",
        ] {
            #expect(await ask(other) == nil, "\(other)")
        }
        #expect(await ask("(eva@r1) Password: ") == "horse\n")
        #expect(await ask("eva@r1's password: ") == nil)
        #expect(await ask("Enter passphrase for key '/password': ") == "sesame\n")
        #expect(await ask("Enter passphrase for key '/password': ") == nil)
        answer.forget()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["ask"])
    }

    @Test("nothing of an inventory's texts is taken for an option or a pattern of ssh's own")
    func quoting() {
        let line = OpenSSHCommandLine(folder: "/tmp/x", resolve: { $0 })
        let device = Device(
            name: "r1", address: "192.0.2.1", platform: "linux", range: "eco", datacentre: "gra",
            ssh: SSHSettings(user: "e'v%a", keyFile: "/k%h", knownHosts: "/a b\"%c", jump: "o;p@192.0.2.9:2200"))
        let words = line.connecting(to: device, within: .milliseconds(1500))
        #expect(words.contains("UserKnownHostsFile=\"/a b\\\"%%c\""))
        #expect(words.contains("ConnectTimeout=2"))
        #expect(words.suffix(2) == ["--", "192.0.2.1"])
        let proxy = words.first { $0.hasPrefix("ProxyCommand=") } ?? ""
        #expect(proxy.contains("'-l' 'o;p'"))
        #expect(proxy.contains("'IdentityFile=\"/k%%%%h\"'"))
        #expect(proxy.hasSuffix("-W '[%h]:%p' -- '192.0.2.9'"))
        #expect(proxy.contains("'StrictHostKeyChecking=yes'"))
        #expect(line.running("-x; y", on: device).suffix(3) == ["--", "192.0.2.1", "-x; y"])
    }
}
