internal import Foundation
import RolloutEngine

/// What changed on a rollout's page, as JSON for its script: parts of markup that were escaped here, and letters of devices.
struct LiveUpdate: Codable, Sendable {
    /// Parts that replace those of the same name.
    var parts: [String: String]
    /// Where every device stands, one letter each, in the order of the waves; nil when only few changed.
    var letters: String?
    /// Devices that changed, each by its number and letter.
    var devices: [[String]]
    /// New lines of the journal, oldest first.
    var events: [String]

    var isEmpty: Bool { parts.isEmpty && letters == nil && devices.isEmpty && events.isEmpty }

    /// As JSON on one line.
    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

/// How a page looked when it was sent last.
struct LiveImage: Sendable {
    var parts: [String: HTML]
    var letters: [UInt8]

    init(_ page: RolloutPage) {
        parts = page.parts
        letters = page.letters
    }

    /// All of it, for whoever knows nothing, or something that is long gone.
    func whole(events: [HTML]) -> LiveUpdate {
        LiveUpdate(
            parts: parts.mapValues(\.text), letters: String(decoding: letters, as: UTF8.self), devices: [],
            events: events.map(\.text))
    }

    /// What has to be sent to whoever has the earlier image.
    func update(from earlier: LiveImage, events: [HTML]) -> LiveUpdate {
        var update = LiveUpdate(parts: [:], letters: nil, devices: [], events: events.map(\.text))
        for (name, part) in parts where earlier.parts[name] != part { update.parts[name] = part.text }
        guard letters.count == earlier.letters.count else {
            update.letters = String(decoding: letters, as: UTF8.self)
            return update
        }
        for (number, letter) in letters.enumerated() where earlier.letters[number] != letter {
            update.devices.append(["\(number)", String(decoding: [letter], as: UTF8.self)])
        }
        if update.devices.count > letters.count / 4 {
            update.devices = []
            update.letters = String(decoding: letters, as: UTF8.self)
        }
        return update
    }
}
