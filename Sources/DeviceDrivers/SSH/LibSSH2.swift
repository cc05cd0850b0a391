import CSSH2

/// What is asked of libssh2 without a connection.
enum LibSSH2 {
    /// Initialises the library, once: `libssh2_init` is not safe to call from two threads.
    static let isReady: Bool = cssh2_init() == 0

    /// What this libssh2 can do. 1.10 has no rsa-sha2, no AES-GCM, no chacha20 and no encrypt-then-MAC.
    static let offer: KeyExchangeOffer = {
        KeyExchangeOffer(
            keyExchange: algorithms(LIBSSH2_METHOD_KEX), hostKeys: algorithms(LIBSSH2_METHOD_HOSTKEY),
            ciphers: algorithms(LIBSSH2_METHOD_CRYPT_CS), macs: algorithms(LIBSSH2_METHOD_MAC_CS))
    }()

    /// Our host key algorithms with those for the known key types first, so that a server with several keys shows one that
    /// can be compared; with nothing known, ed25519 first.
    static func hostKeyPreference(known: [String]) -> String {
        let wanted = known.isEmpty ? ["ssh-ed25519"] : known
        let fits = plainHostKeys.filter { method in
            wanted.contains(method) || method.hasPrefix("rsa-sha2-") && wanted.contains("ssh-rsa")
        }
        return (fits + plainHostKeys.filter { !fits.contains($0) }).joined(separator: ",")
    }

    /// Without those of certificates, which cannot be checked here.
    private static let plainHostKeys = offer.hostKeys.filter { !$0.contains("-cert-") }

    /// Which of the lines with hashed names hold for a name.
    ///
    /// One line at a time, because the library says that a name is known but not by which line.
    static func hashedMatches(_ name: String, in hosts: KnownHosts) -> [Int] {
        guard !hosts.hashed.isEmpty, isReady, let session = libssh2_session_init_ex(nil, nil, nil, nil) else {
            return []
        }
        defer { libssh2_session_free(session) }
        guard let collection = libssh2_knownhost_init(session) else { return [] }
        defer { libssh2_knownhost_free(collection) }
        let format = LIBSSH2_KNOWNHOST_TYPE_PLAIN | CInt(LIBSSH2_KNOWNHOST_KEYENC_BASE64)
        return hosts.hashed.filter { index in
            let line = hosts.lines[index]
            guard let hashed = line.hashedName else { return false }
            let text = "\(hashed) \(line.entry.type) \(line.entry.key.base64)"
            guard libssh2_knownhost_readline(collection, text, text.utf8.count, LIBSSH2_KNOWNHOST_FILE_OPENSSH) == 0
            else { return false }
            defer {
                var stored: UnsafeMutablePointer<libssh2_knownhost>?
                if libssh2_knownhost_get(collection, &stored, nil) == 0 { libssh2_knownhost_del(collection, stored) }
            }
            let found = libssh2_knownhost_check(collection, name, "AAAA", 0, format, nil)
            return found == LIBSSH2_KNOWNHOST_CHECK_MATCH || found == LIBSSH2_KNOWNHOST_CHECK_MISMATCH
        }
    }

    private static func algorithms(_ method: CInt) -> [String] {
        guard isReady, let session = libssh2_session_init_ex(nil, nil, nil, nil) else { return [] }
        defer { libssh2_session_free(session) }
        var names: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        let count = libssh2_session_supported_algs(session, method, &names)
        guard count > 0, let names else { return [] }
        defer { libssh2_free(session, names) }
        return (0..<Int(count)).compactMap { names[$0].map { String(cString: $0) } }
    }
}
