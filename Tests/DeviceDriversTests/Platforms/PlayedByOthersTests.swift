import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

/// Devices that simnos and fakenos play behind SSH servers of paramiko: written by others, who know nothing of our definitions.
/// They know logins, prompts, paging and what some commands print, and can be changed in nothing.
@Suite("Command lines: played by others", .timeLimit(.minutes(5)))
struct PlayedByOthersTests {
    /// One of their platforms, read with one of our definitions.
    struct Reading: Sendable {
        let theirs: String
        let ours: PlatformName
        let command: String
        let answer: Answer

        enum Answer: Sendable {
            /// Firmware and model are read from it as these.
            case identity([String?])
            /// Its prompt is one without a hostname.
            case nameless
            /// It cannot be read, with this code and text.
            case failure(DriverError.Code, String)
        }
    }

    /// What both play as the vendors' devices look, and what neither does: the prompts of NX-OS, IOS XR, VRP and VyOS are `name>`
    /// or `name$` there, and the last line is named in the error. Those of Junos look as if the device had no name.
    private static let readings: [Reading] = [
        Reading(
            theirs: "cisco_ios", ours: "cisco_iosxe", command: "show version",
            answer: .identity(["17.03.01a", "CSR1000V"])),
        Reading(
            theirs: "arista_eos", ours: "arista_eos", command: "show version",
            answer: .identity(["4.26.0F-21792469.4260F (engineering build)", "cEOSLab"])),
        Reading(
            theirs: "cisco_nxos", ours: "cisco_nxos", command: "show version",
            answer: .failure(.timeout, "the last line is 'r-cisco-nxos>'")),
        Reading(
            theirs: "cisco_xr", ours: "cisco_iosxr", command: "show version",
            answer: .failure(.timeout, "the last line is 'r-cisco-xr>'")),
        Reading(
            theirs: "juniper_junos", ours: "juniper_junos", command: "show version",
            answer: .nameless),
        Reading(
            theirs: "huawei_vrp", ours: "huawei_vrp", command: "display version",
            answer: .failure(.timeout, "the last line is 'r-huawei-vrp>'")),
    ]

    private static let simnos =
        readings + [
            Reading(
                theirs: "cisco_ios", ours: "cisco_iosxe", command: "show nothing of the kind",
                answer: .failure(.refused, "the device said % Invalid input detected")),
            Reading(
                theirs: "mikrotik_routeros", ours: "mikrotik_routeros", command: "/system identity print",
                answer: .failure(.refused, "the device said bad command name")),
        ]

    private static let fakenos =
        readings + [
            Reading(
                theirs: "mikrotik_routeros", ours: "mikrotik_routeros", command: "/system identity print",
                answer: .failure(.timeout, "the last line is 'r-mikrotik-routeros>'"))
        ]

    @Test(
        "what simnos plays is read right, or refused by name",
        .enabled(if: Players.isInstalled("simnos"), "needs simnos: scripts/install-oracles"))
    func readSimnos() async throws { try await read(Self.simnos, playedBy: "simnos") }

    @Test(
        "what fakenos plays is read right, or refused by name",
        .enabled(if: Players.isInstalled("fakenos"), "needs fakenos: scripts/install-oracles"))
    func readFakenos() async throws { try await read(Self.fakenos, playedBy: "fakenos") }

    @Test(
        "a server that has nothing but an RSA key, and no SHA-1, is refused with what both sides know",
        .enabled(if: Players.isInstalled("simnos"), "needs simnos: scripts/install-oracles"))
    func onlyRSA() async throws {
        let players = try Players("simnos", ["cisco_ios"], key: "rsa")
        let failure = await #expect(throws: DriverError.self) {
            try await players.ask("show version", "cisco_ios", as: "cisco_iosxe")
        }
        #expect(failure?.code == .unsupported && failure?.effect == DriverError.Effect.none, "\(failure as Any)")
        let names = ["nothing in common for host keys", "rsa-sha2-512,rsa-sha2-256"]
        #expect(names.allSatisfy { failure?.message.contains($0) == true }, "\(failure as Any)")
    }

    private func read(_ readings: [Reading], playedBy package: String) async throws {
        let players = try Players(package, Set(readings.map(\.theirs)).sorted(), key: "ed25519")
        await withDiscardingTaskGroup { group in
            for reading in readings { group.addTask { await expect(reading, players) } }
        }
    }

    private func expect(_ reading: Reading, _ players: Players) async {
        let what = "\(players.package) \(reading.theirs): \(reading.command)"
        do throws(DriverError) {
            let said = try await players.ask(reading.command, reading.theirs, as: reading.ours)
            if case .nameless = reading.answer {
                #expect(said.hostname == "", "\(what)")
                return
            }
            guard case .identity(let wanted) = reading.answer else {
                Issue.record("\(what) was answered: \(said.lines.prefix(5))")
                return
            }
            #expect(said.hostname == players.hostname(of: reading.theirs), "\(what)")
            #expect(said.identity == wanted, "\(what): \(said.lines.prefix(5))")
        } catch {
            guard case .failure(let code, let text) = reading.answer else {
                Issue.record("\(what): \(error)")
                return
            }
            #expect(error.code == code && error.message.contains(text), "\(what): \(error)")
            #expect(error.effect == DriverError.Effect.none, "\(what)")
        }
    }
}

