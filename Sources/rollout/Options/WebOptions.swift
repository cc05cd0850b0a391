import ArgumentParser
import DeviceDrivers
import RolloutEngine
import RolloutWeb

/// Where the web page is served, and to whom.
struct WebOptions: ParsableArguments {
    @Option(help: "The address and port to listen at: 127.0.0.1:8480, [::1]:8480; port 0 for any that is free.")
    var listen = "127.0.0.1:8480"

    @Option(help: "How people reach it through a proxy that speaks TLS: https://rollout.example.net")
    var publicUrl: String?

    @Flag(help: "Whoever reaches it may look without a token. Nobody acts without one.")
    var lookWithoutToken = false

    @Option(
        help: "Where the secret is that signs messages of hooks: env:NAME or file:PATH. Without it, only tokens count.")
    var hookSecret: String?

    /// The address as it stands in a URL.
    var host: String { listen.lastIndex(of: ":").map { String(listen[..<$0]) } ?? listen }

    /// The settings.
    func settings() throws -> WebSettings {
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]),
            !host.isEmpty
        else { throw CommandFailure(.usage, "--listen '\(listen)' is not an address and a port, as in 127.0.0.1:8480") }
        var settings = WebSettings()
        settings.address = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        settings.port = port
        settings.publicURL = publicUrl
        settings.looksWithoutToken = lookWithoutToken
        settings.version = Wiring.version
        if let hookSecret {
            guard let reference = SecretReference(hookSecret) else {
                throw CommandFailure(.usage, "--hook-secret '\(hookSecret)' is neither env:NAME nor file:PATH")
            }
            settings.hookSecret = try EnvironmentAndFileSecrets().resolve(reference)
        }
        return settings
    }
}
