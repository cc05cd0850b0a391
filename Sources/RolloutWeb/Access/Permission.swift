import RolloutEngine

/// What a token allows. Pure.
///
/// A token of some ranges or datacentres reaches the rollouts all of whose devices are there. Of one that reaches further it
/// learns nothing and asks nothing: pausing or reading it would touch devices that are somebody else's.
enum Permission {
    /// The role that an ask needs at least.
    static func role(for verb: OperatorRequest.Verb) -> TokenRole {
        switch verb {
        case .pause, .resume, .abort, .rollBack, .release, .retryFailed: .operator
        case .promote, .approve, .withdraw: .approver
        }
    }

    /// Whether a token reaches everything that a rollout changes.
    static func reaches(_ extent: Extent, by token: TokenRecord) -> Bool {
        let ranges = Set(token.ranges)
        let datacentres = Set(token.datacentres)
        return extent.places.allSatisfy { place in
            (ranges.isEmpty || ranges.contains(place.range))
                && (datacentres.isEmpty || datacentres.contains(place.datacentre))
        }
    }

    /// Why a token may not ask this of a rollout; nil when it may.
    static func refusal(of verb: OperatorRequest.Verb, over extent: Extent, by token: TokenRecord) -> String? {
        let needed = role(for: verb)
        guard token.role >= needed else {
            return "the token '\(token.name)' has the role \(token.role.rawValue), this needs \(needed.rawValue)"
        }
        return reaches(extent, by: token) ? nil : outOfReach(extent, token)
    }

    /// Says that a rollout is out of a token's reach, without saying what is in it.
    static func outOfReach(_ extent: Extent, _ token: TokenRecord) -> String {
        var scope: [String] = []
        if !token.datacentres.isEmpty {
            scope.append("datacentres \(token.datacentres.map(\.rawValue).joined(separator: ", "))")
        }
        if !token.ranges.isEmpty { scope.append("ranges \(token.ranges.map(\.rawValue).joined(separator: ", "))") }
        return
            "the token '\(token.name)' reaches \(scope.joined(separator: " and ")) only, and this rollout changes devices elsewhere"
    }
}
