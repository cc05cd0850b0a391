import DeviceDrivers
import Foundation
import RolloutEngine
import Testing

@Suite("Trusted host keys")
struct HostKeyFileTests {
    private let path = NSTemporaryDirectory() + "rollout-known-\(UUID().uuidString)/known_hosts"

    private func key(_ seed: UInt8) throws -> HostKey {
        let name = Array("ssh-ed25519".utf8)
        return try #require(HostKey(bytes: [0, 0, 0, 11] + name + [0, 0, 0, 32] + Array(repeating: seed, count: 32)))
    }

    private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test("a new key is added once, readable by its owner only, and listed")
    func add() throws {
        let file = HostKeyFile(path: path)
        #expect(try file.list() == [])
        #expect(try file.accept(key(1), address: "10.0.0.1", port: 22) == .added)
        #expect(try file.accept(key(1), address: "10.0.0.1", port: 22) == .alreadyTrusted)
        #expect(try file.accept(key(2), address: "10.0.0.1", port: 2222) == .added)
        #expect(try file.list().map(\.names) == [["10.0.0.1"], ["[10.0.0.1]:2222"]])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("a different key is refused unless replacing is meant, and replaces only that device's")
    func replace() throws {
        let file = HostKeyFile(path: path)
        try file.accept(key(9), address: "other", port: 22)
        let shared = "# ours\nalpha,beta ssh-ed25519 \(try key(1).base64) comment"
        try (try text() + shared).write(toFile: path, atomically: true, encoding: .utf8)
        let before = try text()
        let error = #expect(throws: DriverError.self) { try file.accept(key(2), address: "alpha", port: 22) }
        #expect(error?.code == .hostKeyChanged)
        #expect(try text() == before)
        #expect(try file.accept(key(2), address: "ALPHA", port: 22, replacing: true) == .replaced([key(1)]))
        #expect(try file.list().map(\.names) == [["other"], ["beta"], ["alpha"]])
        #expect(try text().contains("beta ssh-ed25519 \(try key(1).base64) comment\n"))
    }

    @Test("a revoked key is never accepted")
    func revoked() throws {
        let file = HostKeyFile(path: path)
        try file.accept(key(1), address: "a", port: 22)
        try "@revoked * ssh-ed25519 \(try key(7).base64)\n".write(toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: DriverError.self) {
            try file.accept(key(7), address: "b", port: 22, replacing: true)
        }
        #expect(error?.code == .hostKeyChanged)
    }

    @Test("many who accept at once lose no line")
    func concurrent() async throws {
        let file = HostKeyFile(path: path)
        let key = try key(3)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<50 {
                group.addTask { try file.accept(key, address: "10.0.0.\(index)", port: 22) }
            }
            try await group.waitForAll()
        }
        #expect(try file.list().count == 50)
    }
}
