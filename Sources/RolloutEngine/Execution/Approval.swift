/// Somebody's word that something may begin.
public struct Approval: Hashable, Codable, Sendable {
    /// The wave that may begin; nil for the rollout.
    public var wave: Int?
    /// Whose word it is.
    public var by: String
    /// When it was given.
    public var at: Instant

    /// What may begin, in words.
    package static func subject(_ wave: Int?) -> String { wave.map { "wave \($0)" } ?? "the rollout" }
}

/// An approval that a rollout waits for.
public struct AwaitedApproval: Hashable, Codable, Sendable {
    /// The wave that waits; nil when the rollout does.
    public var wave: Int?
    /// How many people have to approve.
    public var people: Int
    /// Who may; nil for anyone but the author.
    public var by: [String]?
    /// Who did, and whose word still counts.
    public var given: [String]
    /// Who did, and whose word does not count, each with the reason.
    public var inVain: [String]

    /// What is awaited, in words: `wave 3 waits for the approval of 2 of ada, grace; approved by ada`.
    public var words: String {
        var text = "\(Approval.subject(wave)) waits for the approval of \(ApprovalRule.words(for: people, by))"
        if !given.isEmpty { text += "; approved by \(given.joined(separator: ", "))" }
        if !inVain.isEmpty { text += "; not counted: \(inVain.joined(separator: "; "))" }
        return text
    }

    /// The command that gives it, as it is typed.
    package func command(_ rollout: RolloutID) -> String {
        "rollout approve \(rollout.number)\(wave.map { " --wave \($0)" } ?? "") --reason \"WHY\""
    }
}
