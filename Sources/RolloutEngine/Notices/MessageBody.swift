public import Foundation

/// A message as a receiver reads it: JSON in which nothing that came from elsewhere comes alive. Pure.
public enum MessageBody {
    /// The body for a receiver.
    public static func bytes(of message: NoticeMessage, for receiver: NoticeChannel.Receiver) -> Data {
        let value: any Encodable =
            switch receiver {
            case .slack: slack(message)
            case .mattermost: mattermost(message)
            case .teams: teams(message)
            case .generic: Generic(message)
            }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Of texts, lists and maps alone, which can always be written.
        return (try? encoder.encode(value)) ?? Data()
    }

    private static func headline(_ message: NoticeMessage) -> String {
        "[\(message.severity.rawValue)] \(message.title)"
    }

    private static func all(_ message: NoticeMessage) -> [String] {
        message.lines + (message.command.map { ["next: \($0)"] } ?? []) + ["message \(message.id)"]
    }

    // MARK: Slack

    /// Slack's three controls (docs.slack.dev, "Formatting message text"): without `<` there is no mention and no link.
    static func slackText(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private static func slack(_ message: NoticeMessage) -> JSONTree {
        func plain(_ text: String) -> JSONTree {
            .map([
                "type": .text("section"),
                "text": .map(["type": .text("plain_text"), "emoji": .truth(false), "text": .text(text)]),
            ])
        }
        // A section holds 3000 characters, and escapes are longer than what they stand for.
        let lines = all(message).map { String(slackText($0).prefix(1500)) }
        var blocks = [plain(slackText(headline(message)))]
        var gathered = ""
        for line in lines {
            if gathered.count + line.count > 2900 {
                blocks.append(plain(gathered))
                gathered = ""
            }
            gathered += (gathered.isEmpty ? "" : "\n") + line
        }
        if !gathered.isEmpty { blocks.append(plain(gathered)) }
        if let link = message.link {
            blocks.append(
                .map([
                    "type": .text("section"),
                    "text": .map(["type": .text("mrkdwn"), "text": .text("<\(slackText(link))|open the page>")]),
                ]))
        }
        return .map([
            "text": .text(slackText(headline(message))), "mrkdwn": .truth(false), "unfurl_links": .truth(false),
            "unfurl_media": .truth(false), "link_names": .truth(false), "blocks": .list(blocks),
        ])
    }

    // MARK: Mattermost

    /// Within a fence nothing is Markdown. Behind `@`, `!` and a backtick stands a space of no width: no name is called, no
    /// `<!channel>` is read, and no fence ends.
    static func mattermostText(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            result.unicodeScalars.append(character)
            if "@!`~".unicodeScalars.contains(character) { result += "\u{200B}" }
        }
        return result
    }

    private static func mattermost(_ message: NoticeMessage) -> JSONTree {
        let lines = ([headline(message)] + all(message)).map(mattermostText)
        let link = message.link.map { "\n\($0)" } ?? ""
        return .map(["text": .text("```\n\(lines.joined(separator: "\n"))\n```\(link)")])
    }

    // MARK: Teams

    /// Of a `TextRun` nothing is Markdown (adaptivecards.io, TextRun); `<at>` calls nobody without an entity, and is cut all the same.
    static func teamsText(_ text: String) -> String { text.replacing("<", with: "<\u{200B}") }

    private static func teams(_ message: NoticeMessage) -> JSONTree {
        func run(_ text: String, strong: Bool) -> JSONTree {
            .map([
                "type": .text("RichTextBlock"),
                "inlines": .list([
                    .map([
                        "type": .text("TextRun"), "text": .text(teamsText(text)),
                        "weight": .text(strong ? "Bolder" : "Default"),
                    ])
                ]),
            ])
        }
        var card: [String: JSONTree] = [
            "type": .text("AdaptiveCard"), "version": .text("1.4"),
            "$schema": .text("http://adaptivecards.io/schemas/adaptive-card.json"),
            "body": .list([run(headline(message), strong: true)] + all(message).map { run($0, strong: false) }),
        ]
        if let link = message.link {
            card["actions"] = .list([
                .map(["type": .text("Action.OpenUrl"), "title": .text("open the page"), "url": .text(link)])
            ])
        }
        return .map([
            "type": .text("message"),
            "attachments": .list([
                .map([
                    "contentType": .text("application/vnd.microsoft.card.adaptive"), "content": .map(card),
                ])
            ]),
        ])
    }

    // MARK: Others

    private struct Generic: Encodable {
        let version = 1
        let id: String
        let at: Instant
        let severity: Notice.Severity
        let title: String
        let lines: [String]
        let command: String?
        let link: String?
        let count: Int
        /// The first of them: a storm does not make a message of any size.
        let notices: [Told]

        init(_ message: NoticeMessage) {
            (id, at, severity, title) = (message.id, message.at, message.severity, message.title)
            (lines, command, link, count) = (message.lines, message.command, message.link, message.notices.count)
            notices = message.notices.prefix(100).map(Told.init)
        }
    }

    private struct Told: Encodable {
        let id: String
        let rollout: Int64?
        let at: Instant
        let kind: Notice.Kind
        let severity: Notice.Severity
        let text: String
        let device: DeviceName?
        let command: String?

        init(_ notice: Notice) {
            (id, rollout, at) = (notice.place.description, notice.place.rollout?.number, notice.at)
            (kind, severity, text) = (notice.kind, notice.severity, String(notice.text.prefix(1000)))
            (device, command) = (notice.device, notice.command)
        }
    }
}

/// JSON of which nothing but its shape is known.
private indirect enum JSONTree: Encodable {
    case text(String)
    case truth(Bool)
    case list([JSONTree])
    case map([String: JSONTree])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .truth(let truth): try container.encode(truth)
        case .list(let list): try container.encode(list)
        case .map(let map): try container.encode(map)
        }
    }
}
