import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

/// SNMP v3 with net-snmp's own agent, whose cryptography and time window nobody here wrote.
@Suite("SNMP v3 with a real snmpd", .serialized, .timeLimit(.minutes(10)))
struct SNMPRealUserTests {
    private static let program = "/usr/sbin/snmpd"
    private static let isInstalled = FileManager.default.isExecutableFile(atPath: program)

    /// A user, as snmpd and as an inventory call its protocols.
    struct User: CustomTestStringConvertible, Sendable {
        var name: String
        var words: String
        var auth: SNMPSettings.Authentication?
        var priv: SNMPSettings.Privacy?
        var testDescription: String { name }
    }

    static let users = [
        User(name: "bare", words: "", auth: nil, priv: nil),
        User(name: "signs", words: "SHA-256 \"a long password\"", auth: .sha256, priv: nil),
        User(name: "usual", words: signing("SHA-256", hiding: "AES"), auth: .sha256, priv: .aes128),
        User(name: "old", words: signing("SHA", hiding: "AES"), auth: .sha1, priv: .aes128),
        User(name: "middle", words: signing("SHA-224", hiding: "AES"), auth: .sha224, priv: .aes128),
        User(name: "large", words: signing("SHA-384", hiding: "AES-192"), auth: .sha384, priv: .aes192),
        User(name: "largest", words: signing("SHA-512", hiding: "AES-256"), auth: .sha512, priv: .aes256),
        // The hash is shorter than the key: it has to be stretched.
        User(name: "stretched", words: signing("SHA", hiding: "AES-256"), auth: .sha1, priv: .aes256),
        User(name: "ancient", words: signing("MD5", hiding: "DES"), auth: .md5, priv: .des),
    ]

    private static func signing(_ hash: String, hiding cipher: String) -> String {
        "\(hash) \"a long password\" \(cipher) \"another password\""
    }

    /// A running snmpd that knows all the users.
    private final class Server {
        let folder: URL
        let port: Int
        private var process: ChildProcess?

        init() throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "rollout-snmpd-\(UUID().uuidString)")
            port = 40_000 + Int.random(in: 0..<9000)
            for part in ["conf", "state"] {
                try FileManager.default.createDirectory(
                    at: folder.appending(path: part), withIntermediateDirectories: true)
            }
            var lines = ["agentaddress udp:127.0.0.1:\(port)"]
            for user in SNMPRealUserTests.users {
                lines.append("createUser \(user.name) \(user.words)")
                lines.append("rouser \(user.name) \(user.priv != nil ? "priv" : user.auth != nil ? "auth" : "noauth")")
            }
            try lines.joined(separator: "\n").appending("\n").write(
                to: folder.appending(path: "conf/snmpd.conf"), atomically: true, encoding: .utf8)
            try start()
        }

        func start() throws {
            process = try ChildProcess(
                SNMPRealUserTests.program, ["-f", "-Lf", "/dev/null", "-I", "-smux"],
                environment: [
                    "MIBS=", "SNMP_PERSISTENT_DIR=\(folder.appending(path: "state").path)",
                    "SNMPCONFPATH=\(folder.appending(path: "conf").path)",
                ])
        }

        func stop() { process?.stop() }

        func end() {
            stop()
            try? FileManager.default.removeItem(at: folder)
        }

        func watched(_ user: User) -> WatchedAgent {
            WatchedAgent(
                subject: .device("this"), address: "127.0.0.1", interfaces: ["lo"],
                snmp: SNMPSettings(
                    port: port, user: user.name, auth: user.auth,
                    authKey: user.auth == nil ? nil : .environment("AUTH"),
                    priv: user.priv, privKey: user.priv == nil ? nil : .environment("PRIV"),
                    timeout: .milliseconds(500), retries: 1))
        }
    }

    /// What a source says once the server is up, or no longer busy starting.
    private func sample(_ source: SNMPCounterSource, _ agent: WatchedAgent) async -> CounterSample {
        var sample = await source.sample(agent)
        for _ in 0..<20 where sample.unknown?.code == .timeout { sample = await source.sample(agent) }
        return sample
    }

    @Test("every protocol that this machine has is spoken", .enabled(if: isInstalled, "snmpd is not installed"))
    func protocols() async throws {
        let server = try Server()
        defer { server.end() }
        for user in Self.users {
            let source = SNMPCounterSource.forTests()
            let first = await sample(source, server.watched(user))
            // OpenSSL may have no DES, which is said; and nothing else may be.
            if user.priv == .des, first.unknown?.code == .notAsked {
                #expect(first.unknown?.detail.contains("cannot do snmp.priv des") == true)
                continue
            }
            #expect(first.unknown == nil, "\(user.name)")
            #expect(first.engineBoots != nil)
            guard case .bits64? = first.interfaces.first?.inOctets else {
                Issue.record("\(user.name): no counter in \(first)")
                continue
            }
        }
    }

    @Test(
        "a wrong user, key or protection is named, and a restart costs no poll",
        .enabled(if: isInstalled, "snmpd is not installed"))
    func refusals() async throws {
        let server = try Server()
        defer { server.end() }
        let usual = Self.users[2]
        let source = SNMPCounterSource.forTests()
        let before = await sample(source, server.watched(usual))
        #expect(before.unknown == nil)

        var wrong = server.watched(usual)
        wrong.snmp.user = "nobody"
        #expect(await source.sample(wrong).unknown?.detail.contains("does not know the user 'nobody'") == true)
        wrong = server.watched(usual)
        wrong.snmp.authKey = .environment("PRIV")
        #expect(await source.sample(wrong).unknown?.detail.contains("correct snmp.auth or snmp.auth_key") == true)
        wrong = server.watched(usual)
        wrong.snmp.privKey = .environment("AUTH")
        let undecrypted = await source.sample(wrong).unknown
        let isNamed = undecrypted?.detail.contains("snmp.priv_key") == true || undecrypted?.code == .timeout
        #expect(isNamed, "\(String(describing: undecrypted))")
        wrong = server.watched(Self.users[1])
        wrong.snmp.user = usual.name
        let unprotected = await source.sample(wrong)
        #expect(unprotected.unknown != nil || unprotected.interfaces.allSatisfy { $0.unknown != nil })

        // It was killed, so that its clock went back without its boots being counted.
        server.stop()
        try server.start()
        let after = await sample(source, server.watched(usual))
        #expect(after.unknown == nil)
        #expect(after.engineBoots == before.engineBoots)
    }
}
