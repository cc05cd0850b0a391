/// One difference between two levels of trees.
indirect enum Edit: Hashable, Sendable {
    /// A section is in both, and something in it differs.
    case within(ConfigNode, Level)
    case add(ConfigNode)
    case remove(ConfigNode)
    /// The second takes the place of the first by itself.
    case replace(ConfigNode, by: ConfigNode)
    /// The first has to go before the second can come.
    case exchange(ConfigNode, by: ConfigNode)
    /// The same section, to be said anew as a whole.
    case rewrite(ConfigNode, by: ConfigNode)
    /// The entry stands elsewhere in its list: before another entry, or behind it.
    case move(ConfigNode, isBefore: Bool, of: String)
    /// The same, now without effect, or with effect again.
    case activity(ConfigNode, isInactive: Bool)
    /// No difference, but the change of a sibling takes it away.
    case again(ConfigNode)
}

/// The differences of one section, or of whole trees.
struct Level: Hashable, Sendable {
    var edits: [Edit] = []
    /// What is in it afterwards.
    var new: [ConfigNode] = []
}
