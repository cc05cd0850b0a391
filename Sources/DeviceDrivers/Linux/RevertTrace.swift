import RolloutEngine

/// One file in the state folder of a device: what there is to know of a revert timer. Pure.
struct RevertTrace: Hashable, Sendable {
    /// The order it belongs to.
    var mark: String
    /// What it says.
    var kind: Kind
    /// Whether the process that it names lives. Without one a timer will not act.
    var isAlive: Bool
    /// How long until the timer acts; nil when it will not, or nobody knows.
    var remaining: Timespan?

    /// What a file in the state folder says by being there.
    enum Kind: String, Sendable {
        /// A timer waits.
        case armed
        /// A timer is putting the base back.
        case fired
        /// A timer has put the base back.
        case reverted
        /// A timer has tried to, and something went wrong.
        case failed
        /// Every command of a change was run and succeeded.
        case applied
        /// A change is being applied.
        case busy

        /// Whether the device may still change by itself.
        var isPending: Bool { self == .armed || self == .fired }
    }

    /// Reads an entry `MARK.KIND` with the content `alive|dead DEADLINE PID START BOOT`.
    ///
    /// - Throws: `ShellReport.Garbled` when a waiting timer does not say until when.
    init(name: String, text: String, boot: String, uptime: Int64) throws(ShellReport.Garbled) {
        let words = text.split(separator: " ").map(String.init)
        guard let dot = name.lastIndex(of: "."), let kind = Kind(rawValue: String(name[name.index(after: dot)...])),
            let state = words.first, state == "alive" || state == "dead"
        else { throw ShellReport.Garbled(what: "a trace of a revert timer cannot be read: \(name.prefix(150))") }
        mark = String(name[..<dot])
        self.kind = kind
        isAlive = state == "alive" && words.last == boot
        guard kind.isPending, isAlive else { return }
        guard words.count == 5, let deadline = Self.ticks(words[1]) else {
            throw ShellReport.Garbled(what: "the revert timer of \(mark) does not say until when it waits")
        }
        remaining = .milliseconds(max(0, (deadline - uptime) * 10))
    }

    /// A time of the device's clock, in ticks of 10 ms; nil for what no clock shows.
    static func ticks(_ text: String) -> Int64? { number(text, "").flatMap { $0 <= 1 << 50 ? Int64($0) : nil } }
}
