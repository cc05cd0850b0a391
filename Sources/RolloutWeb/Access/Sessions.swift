import RolloutEngine
internal import Synchronization

/// Who is signed in at the page. They are kept in memory: whoever restarts the server signs everybody out.
final class Sessions: Sendable {
    /// One of them.
    struct Session: Sendable {
        var tokenID: String
        var csrf: String
        var expiresAt: Instant
    }

    /// How long one lasts.
    static let life = Timespan.minutes(12 * 60)
    private static let most = 2000
    /// By the digest of what the browser shows, so that how long a look takes tells nothing.
    private let all = Mutex<[Digest: Session]>([:])

    /// Begins one.
    ///
    /// - Returns: What the browser has to show.
    func begin(for token: TokenRecord, at now: Instant) -> String {
        let secret = TokenSecret.random(bytes: 32)
        let end = min(now + Self.life, token.expiresAt ?? now + Self.life)
        let session = Session(tokenID: token.id, csrf: TokenSecret.random(bytes: 32), expiresAt: end)
        all.withLock { all in
            all = all.filter { $0.value.expiresAt > now }
            if all.count >= Self.most, let oldest = all.min(by: { $0.value.expiresAt < $1.value.expiresAt }) {
                all[oldest.key] = nil
            }
            all[Digest(of: secret)] = session
        }
        return secret
    }

    /// The session of what a browser shows.
    func session(_ secret: String, at now: Instant) -> Session? {
        all.withLock { $0[Digest(of: secret)] }.flatMap { $0.expiresAt > now ? $0 : nil }
    }

    /// Ends one.
    func end(_ secret: String) { all.withLock { $0[Digest(of: secret)] = nil } }
}
