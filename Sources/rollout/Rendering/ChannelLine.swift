import RolloutEngine

/// A channel of notices in a line.
enum ChannelLine {
    /// The line.
    static func text(_ name: ChannelName, _ state: ChannelState) -> String {
        func minute(_ instant: Instant) -> String { String(instant.description.prefix(16)).replacing("T", with: " ") }
        var parts = ["\(name)", "\(state.told) messages" + (state.toldAt.map { ", the last \(minute($0))" } ?? "")]
        if let open = state.open { parts.append("sends message \(open.id) since \(minute(open.at))") }
        if state.missed > 0 { parts.append("\(state.missed) notices were not delivered") }
        if let last = state.givenUp { parts.append("gave up last \(minute(last.at)): \(last.because)") }
        return SafeText.line(parts.joined(separator: "  "))
    }
}
