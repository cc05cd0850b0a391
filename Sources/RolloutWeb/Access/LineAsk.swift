import RolloutEngine

/// What somebody asks of the line, which holds or releases every rollout of the store: `{"stop": true, "reason": "…"}`.
struct LineAsk: Hashable, Codable, Sendable {
    /// True to stop it, false to release it.
    var stop: Bool
    /// Why.
    var reason: String?

    /// Why a token may not ask it; nil when it may. The line is everybody's: a token that does not reach everything does not
    /// reach it.
    func refusal(of token: TokenRecord) -> String? {
        let needed: TokenRole = stop ? .operator : .approver
        guard token.role >= needed else {
            return "the token '\(token.name)' has the role \(token.role.rawValue), this needs \(needed.rawValue)"
        }
        guard token.ranges.isEmpty, token.datacentres.isEmpty else {
            return "the token '\(token.name)' does not reach every rollout, and the line holds all of them"
        }
        return nil
    }
}
