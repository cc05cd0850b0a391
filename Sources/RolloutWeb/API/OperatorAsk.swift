internal import Foundation
import RolloutEngine

/// What somebody asks of a rollout, as it is written in JSON: `{"verb": "promote", "wave": 2, "override": ["discards"]}`.
struct OperatorAsk: Hashable, Codable, Sendable {
    /// `pause`, `resume`, `promote`, `approve`, `withdraw`, `abort`, `rollback` or `retry`.
    var verb: String
    /// Of a promote, a rollback, an approval: the wave.
    var wave: Int?
    /// Of a promote: the gates to override.
    var override: [GateName]?
    /// Of a rollback: these devices alone.
    var devices: [DeviceName]?
    /// Of a resume: only this kind of pause.
    var only: String?
    /// Why.
    var reason: String?

    /// What is asked by a verb of the engine; nil for what only a command can ask.
    init?(_ verb: OperatorRequest.Verb) {
        switch verb {
        case .pause: self.verb = "pause"
        case .resume(let kind):
            self.verb = "resume"
            only = kind?.rawValue
        case .promote(let wave, let gates):
            self.verb = "promote"
            self.wave = wave
            override = gates
        case .abort: self.verb = "abort"
        case .rollBack(.all): self.verb = "rollback"
        case .rollBack(.wave(let wave)):
            self.verb = "rollback"
            self.wave = wave
        case .rollBack(.devices(let devices)):
            self.verb = "rollback"
            self.devices = devices
        case .retryFailed: self.verb = "retry"
        case .approve(let wave):
            self.verb = "approve"
            self.wave = wave
        case .withdraw(let wave):
            self.verb = "withdraw"
            self.wave = wave
        case .release: return nil
        }
    }

    private enum CodingKeys: String, CodingKey, CaseIterable { case verb, wave, override, devices, only, reason }

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads what is asked, and nothing else: a slip in the name of `wave`, or a wave that is null, would put back everything.
    init(from decoder: any Decoder) throws {
        let all = try decoder.container(keyedBy: AnyKey.self)
        for key in all.allKeys {
            guard CodingKeys(stringValue: key.stringValue) != nil, try !all.decodeNil(forKey: key) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: all, debugDescription: "not known, or null")
            }
        }
        let values = try decoder.container(keyedBy: CodingKeys.self)
        verb = try values.decode(String.self, forKey: .verb)
        wave = try values.decodeIfPresent(Int.self, forKey: .wave)
        override = try values.decodeIfPresent([GateName].self, forKey: .override)
        devices = try values.decodeIfPresent([DeviceName].self, forKey: .devices)
        only = try values.decodeIfPresent(String.self, forKey: .only)
        reason = try values.decodeIfPresent(String.self, forKey: .reason)
    }

    /// What belongs to a verb beside the reason; nil for what is no verb.
    private static func parts(of verb: String) -> Set<String>? {
        switch verb {
        case "pause", "abort", "retry": []
        case "resume": ["only"]
        case "promote": ["wave", "override"]
        case "rollback": ["wave", "devices"]
        case "approve", "withdraw": ["wave"]
        default: nil
        }
    }

    /// Reads JSON.
    init?(_ text: some Sequence<UInt8>) {
        guard let ask = try? JSONDecoder().decode(Self.self, from: Data(text)) else { return nil }
        self = ask
    }

    /// As JSON.
    var text: String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Why it cannot be asked of this rollout.
    struct Refusal: Error, Hashable {
        /// In words, with what there is.
        var reason: String
    }

    /// What it asks of the engine.
    ///
    /// - Throws: `Refusal` when the rollout has no such wave, gate or device, or something is missing.
    func verb(for reading: RolloutReading) throws(Refusal) -> OperatorRequest.Verb {
        let given = [
            ("wave", wave != nil), ("override", override != nil), ("devices", devices != nil), ("only", only != nil),
        ]
        if let known = Self.parts(of: verb), let (name, _) = given.first(where: { $0.1 && !known.contains($0.0) }) {
            throw Refusal(reason: "a \(verb) takes no '\(name)'")
        }
        let waves = reading.plan.waves.map(\.index)
        if let wave, !waves.contains(wave) {
            throw Refusal(reason: "there is no wave \(wave); there are 0 to \(waves.count - 1)")
        }
        if let reason, reason.utf8.count > 2000 { throw Refusal(reason: "the reason has more than 2000 bytes") }
        switch verb {
        case "pause": return .pause
        case "abort": return .abort
        case "retry": return .retryFailed
        case "resume":
            guard let only else { return .resume(nil) }
            guard let kind = PauseReason.Kind(rawValue: only) else {
                let kinds = PauseReason.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal(reason: "'\(SafeText.line(only))' is no kind of pause; there are: \(kinds)")
            }
            return .resume(kind)
        case "promote": return try promote(reading)
        case "approve":
            guard let reason, !reason.trimming.isEmpty else { throw Refusal(reason: "an approval needs a reason") }
            return .approve(wave: wave)
        case "withdraw": return .withdraw(wave: wave)
        case "rollback":
            guard wave == nil || devices == nil else { throw Refusal(reason: "give a wave or devices, not both") }
            if let wave { return .rollBack(.wave(wave)) }
            guard let devices else { return .rollBack(.all) }
            guard !devices.isEmpty else { throw Refusal(reason: "no devices are named") }
            if let wrong = devices.first(where: { reading.fixed.numbers[$0] == nil }) {
                throw Refusal(reason: "this rollout does not change a device '\(SafeText.line(wrong.rawValue))'")
            }
            return .rollBack(.devices(devices))
        default:
            throw Refusal(
                reason:
                    "'\(SafeText.line(verb))' is none of: pause, resume, promote, approve, withdraw, abort, rollback, retry"
            )
        }
    }

    private func promote(_ reading: RolloutReading) throws(Refusal) -> OperatorRequest.Verb {
        guard let override, !override.isEmpty else { throw Refusal(reason: "a promote names the gates to override") }
        guard let reason, !reason.trimming.isEmpty else { throw Refusal(reason: "an override needs a reason") }
        let policy = reading.plan.policy
        let known =
            policy.gates.map(\.name) + (reading.plan.beside == nil ? [] : ["beside"])
            + (policy.peak == nil ? [] : ["peak"])
        if let wrong = override.first(where: { !known.contains($0) }) {
            let list = known.map(\.rawValue).joined(separator: ", ")
            throw Refusal(reason: "the policy has no gate '\(SafeText.line(wrong.rawValue))'; there are: \(list)")
        }
        if let wave { return .promote(wave: wave, overriding: override) }
        guard let open = reading.status.waves.last(where: { $0.phase != .waiting && $0.phase != .passed }) else {
            throw Refusal(reason: "no wave is held by a gate")
        }
        return .promote(wave: open.index, overriding: override)
    }
}
