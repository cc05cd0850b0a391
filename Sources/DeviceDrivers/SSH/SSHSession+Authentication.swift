import CSSH2
import FoundationEssentials
import RolloutEngine

/// What a session may prove itself with, already read.
struct SSHCredentials: Sendable {
    /// A private key and where it came from.
    struct Key: Sendable {
        var path: String
        var bytes: [UInt8]
        var passphrase: Secret?

        /// What we read of it ourselves; nil when only libssh2 can.
        let known: OpenSSHKey?

        init(path: String, bytes: [UInt8]) {
            self.path = path
            self.bytes = bytes
            known = OpenSSHKey(bytes)
        }

        /// Whether it is an RSA key, which libssh2 1.10 signs with SHA-1 only.
        var isRSA: Bool {
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains("BEGIN RSA PRIVATE KEY") { return true }
            let body = text.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
            guard let data = Data(base64Encoded: body) else { return false }
            // The public half stands first, in the clear, also in an encrypted key.
            return String(decoding: data.prefix(200), as: UTF8.self).contains("ssh-rsa")
        }
    }

    var user: String
    var key: Key?
    var password: Secret?
}

extension SSHSession {
    /// Proves who we are: by key, then by password in whichever of its two forms the server takes.
    func authenticate(_ credentials: SSHCredentials, _ time: TimeLimit) async throws(SSHError) {
        var tried: [String] = []
        let user = ForeignBytes(credentials.user)
        if let key = credentials.key {
            if try await offer(key, as: user, time) { return }
            let hint =
                key.isRSA
                ? " (RSA: libssh2 1.10 cannot sign rsa-sha2; use an ed25519 or ECDSA key, or ssh: {client: either})"
                : ""
            tried.append("public key \(key.path)\(hint)")
        }
        let offered = try await methods(user, time)
        if let password = credentials.password {
            let secret = password.reveal { ForeignBytes($0) }
            let names = offered?.split(separator: ",").map(String.init) ?? []
            // Only what is offered: a refused attempt counts towards the server's lockout.
            if names.contains("password") {
                if try await offerPassword(secret, as: user, time) { return }
                tried.append("password")
            }
            if names.contains("keyboard-interactive") {
                if try await answerPrompts(secret, as: user, time) { return }
                tried.append("keyboard-interactive")
            }
            if tried.isEmpty { tried.append("nothing, as a password is all we have") }
        }
        throw .authentication(peer: peer, user: credentials.user, tried: tried, offered: offered)
    }

    private func offer(_ key: SSHCredentials.Key, as user: ForeignBytes, _ time: TimeLimit) async throws(SSHError)
        -> Bool
    {
        let step = "authenticating with \(key.path)"
        let answer: Int
        if let known = key.known, let seed = known.seed.map({ ForeignBytes($0) }) {
            let half = ForeignBytes(known.publicKey.bytes)
            answer = try await drive(step, time) { session in
                Int(cssh2_offer_ed25519(session, user.start, half.start, half.count, seed.start))
            }
        } else {
            let bytes = ForeignBytes(key.bytes)
            // Handing over the public half saves libssh2 a second decoding of the key.
            let line = key.known.map { ForeignBytes("\($0.publicKey.type) \($0.publicKey.base64)") }
            let passphrase = key.passphrase?.reveal { ForeignBytes($0) }
            answer = try await drive(step, time) { session in
                Int(
                    libssh2_userauth_publickey_frommemory(
                        session, user.start, user.count, line?.start, line?.count ?? 0, bytes.start, bytes.count,
                        passphrase?.start))
            }
        }
        switch CInt(truncatingIfNeeded: answer) {
        case 0: return true
        case LIBSSH2_ERROR_AUTHENTICATION_FAILED, LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED: return false
        case LIBSSH2_ERROR_FILE, LIBSSH2_ERROR_KEYFILE_AUTH_FAILED, LIBSSH2_ERROR_METHOD_NONE, LIBSSH2_ERROR_DECRYPT:
            let cause = key.passphrase == nil ? "is it encrypted, and no passphrase given?" : "is the passphrase right?"
            throw .localSetup(
                "the private key \(key.path) cannot be used: \(cause) It must be ed25519 or ECDSA in OpenSSH or PEM "
                    + "format; libssh2 says: \(lastError())")
        default: throw failure(step, answer)
        }
    }

    /// The methods that the server says it accepts, comma-separated.
    private func methods(_ user: ForeignBytes, _ time: TimeLimit) async throws(SSHError) -> String? {
        var list: String?
        let step = "asking how to authenticate"
        let answer = try await drive(step, time) { session in
            if let names = libssh2_userauth_list(session, user.start, UInt32(user.count)) {
                list = String(decoding: String(cString: names).utf8.filter { (33...126).contains($0) }, as: UTF8.self)
                return 0
            }
            return Int(libssh2_session_last_errno(session))
        }
        if list == nil, answer != 0, CInt(truncatingIfNeeded: answer) != LIBSSH2_ERROR_AUTHENTICATION_FAILED {
            throw failure(step, answer)
        }
        return list
    }

    private func offerPassword(_ secret: ForeignBytes, as user: ForeignBytes, _ time: TimeLimit) async throws(SSHError)
        -> Bool
    {
        let step = "authenticating with a password"
        let answer = try await drive(step, time) { session in
            Int(
                libssh2_userauth_password_ex(
                    session, user.start, UInt32(user.count), secret.start, UInt32(secret.count), nil))
        }
        return try isAccepted(answer, step)
    }

    private func answerPrompts(_ secret: ForeignBytes, as user: ForeignBytes, _ time: TimeLimit) async throws(SSHError)
        -> Bool
    {
        let step = "authenticating by keyboard-interactive"
        watch.pointee.answer = UnsafePointer(secret.start)
        defer { watch.pointee.answer = nil }
        let answer = try await drive(step, time) { session in
            Int(cssh2_keyboard_interactive(session, user.start, UInt32(user.count)))
        }
        return try isAccepted(answer, step)
    }

    private func isAccepted(_ answer: Int, _ step: String) throws(SSHError) -> Bool {
        switch CInt(truncatingIfNeeded: answer) {
        case 0: return true
        case LIBSSH2_ERROR_AUTHENTICATION_FAILED, LIBSSH2_ERROR_PASSWORD_EXPIRED: return false
        default: throw failure(step, answer)
        }
    }
}
