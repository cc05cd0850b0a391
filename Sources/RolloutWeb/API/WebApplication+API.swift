internal import Foundation
import RolloutEngine

/// What programs ask, in JSON. Every shape is in `openapi.json`.
extension WebApplication {
    private static let mostRollouts = 200
    private static let mostEvents = 1000

    /// A page of rollouts.
    private struct RolloutList: Encodable {
        var rollouts: [RolloutSummary]
        /// Ask for those before it; nil when there are none.
        var before: RolloutID?
    }

    /// A page of events.
    private struct EventList: Encodable {
        var events: [JournalEntry]
        /// Ask for those after it.
        var after: Int64
        /// Whether there are some already.
        var more: Bool
    }

    /// A device in a rollout.
    private struct DeviceAnswer: Encodable {
        var wave: Int
        var range: RangeName?
        var datacentre: DatacentreName?
        var model: String?
        var firmware: String?
        var status: RolloutStatus.DeviceStatus
    }

    /// Something that can be done.
    private struct ChoiceAnswer: Encodable {
        var command: String
        var words: String
        /// What to send to `requests`; nil for what only the command can do.
        var request: OperatorAsk?
    }

    /// The answer.
    func answer(_ route: Route.API, _ request: WebRequest) async throws -> WebResponse {
        // A browser shows its session by itself, whoever made it ask: programs show a token.
        guard request.header("authorization") != nil || settings.looksWithoutToken else {
            throw AccessRefusal(status: .unauthorized, reason: "say who you are with: Authorization: Bearer TOKEN")
        }
        let caller =
            request.header("authorization") == nil ? Caller.nobody : try await self.caller(of: request)
        switch route {
        case .description: return .json(assets["openapi.json"]?.data ?? Data())
        case .rollouts:
            let last = request.query("before").flatMap { Int64($0) }.map { RolloutID($0) }
            let most = min(Self.mostRollouts, max(1, request.query("limit").flatMap { Int($0) } ?? 50))
            let found = try await summaries(for: caller, before: last, most: most)
            return .json(
                try JSONText.data(
                    RolloutList(rollouts: found.rows, before: found.left.isEmpty ? nil : found.rows.last?.id)))
        case .rollout(let id): return .json(try JSONText.data(try await reading(of: id, for: caller).status))
        case .devices(let id):
            let reading = try await reading(of: id, for: caller)
            var states: Set<RolloutStatus.DevicePhase>?
            if let word = request.query("state") {
                guard let found = DevicesPage.states(word) else {
                    let known = RolloutStatus.DevicePhase.allCases.map(\.rawValue).joined(separator: ", ")
                    throw AccessRefusal(status: .badRequest, reason: "state is none of: trouble, \(known)")
                }
                states = found
            }
            let all = reading.status.waves.flatMap { wave in
                wave.devices.filter { states?.contains($0.state) ?? true }.map { answer($0, wave, reading) }
            }
            return .json(try JSONText.data(["devices": all]))
        case .device(let id, let name):
            let reading = try await reading(of: id, for: caller)
            for wave in reading.status.waves {
                if let device = wave.devices.first(where: { $0.name == name }) {
                    return .json(try JSONText.data(answer(device, wave, reading)))
                }
            }
            throw StoreError(.notFound, "rollout \(id) does not change a device '\(SafeText.line(name.rawValue))'")
        case .events(let id): return try await events(id, request, caller)
        case .links(let id):
            let reading = try await reading(of: id, for: caller)
            return .json(try JSONText.data(["links": try await links.loads(of: reading)]))
        case .choices(let id):
            let choices = Choice.all(for: try await reading(of: id, for: caller).status).map {
                ChoiceAnswer(command: $0.command, words: $0.words, request: $0.verb.flatMap { OperatorAsk($0) })
            }
            return .json(try JSONText.data(["choices": choices]))
        case .line: return try await lineForPrograms(request, caller)
        case .requests(let id):
            let type = request.header("content-type")?.split(separator: ";").first?.trimming.lowercased()
            guard type == "application/json" else {
                throw AccessRefusal(status: .unsupportedMedia, reason: "send application/json")
            }
            guard let ask = OperatorAsk(request.body) else {
                throw AccessRefusal(
                    status: .badRequest,
                    reason:
                        "expected JSON such as {\"verb\": \"pause\", \"reason\": \"why\"}, with nothing in it that is not described or is null"
                )
            }
            return .json(try JSONText.data(try await record(ask, for: id, caller)), .accepted)
        }
    }

    private func answer(
        _ device: RolloutStatus.DeviceStatus, _ wave: RolloutStatus.WaveStatus, _ reading: RolloutReading
    ) -> DeviceAnswer {
        let planned = reading.fixed.planned[device.name]
        return DeviceAnswer(
            wave: wave.index, range: planned?.device.range, datacentre: planned?.device.datacentre,
            model: planned?.target?.model, firmware: planned?.target?.firmware, status: device)
    }

    private func events(_ id: RolloutID, _ request: WebRequest, _ caller: Caller) async throws -> WebResponse {
        _ = try await reading(of: id, for: caller)
        let after = max(0, request.query("after").flatMap { Int64($0) } ?? 0)
        let most = min(Self.mostEvents, max(1, request.query("limit").flatMap { Int($0) } ?? Self.mostEvents))
        let entries = try await store.entries(of: id, after: after)
        let shown = Array(entries.prefix(most))
        return .json(
            try JSONText.data(
                EventList(events: shown, after: shown.last?.sequence ?? after, more: entries.count > shown.count)))
    }
}
