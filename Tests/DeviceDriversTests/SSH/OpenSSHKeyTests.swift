import Foundation
import RolloutEngine
import Testing

@testable import DeviceDrivers

/// Keys as ssh-keygen makes them, and what is read of them without libssh2.
@Suite("Private keys in OpenSSH's format", .enabled(if: Tool.path("ssh-keygen") != nil, "needs ssh-keygen"))
struct OpenSSHKeyTests {
    private func key(_ type: String, passphrase: String = "", format: String = "RFC4716") throws
        -> (bytes: [UInt8], publicLine: String)
    {
        let folder = NSTemporaryDirectory() + "key-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Tool.run(
            "ssh-keygen", "-q", "-t", type, "-m", format, "-N", passphrase, "-C", "somebody", "-f", "\(folder)/key")
        return (
            Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/key"))),
            try String(contentsOfFile: "\(folder)/key.pub", encoding: .utf8)
        )
    }

    @Test(
        "the public half of every type, and the seed of Ed25519",
        arguments: [("ed25519", 32), ("ecdsa", nil), ("rsa", nil)] as [(String, Int?)])
    func read(_ type: String, _ seed: Int?) throws {
        let (bytes, line) = try key(type)
        let known = try #require(OpenSSHKey(bytes))
        #expect("\(known.publicKey.type) \(known.publicKey.base64) somebody\n" == line)
        #expect(known.seed?.count == seed)
    }

    @Test("an encrypted one, one in PEM, and what is none are left to libssh2")
    func left() throws {
        #expect(OpenSSHKey(try key("ed25519", passphrase: "open sesame").bytes) == nil)
        #expect(OpenSSHKey(try key("ecdsa", format: "PEM").bytes) == nil)
        #expect(OpenSSHKey([]) == nil)
    }

    @Test("a file that was cut or changed anywhere never traps, and never gives a seed that is not the public half's")
    func damaged() throws {
        let (bytes, _) = try key("ed25519")
        let whole = try #require(OpenSSHKey(bytes))
        for index in bytes.indices {
            _ = OpenSSHKey(Array(bytes[..<index]))
            var changed = bytes
            changed[index] = bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            guard let damaged = OpenSSHKey(changed), damaged.seed != nil else { continue }
            #expect(damaged.publicKey == whole.publicKey)
        }
    }
}
