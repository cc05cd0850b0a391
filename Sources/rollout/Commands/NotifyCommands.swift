import ArgumentParser
import DeviceDrivers
import Foundation
import RolloutEngine

/// Looks at channels of notices.
struct NotifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify",
        abstract: "Look at the channels over which `rollout serve --notify FILE` tells what happens.",
        subcommands: [NotifyListCommand.self, NotifyTestCommand.self, NotifyLintCommand.self])
}

/// Lists what was told.
struct NotifyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List channels: what was told, what is being sent, what was given up and why.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let channels = try await store.open().serviceState().channels.sorted { $0.key < $1.key }
            if output.json {
                show(
                    try JSONOutput.pretty(
                        Dictionary(uniqueKeysWithValues: channels.map { ($0.key.rawValue, $0.value) })))
                return .done
            }
            if channels.isEmpty { say("no channel yet: rollout serve --notify FILE; see docs/notifications.md") }
            for (name, state) in channels { show(ChannelLine.text(name, state)) }
            return .done
        }
    }
}

/// Sends a message now.
struct NotifyTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send a message over a channel, once, and say what came of it.")

    @Argument(help: "The channel, as the file names it.") var channel: String
    @Option(help: "The file with the channels.", completion: .file(extensions: ["yaml", "yml"])) var notify: String
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let file = try NoticeChannels.load(notify)
            guard let its = file.channels.first(where: { $0.name.rawValue == channel }) else {
                let known = file.channels.map(\.name.rawValue).joined(separator: ", ")
                throw CommandFailure(
                    .badInput, "\(notify) has no channel '\(SafeText.line(channel))'; there are: \(known)")
            }
            let now = SystemClock().now()
            let notice = Notice(
                place: NoticePlace(rollout: nil, sequence: 0), at: now, kind: .started, severity: its.severity,
                text: "a test by \(Wiring.user): nothing happened", device: nil, command: nil)
            let message = NoticeMessage(id: "test", [notice], titles: [:], missed: 0, publicURL: file.publicURL)
            guard let message else { return .error }
            let body = MessageBody.bytes(of: message, for: its.receiver)
            switch await HookSender(secrets: EnvironmentAndFileSecrets()).send(body, id: "test", over: its, at: now) {
            case .told:
                say("channel \(its.name) took it")
                return .done
            case .again(let because, _), .never(let because):
                throw CommandFailure(.unavailable, "channel \(its.name): \(because)")
            }
        }
    }
}

/// Checks a file of channels.
struct NotifyLintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Check a file of channels, its secrets and the addresses that its names lead to. Nothing is sent.")

    @Argument(help: "The file.", completion: .file(extensions: ["yaml", "yml"])) var file: String
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let channels = try NoticeChannels.load(file).channels
            let sender = HookSender(secrets: EnvironmentAndFileSecrets())
            var bad = false
            for channel in channels {
                if let complaint = await sender.complaint(about: channel) {
                    bad = true
                    say("\(file): channel \(channel.name): \(SafeText.line(complaint))")
                }
            }
            say("\(file): \(channels.count) channels")
            return bad ? .badInput : .done
        }
    }
}
