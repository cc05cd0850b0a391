import FoundationEssentials

/// An unencrypted private key in OpenSSH's own format, as far as we read it.
///
/// Source: OpenSSH, PROTOCOL.key.
struct OpenSSHKey: Sendable {
    /// The public half.
    let publicKey: HostKey
    /// The 32 bytes that an Ed25519 key is made from (RFC 8032, section 5.1.5); nil for keys of other types.
    let seed: [UInt8]?

    /// Reads a key file; nil when it is in another format, encrypted, or contradicts itself. libssh2 then says what it is.
    init?(_ file: [UInt8]) {
        let lines = file.split(separator: UInt8(ascii: "\n"))
        guard lines.first?.elementsEqual("-----BEGIN OPENSSH PRIVATE KEY-----".utf8) == true,
            let data = Data(base64Encoded: Data(lines.filter { $0.first != UInt8(ascii: "-") }.joined()))
        else { return nil }
        let magic = Array("openssh-key-v1\0".utf8)
        guard data.starts(with: magic) else { return nil }
        var rest = SSHFields(Array(data)[magic.count...])
        // Cipher, key derivation and its options; the number of keys; the public half; the private one.
        guard rest.string()?.elementsEqual("none".utf8) == true, rest.string() != nil, rest.string() != nil,
            rest.number() == 1, let half = rest.string(), let publicKey = HostKey(bytes: Array(half)),
            let whole = rest.string()
        else { return nil }
        self.publicKey = publicKey
        seed = Self.seed(in: whole, of: publicKey)
    }

    private static func seed(in whole: ArraySlice<UInt8>, of publicKey: HostKey) -> [UInt8]? {
        var own = SSHFields(publicKey.bytes[...])
        var rest = SSHFields(whole)
        // The same random number twice; the type; the public key; the seed with the public key behind it; a comment.
        guard let check = rest.number(), check == rest.number(), let type = rest.string(),
            type.elementsEqual("ssh-ed25519".utf8), type == own.string(), let point = rest.string(), point.count == 32,
            point == own.string(), let secret = rest.string(), secret.count == 64, secret.suffix(32) == point
        else { return nil }
        return Array(secret.prefix(32))
    }
}
