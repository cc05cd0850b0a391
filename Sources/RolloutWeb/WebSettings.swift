public import RolloutEngine

/// How the web server is set up.
public struct WebSettings: Sendable {
    /// The address that it listens at: numbers, as `127.0.0.1` or `::1`.
    public var address = "127.0.0.1"
    /// The port; 0 for any that is free.
    public var port: UInt16 = 8480
    /// How people reach it through a proxy that speaks TLS: `https://rollout.example.net`. Nil when nobody does.
    public var publicURL: String?
    /// Whether whoever reaches it may look without a token. Nobody ever acts without one.
    public var looksWithoutToken = false
    /// How many requests a second one client may send in the long run, and four times as many at once.
    public var requestsPerSecond = 50.0

    /// What signs messages of hooks; nil when only tokens prove who sends them.
    public var hookSecret: Secret?
    /// The version of the program, for metrics.
    public var version = ""

    /// The settings that need no saying: loopback, with a token.
    public init() {}

    /// The name in the public address.
    var publicHost: String? {
        guard let url = publicURL, url.hasPrefix("https://") else { return nil }
        let rest = url.dropFirst("https://".count).prefix { $0 != "/" && $0 != ":" }
        return rest.isEmpty ? nil : rest.lowercased()
    }

    /// Why it may not be set up like this.
    ///
    /// - Throws: `WebError` when others would reach it without TLS, or the public address cannot be used.
    func check() throws(WebError) {
        if let publicURL, publicHost == nil {
            throw WebError(
                .badInput,
                "--public-url '\(publicURL)' is not an address such as https://rollout.example.net: tokens do not travel without TLS"
            )
        }
        guard LoopbackAddress.isOne(address) || publicURL != nil else {
            throw WebError(
                .refused,
                "\(address) can be reached from elsewhere, and this server speaks no TLS: listen at 127.0.0.1 behind a proxy, or say where the proxy is reached with --public-url https://NAME"
            )
        }
    }
}
