public import RolloutEngine

/// The web page and the interface for programs, over a store.
public struct WebServer: Sendable {
    private let listener: Listener
    private let application: WebApplication

    /// Listens from now on; `run` answers.
    ///
    /// - Throws: `WebError` when the settings are not safe, nobody may listen there, or its files are missing.
    public init(store: any JournalStore, settings: WebSettings, clock: any EngineClock) throws(WebError) {
        try self.init(store: store, settings: settings, clock: clock, limits: RequestLimits())
    }

    init(store: any JournalStore, settings: WebSettings, clock: any EngineClock, limits: RequestLimits)
        throws(WebError)
    {
        try settings.check()
        let assets = try Assets()
        listener = try Listener(address: settings.address, port: settings.port, limits: limits)
        application = WebApplication(store: store, settings: settings, clock: clock, assets: assets)
    }

    /// The port that it listens at.
    public var port: UInt16 { listener.port }

    /// Answers until the task is cancelled.
    public func run() async throws {
        let application = application
        try await withThrowingTaskGroup { group in
            group.addTask { try await listener.run { await application.respond(to: $0) } }
            group.addTask { await application.tidy() }
            try await group.next()
            group.cancelAll()
        }
    }
}
