import RolloutWeb

/// The web page, beside what drives.
struct ServedPage: ServedComponent {
    let name = "the web page"
    let server: WebServer

    func run() async throws { try await server.run() }
}
