import Foundation
import RolloutEngine
import Synchronization

/// Follows a rollout on the screen: redrawn in place on a terminal, a line an event elsewhere, NDJSON for machines.
final class RolloutView: Sendable {
    /// How it is shown.
    enum Mode: Sendable {
        case live
        case lines
        case json
        case silent
    }

    private struct Shown {
        var state = RolloutState()
        var drawn = 0
        var pulse = 0
        /// Why nothing can be written down at the moment.
        var trouble: String?
    }

    private let mode: Mode
    private let record: RolloutRecord
    private let plan: Plan
    private let style: Style
    private let shown: Mutex<Shown>

    /// - Parameter state: What is known already, and not shown again.
    init(_ record: RolloutRecord, plan: Plan, from state: RolloutState = RolloutState(), mode: Mode, style: Style) {
        shown = Mutex(Shown(state: state))
        self.record = record
        self.plan = plan
        self.mode = mode
        self.style = style
        if mode == .json { show(#"{"type":"version","rollout":"\#(Wiring.version)","stream":"1.0"}"#) }
    }

    /// Takes in an entry, and shows it if it is shown line by line.
    func take(_ entry: JournalEntry, quietly: Bool = false) {
        shown.withLock { $0.state.apply(entry) }
        guard !quietly else { return }
        switch mode {
        case .lines:
            if let text = EventLine(style: style).text(entry) { write(text + "\n") }
        case .json:
            if let text = try? JSONOutput.line(entry) { write(text + "\n") }
        case .live, .silent: break
        }
    }

    /// Says why nothing can be written down for now, and with nil that it can again.
    func note(_ trouble: String?) {
        shown.withLock { $0.trouble = trouble }
        guard mode == .lines else { return }
        let text = trouble.map { "waiting for the store, and starting nothing new: \($0)" } ?? "the store is back"
        write(style.paint(SafeText.line(text), trouble == nil ? .quiet : .warning) + "\n")
    }

    /// Draws the whole screen anew, where there is one.
    func redraw(lease: Lease?, at now: Instant) {
        guard mode == .live else { return }
        shown.withLock { shown in
            let status = RolloutStatus(record, plan: plan, state: shown.state, lease: lease, at: now)
            let left = Self.timeLeft(plan, shown.state)
            let width = Terminal.width
            var lines = StatusScreen(status: status, style: style).lines(estimate: left)
            if let trouble = shown.trouble {
                lines.append(
                    style.paint("waiting for the store, and starting nothing new: \(SafeText.line(trouble))", .warning))
            }
            lines.append(style.paint("Ctrl-C pauses after what is in flight; again detaches", .quiet))
            lines = Array(lines.suffix(max(4, Terminal.height - 1)))
            var text = shown.drawn > 0 ? "\u{1B}[\(shown.drawn)A" : ""
            for line in lines { text += "\r\u{1B}[K" + Terminal.cut(line, to: width) + "\n" }
            text += "\u{1B}[J"
            shown.drawn = lines.count
            write(text)
        }
    }

    /// What is known now.
    var state: RolloutState { shown.withLock(\.state) }

    private static func timeLeft(_ plan: Plan, _ state: RolloutState) -> Timespan {
        plan.waves.filter { state[wave: $0.index].passedAt == nil }.reduce(.zero) { sum, wave in
            sum + PlanDuration.estimate(wave, plan.policy)
        }
    }

    /// A screen that nobody reads any more must not end a rollout.
    private func write(_ text: String) { try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) }
}

/// JSON as this program writes it. It may be read on a terminal, too: what one would obey is escaped.
enum JSONOutput {
    /// One value on one line.
    static func line(_ value: some Encodable) throws -> String { try text(value, []) }

    /// One value, indented.
    static func pretty(_ value: some Encodable) throws -> String { try text(value, .prettyPrinted) }

    private static func text(_ value: some Encodable, _ form: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = form.union([.sortedKeys, .withoutEscapingSlashes])
        return SafeText.json(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}