/// A process that plays devices until this object is gone.
private final class Players: Sendable {
    let package: String
    private let folder: String
    private let ports: [String: Int]
    private let process: Process
    private let input = Pipe()

    private static let environment = ProcessInfo.processInfo.environment
    private static let place =
        environment["ROLLOUT_ORACLES"]
        ?? (environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache") + "/rollout-oracles"

    static func isInstalled(_ package: String) -> Bool {
        access("\(place)/\(package)/installed", R_OK) == 0 && Tool.path("ssh-keygen") != nil
    }

    init(_ package: String, _ platforms: [String], key: String) throws {
        self.package = package
        folder = NSTemporaryDirectory() + "rollout-players-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Tool.run("ssh-keygen", "-q", "-t", key, "-m", "PEM", "-N", "", "-C", "", "-f", "\(folder)/key")
        try "secret\n".write(toFile: "\(folder)/password", atomically: true, encoding: .utf8)
        chmod("\(folder)/password", 0o600)
        let ports = Dictionary(uniqueKeysWithValues: platforms.map { ($0, RealServer.freePort()) })
        self.ports = ports
        let hostKey = try String(contentsOfFile: "\(folder)/key.pub", encoding: .utf8)
        try ports.values.map { "[127.0.0.1]:\($0) \(hostKey)" }.joined()
            .write(toFile: "\(folder)/known_hosts", atomically: true, encoding: .utf8)
        process = Process()
        let output = Pipe()
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        process.executableURL = URL(filePath: "\(Self.place)/\(package)/bin/python")
        process.arguments =
            [tests.appending(path: "Oracles/play_platforms.py").path, package, "\(folder)/key"]
            + ports.map { "\($0.key)=\($0.value)" }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard said.hasPrefix("ready") else {
            throw DriverError(.localSetup, "\(package) does not start: \(said)", effect: .none)
        }
    }

    deinit {
        process.terminate()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func hostname(of platform: String) -> String { "r-" + platform.replacing("_", with: "-") }

    /// Logs in, goes where the definition is at home, turns paging off, and asks one thing.
    func ask(_ command: String, _ theirs: String, as platform: PlatformName) async throws(DriverError)
        -> (hostname: String?, identity: [String?], lines: [String])
    {
        let settings = SSHSettings(
            port: ports[theirs] ?? 0, user: "admin", password: .file("\(folder)/password"),
            knownHosts: "\(folder)/known_hosts", connectTimeout: .seconds(60), commandTimeout: .seconds(15))
        let device = Device(
            name: "edge-1", address: "127.0.0.1", platform: platform, range: "eco", datacentre: "gra", ssh: settings)
        let secrets = EnvironmentAndFileSecrets()
        let definition: PlatformDefinition?
        do { definition = try PlatformLibrary().definition(named: platform) } catch { definition = nil }
        guard let definition else { throw DriverError.unsupported("no definition of \(platform)") }
        let driver = try CLIDriver(definition, over: SSHTransport(secrets: secrets), secrets: secrets)
        return try await driver.withSession(to: device, within: .seconds(120)) { line throws(DriverError) in
            let said = try await line.ask(command)
            let identity = [definition.identity.firmware, definition.identity.model].map { finding in
                finding.flatMap { DeviceReader.value($0, in: said.lines) }
            }
            return (line.hostname, identity, said.lines)
        }
    }
}
