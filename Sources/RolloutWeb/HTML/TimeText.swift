import RolloutEngine

/// Times and spans as people read them.
enum TimeText {
    /// `2026-03-01 02:00:07 UTC`, as an element that a script can show in the reader's own zone.
    static func moment(_ instant: Instant) -> HTML {
        let text = instant.description
        return "<time datetime=\"\(text)\">\(text.prefix(10).description) \(clock(instant))</time>"
    }

    /// `02:00:07 UTC`.
    static func clock(_ instant: Instant) -> String { String(instant.description.dropFirst(11).prefix(8)) + " UTC" }

    /// How long it still is, or how long ago it was; a script counts on from there.
    static func counting(to instant: Instant, at now: Instant) -> HTML {
        let span = instant > now ? instant - now : now - instant
        return "<time class=\"count\" data-at=\"\(milliseconds: instant)\">\(brief(span))</time>"
    }

    /// `8m 41s`, `1h 58m`: at most two parts and no milliseconds.
    static func brief(_ span: Timespan) -> String {
        let seconds = max(0, (span.milliseconds + 500) / 1000)
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3600 { return "\(seconds / 60)m \(seconds % 60)s" }
        if seconds < 172_800 { return "\(seconds / 3600)h \(seconds / 60 % 60)m" }
        return "\(seconds / 86_400)d \(seconds / 3600 % 24)h"
    }
}
