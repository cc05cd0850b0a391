import RolloutEngine

/// Verdicts as a picture (SVG 1.1): one panel a subject, before and after, with the limit, and the untouched devices behind each.
/// Readable in light and dark, in a browser, a post-mortem, or as a PNG.
package struct VerdictSVG {
    let heading: String
    let pictures: [VerdictPicture]

    /// Draws pictures under a heading.
    package init(heading: String, pictures: [VerdictPicture]) {
        self.heading = heading
        self.pictures = pictures
    }

    private static let width = 920.0
    private static let left = 108.0
    private static let right = 20.0
    private static let panel = 96.0
    private static let gap = 34.0

    /// How it looks. A browser that is told to take no styles from within a file is told the digest of these.
    static let sheet = """
        svg { background: #fff } text { fill: #1c2024 } .heading { font-size: 17px; font-weight: bold }
        .title { font-size: 15px; font-weight: bold } .reason, .quiet, .axis { fill: #60646c } .axis { font-size: 11px }
        .bad { fill: #b42318; font-weight: bold } .frame { fill: none; stroke: #d0d4da } .after { fill: #eef4fb }
        .line { fill: none; stroke: #0b66c3; stroke-width: 2 } .line.failed { stroke: #b42318 }
        .control { fill: none; stroke: #9aa1ab; stroke-width: 2; stroke-dasharray: 2 3 }
        .limit { stroke: #b42318; stroke-dasharray: 6 4 } .moment { stroke: #60646c; stroke-dasharray: 1 3 }
        @media (prefers-color-scheme: dark) {
        svg { background: #15181c } text { fill: #e6e8eb } .reason, .quiet, .axis { fill: #a3a9b2 } .bad { fill: #ff8a7a }
        .frame { stroke: #3a3f47 } .after { fill: #1d2733 } .line { stroke: #6cb2ff } .line.failed { stroke: #ff8a7a }
        .limit { stroke: #ff8a7a } .moment { stroke: #a3a9b2 }
        }
        """

    /// The whole file.
    package var text: String {
        var body = ""
        var y = 34.0
        body += label(heading, x: 20, y: y, "heading")
        for picture in pictures {
            y += 36
            body += label(picture.title, x: 20, y: y, "title")
            for line in Self.wrapped(picture.reason, at: 125) {
                y += 18
                body += label(line, x: 20, y: y, "reason")
            }
            y += 16
            for subject in picture.subjects {
                body += draw(subject, of: picture, top: y + 18)
                y += 18 + Self.panel + Self.gap
            }
            body += label(Self.legend(picture), x: Self.left, y: y, "quiet")
        }
        y += 24
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.shown(Self.width))" height="\(Self.shown(y))" \
            viewBox="0 0 \(Self.shown(Self.width)) \(Self.shown(y))" font-family="sans-serif" font-size="13">
            <title>\(Self.escaped(heading))</title>
            <style>\(Self.sheet)</style>
            <rect class="ground" width="100%" height="100%" fill="none"/>
            \(body)</svg>

            """
    }

    private func draw(_ subject: VerdictPicture.Subject, of picture: VerdictPicture, top: Double) -> String {
        let span = Verdict.Window(from: picture.before.from, to: picture.after.to)
        let width = Self.width - Self.left - Self.right
        let length = max(1, Double((span.to - span.from).milliseconds))
        func x(_ instant: Instant) -> Double {
            Self.left + width * min(1, max(0, Double((instant - span.from).milliseconds) / length))
        }
        let values = subject.points.map(\.value) + (picture.control?.points.map(\.value) ?? [])
        let highest = values.max() ?? 0
        // A limit far above everything would flatten the lines: then it is only named.
        let limit = subject.limit.flatMap { $0 <= max(highest, 1e-9) * 4 ? $0 : nil }
        let ceiling = max(highest, limit ?? 0, 1e-9) * 1.1
        func y(_ value: Double) -> Double { top + Self.panel * (1 - min(1, max(0, value / ceiling))) }
        func path(_ points: [VerdictPicture.Point]) -> String {
            var path = ""
            var last: Instant?
            for point in points {
                // A gap in what is known is a gap in the line.
                let moves = last.map { point.from > $0 } ?? true
                path += moves ? "M" : "L"
                path += "\(Self.shown(x(point.from))) \(Self.shown(y(point.value)))"
                path += "L\(Self.shown(x(point.to))) \(Self.shown(y(point.value)))"
                last = point.to
            }
            return path
        }
        var text = ""
        text += label(subject.name, x: Self.left, y: top - 6, subject.failed ? "bad" : "name")
        if let named = subject.limit {
            let words = "limit \(Self.value(named, picture.unit))"
            text += label(words, x: Self.width - Self.right, y: top - 6, "quiet", anchor: "end")
        }
        let judged = x(picture.after.from)
        text += "<rect class=\"after\" x=\"\(Self.shown(judged))\" y=\"\(Self.shown(top))\" "
        text += "width=\"\(Self.shown(Self.width - Self.right - judged))\" height=\"\(Self.shown(Self.panel))\"/>\n"
        text += "<rect class=\"frame\" x=\"\(Self.shown(Self.left))\" y=\"\(Self.shown(top))\" "
        text += "width=\"\(Self.shown(width))\" height=\"\(Self.shown(Self.panel))\"/>\n"
        text += line("moment", x(picture.before.to), top, x(picture.before.to), top + Self.panel)
        if let control = picture.control {
            text += "<path class=\"control\" d=\"\(path(control.points))\"/>\n"
        }
        text += "<path class=\"line\(subject.failed ? " failed" : "")\" d=\"\(path(subject.points))\"/>\n"
        if let limit { text += line("limit", Self.left, y(limit), Self.width - Self.right, y(limit)) }
        if let unknown = subject.unknown {
            text += label("unknown: \(unknown)", x: Self.left + 8, y: top + 18, "bad")
        } else if subject.points.isEmpty {
            text += label("no readings are kept of this time", x: Self.left + 8, y: top + 18, "quiet")
        }
        text += label(
            Self.value(ceiling / 1.1, picture.unit), x: Self.left - 8, y: y(ceiling / 1.1) + 4, "axis", anchor: "end")
        text += label("0", x: Self.left - 8, y: top + Self.panel, "axis", anchor: "end")
        let bottom = top + Self.panel + 15
        text += label(Self.clock(span.from, in: span), x: Self.left, y: bottom, "axis")
        text += label(
            "changed \(Self.clock(picture.before.to, in: span))", x: x(picture.before.to), y: bottom, "axis",
            anchor: "middle")
        text += label(
            "\(Self.clock(span.to, in: span)) UTC", x: Self.width - Self.right, y: bottom, "axis", anchor: "end")
        return text
    }

    private static func legend(_ picture: VerdictPicture) -> String {
        var parts = ["shaded: the time that was judged"]
        if picture.controlCount > 0 {
            parts.append("dotted: median of \(picture.controlCount.counted("untouched subject"))")
        }
        if picture.others > 0 { parts.append("\(picture.others) more of the wave not shown, nothing failed on them") }
        return parts.joined(separator: " · ")
    }

    private func label(_ words: String, x: Double, y: Double, _ style: String, anchor: String = "start") -> String {
        "<text class=\"\(style)\" x=\"\(Self.shown(x))\" y=\"\(Self.shown(y))\" text-anchor=\"\(anchor)\">"
            + "\(Self.escaped(words))</text>\n"
    }

    private func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
        "<line class=\"\(style)\" x1=\"\(Self.shown(x1))\" y1=\"\(Self.shown(y1))\" x2=\"\(Self.shown(x2))\" "
            + "y2=\"\(Self.shown(y2))\"/>\n"
    }

    /// A coordinate, to a tenth of a pixel.
    private static func shown(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        return "\((value * 10).rounded() / 10)"
    }

    private static func value(_ value: Double, _ unit: String) -> String {
        unit == "bit/s" ? GateText.rate(value) : GateText.number(value) + unit
    }

    /// The time of day, to the second where the whole picture is but minutes.
    private static func clock(_ instant: Instant, in span: Verdict.Window) -> String {
        String(instant.description.dropFirst(11).prefix(span.to - span.from < .minutes(15) ? 8 : 5))
    }

    /// Text from elsewhere as text of XML 1.0: whatever is not printable is written out, and what is markup is escaped.
    private static func escaped(_ text: String) -> String {
        SafeText.line(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    private static func wrapped(_ text: String, at width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + word.count + 1 > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }
}
