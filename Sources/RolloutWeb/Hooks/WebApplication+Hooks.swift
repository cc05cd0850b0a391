internal import Foundation
import RolloutEngine

/// What other systems tell: an alert pauses, and nothing that comes from outside ever resumes.
extension WebApplication {
    /// How many rollouts are looked at for an alert: the newest.
    private static let mostRollouts = 200

    /// What is answered to a message of Alertmanager.
    private struct HookAnswer: Encodable {
        /// How many of its alerts are new.
        var taken: Int
        /// The rollouts that stand still for it now.
        var paused: [RolloutID]
    }

    /// Takes a message of Alertmanager.
    func alertHook(_ request: WebRequest) async throws -> WebResponse {
        let caller = try await hookCaller(request)
        let message: AlertMessage
        do { message = try JSONDecoder().decode(AlertMessage.self, from: Data(request.body)) } catch {
            throw AccessRefusal(
                status: .badRequest, reason: "this is not a webhook message of Alertmanager, version 4")
        }
        var going: [RolloutReading] = []
        for record in try await catalog.records().prefix(Self.mostRollouts) {
            // One that cannot be read must not hide the others.
            guard let (summary, extent) = try? await catalog.summary(of: record), summary.endedAt == nil,
                caller.token.map({ Permission.reaches(extent, by: $0) }) ?? true
            else { continue }
            going.append(try await catalog.reading(of: record.id))
        }
        let known = try await tokens.current().alerts
        let decision = AlertDecision(message, going: going, known: known)
        let name = caller.token?.name ?? "alertmanager"
        let now = clock.now()
        // First what matters: should this be cut short, the message comes again and finds it done.
        for reading in going where reading.state.pause(.operator) == nil {
            guard let reason = decision.pauses[reading.id] else { continue }
            _ = try await store.record(
                OperatorRequest(.pause, by: name, reason: reason), for: reading.id, at: now)
        }
        for record in decision.records {
            _ = try await store.append(.alertReceived(record), by: name, reason: nil, after: nil, at: now)
        }
        return .json(
            try JSONText.data(
                HookAnswer(taken: decision.records.count, paused: decision.pauses.keys.sorted())))
    }

    /// Who sends: a token that may pause, or somebody who has the hook's secret.
    private func hookCaller(_ request: WebRequest) async throws -> Caller {
        if let header = request.header("x-rollout-signature") {
            guard let signed else {
                throw AccessRefusal(
                    status: .unauthorized, reason: "no secret of hooks is set here: see --hook-secret")
            }
            if let refusal = signed.refusal(of: header, request.body, at: clock.now()) {
                throw AccessRefusal(status: .unauthorized, reason: refusal)
            }
            return .nobody
        }
        guard request.header("authorization") != nil, let token = try await caller(of: request).token else {
            throw AccessRefusal(
                status: .unauthorized, reason: "say who you are with: Authorization: Bearer TOKEN, or sign the message")
        }
        guard token.role >= Permission.role(for: .pause) else {
            throw AccessRefusal(
                status: .forbidden,
                reason: "the token '\(token.name)' has the role \(token.role.rawValue), this needs operator")
        }
        return Caller(token: token)
    }
}
