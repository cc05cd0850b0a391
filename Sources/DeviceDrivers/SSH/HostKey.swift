import FoundationEssentials
import RolloutEngine

/// A public host key as a server offers it or a known_hosts file holds it.
public struct HostKey: Hashable, Sendable {
    /// The key's type as SSH names it: `ssh-ed25519`.
    public let type: String
    /// The key in SSH's wire format.
    public let bytes: [UInt8]

    /// Wraps a key in wire format, which begins with the name of its type; nil when it does not.
    public init?(bytes: [UInt8]) {
        var fields = SSHFields(bytes[...])
        guard let name = fields.string(), (1...64).contains(name.count), name.allSatisfy({ (33...126).contains($0) })
        else { return nil }
        type = String(decoding: name, as: UTF8.self)
        self.bytes = bytes
    }

    /// Reads the base64 of a known_hosts line; nil when it is none.
    public init?(base64: String) {
        guard let data = Data(base64Encoded: base64) else { return nil }
        self.init(bytes: Array(data))
    }

    /// The key as known_hosts lines hold it.
    public var base64: String { Data(bytes).base64EncodedString() }

    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    public var fingerprint: String {
        let digits = Array(Digest(of: bytes).hexadecimal.utf8)
        let hash = stride(from: 0, to: digits.count, by: 2).map { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
        }
        return "SHA256:" + Data(hash).base64EncodedString().prefix { $0 != "=" }
    }
}
