import ArgumentParser
import RolloutEngine
import RolloutWeb

/// Serves the web page and the interface for programs.
struct WebCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "web", abstract: "Serve the web page and the HTTP interface; see docs/web.md.")

    @OptionGroup var web: WebOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let server = try WebServer(store: try store.open(), settings: try web.settings(), clock: SystemClock())
            say("listening at http://\(web.host):\(server.port)/   (Ctrl-C ends it; rollouts are not touched)")
            let serving = Task { try await server.run() }
            let interrupts = Interrupts { _ in serving.cancel() }
            defer { interrupts.stop() }
            do { try await serving.value } catch is CancellationError {}
            return .done
        }
    }
}
