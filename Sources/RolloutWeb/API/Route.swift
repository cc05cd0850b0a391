import RolloutEngine

/// What an address of this server means. Pure.
enum Route: Hashable, Sendable {
    case rollouts
    case rollout(RolloutID)
    case live(RolloutID)
    case events(RolloutID)
    case devices(RolloutID)
    case device(RolloutID, DeviceName)
    case verdicts(RolloutID)
    case ask(RolloutID)
    case line
    case signIn
    case signOut
    case asset(String)
    case health
    case metrics
    case alertHook
    case api(API)

    /// What programs ask.
    enum API: Hashable, Sendable {
        case description
        case rollouts
        case rollout(RolloutID)
        case devices(RolloutID)
        case device(RolloutID, DeviceName)
        case events(RolloutID)
        case links(RolloutID)
        case choices(RolloutID)
        case line
        case requests(RolloutID)
    }

    /// Reads the parts of a path; nil for what is not here.
    init?(_ path: [String]) {
        var rest = path[...]
        switch rest.popFirst() {
        case nil: self = .rollouts
        case "rollouts":
            guard let id = rest.popFirst().flatMap(Self.number) else { return nil }
            guard let found = Self.page(of: id, rest) else { return nil }
            self = found
        case "assets" where rest.count == 1: self = .asset(path[1])
        case "line" where rest.isEmpty: self = .line
        case "sign-in" where rest.isEmpty: self = .signIn
        case "sign-out" where rest.isEmpty: self = .signOut
        case "healthz" where rest.isEmpty: self = .health
        case "metrics" where rest.isEmpty: self = .metrics
        case "hooks" where rest.elementsEqual(["alertmanager"]): self = .alertHook
        case "api" where rest.popFirst() == "v1":
            guard let found = API(rest) else { return nil }
            self = .api(found)
        default: return nil
        }
    }

    private static func page(of id: RolloutID, _ path: ArraySlice<String>) -> Route? {
        switch (path.count, path.first) {
        case (0, _): .rollout(id)
        case (1, "live"): .live(id)
        case (1, "events"): .events(id)
        case (1, "devices"): .devices(id)
        case (2, "devices"): path.last.map { .device(id, DeviceName(rawValue: $0)) }
        case (1, "verdicts.svg"): .verdicts(id)
        case (1, "ask"): .ask(id)
        default: nil
        }
    }

    /// A rollout's number, spelt in the one way that it is written.
    fileprivate static func number(_ text: String) -> RolloutID? {
        guard let number = Int64(text), number > 0, "\(number)" == text else { return nil }
        return RolloutID(number)
    }

    /// How it may be asked for.
    var methods: [String] {
        switch self {
        case .ask, .line, .signIn, .api(.line): ["GET", "HEAD", "POST"]
        case .signOut, .alertHook, .api(.requests): ["POST"]
        default: ["GET", "HEAD"]
        }
    }

    /// Whether programs ask it, whom nobody can ask to sign in.
    var isForPrograms: Bool {
        switch self {
        case .api, .metrics, .alertHook: true
        default: false
        }
    }
}

extension Route.API {
    fileprivate init?(_ path: ArraySlice<String>) {
        var rest = path
        switch rest.popFirst() {
        case "openapi.json" where rest.isEmpty: self = .description
        case "line" where rest.isEmpty: self = .line
        case "rollouts":
            guard let first = rest.popFirst() else {
                self = .rollouts
                return
            }
            guard let id = Route.number(first) else { return nil }
            switch (rest.count, rest.first) {
            case (0, _): self = .rollout(id)
            case (1, "devices"): self = .devices(id)
            case (2, "devices"): self = .device(id, DeviceName(rawValue: rest[rest.endIndex - 1]))
            case (1, "events"): self = .events(id)
            case (1, "links"): self = .links(id)
            case (1, "choices"): self = .choices(id)
            case (1, "requests"): self = .requests(id)
            default: return nil
            }
        default: return nil
        }
    }
}
