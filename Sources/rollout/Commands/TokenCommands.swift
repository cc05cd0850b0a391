import ArgumentParser
import Foundation
import RolloutEngine
import RolloutWeb

/// Makes and revokes tokens of the HTTP interface.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make, list and revoke tokens of the web page and the HTTP interface.",
        subcommands: [TokenIssueCommand.self, TokenListCommand.self, TokenRevokeCommand.self])
}

/// Makes a token and shows its secret, once.
struct TokenIssueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue", abstract: "Make a token. Its secret is printed once and kept nowhere.")

    @Argument(help: "Who or what uses it; actions are recorded under this name.") var name: String
    @Option(help: "viewer, operator, approver or admin.") var role = "viewer"
    @Option(help: "Only rollouts all of whose devices are in this datacentre; may be given several times.")
    var datacentre: [String] = []
    @Option(help: "Only rollouts all of whose devices are of this product range; may be given several times.")
    var range: [String] = []
    @Option(help: "When it runs out: 12h, 30d. Never unless given.") var expires: String?
    @Option(help: "Why; it is recorded with your name.") var reason: String?
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            guard let role = TokenRole(rawValue: role) else {
                let roles = TokenRole.allCases.map(\.rawValue).joined(separator: ", ")
                throw CommandFailure(.usage, "'\(role)' is no role; there are: \(roles)")
            }
            guard !name.allSatisfy(\.isWhitespace), name.utf8.count <= 100, SafeText.line(name) == name else {
                throw CommandFailure(.usage, "the name of a token is a line of 1 to 100 printable bytes")
            }
            let now = SystemClock().now()
            let end = try expires.map { text in
                guard let span = Timespan(text), span > .zero else {
                    throw CommandFailure(.usage, "'\(text)' is not a length of time such as 12h or 30d")
                }
                return now + span
            }
            let store = try store.open()
            let state = ServiceState(folding: try await store.serviceEntries(after: 0))
            // By number, so that people can say it; names may be used again.
            let id = "t\(state.tokens.count + 1)"
            let secret = TokenSecret.make()
            let record = TokenRecord(
                id: id, name: name, role: role, ranges: range.map { RangeName(rawValue: $0) },
                datacentres: datacentre.map { DatacentreName(rawValue: $0) },
                secretDigest: TokenSecret.digest(of: secret), expiresAt: end)
            _ = try await store.append(
                .tokenIssued(record), by: Wiring.user, reason: reason, after: state.chain.sequence, at: now)
            say("token \(id) for '\(name)', \(role.rawValue). This is its secret; it is shown once:")
            show(secret)
            return .done
        }
    }
}

/// Lists tokens.
struct TokenListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List tokens, oldest first.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let state = ServiceState(folding: try await store.open().serviceEntries(after: 0))
            if output.json {
                show(try JSONOutput.pretty(state.tokens))
                return .done
            }
            if state.tokens.isEmpty { say("no token yet: make one with `rollout token issue NAME`") }
            let now = SystemClock().now()
            for one in state.tokens { show(TokenLine.text(one, at: now, output.style)) }
            return .done
        }
    }
}

/// Revokes a token.
struct TokenRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Make a token useless, from the next request on.")

    @Argument(help: "The token's number, as `token list` shows it: t3") var id: String
    @Option(help: "Why; it is recorded with your name.") var reason: String?
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let store = try store.open()
            let state = ServiceState(folding: try await store.serviceEntries(after: 0))
            guard let known = state.tokens.first(where: { $0.token.id == id }) else {
                throw CommandFailure(.badInput, "there is no token '\(SafeText.line(id))': see `rollout token list`")
            }
            if known.revokedAt != nil {
                say("token \(id) was revoked before")
                return .done
            }
            _ = try await store.append(
                .tokenRevoked(id), by: Wiring.user, reason: reason, after: nil, at: SystemClock().now())
            say("token \(id) of '\(SafeText.line(known.token.name))' is revoked")
            return .done
        }
    }
}
