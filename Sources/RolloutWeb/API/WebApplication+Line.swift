internal import Foundation
import RolloutEngine

/// The line, which stops every rollout of the store.
extension WebApplication {
    /// How the line stands, for programs.
    private struct LineAnswer: Encodable {
        var stopped: Bool
        var at: Instant?
        var by: String?
        var reason: String?

        init(_ stop: LineCall?) {
            stopped = stop != nil
            at = stop?.at
            by = stop?.by
            reason = stop?.reason
        }
    }

    /// The page, or what its form asks.
    func line(_ request: WebRequest) async throws -> WebResponse {
        let caller = try await looker(request)
        if request.method == "POST" {
            try await checkForm(request, caller)
            let form = request.form ?? []
            let reason = form.first { $0.name == "reason" }?.value.trimming ?? ""
            let stop = form.first { $0.name == "stop" }?.value == "true"
            try await ask(LineAsk(stop: stop, reason: reason), caller)
            return .redirect(to: "/line")
        }
        let page = LinePage(stop: try await tokens.current().lineStop, csrf: caller.csrf)
        return .page(layout("The line", caller).page(page.content))
    }

    /// The same for programs.
    func lineForPrograms(_ request: WebRequest, _ caller: Caller) async throws -> WebResponse {
        if request.method == "POST" {
            guard let ask = try? JSONDecoder().decode(LineAsk.self, from: Data(request.body)) else {
                throw AccessRefusal(
                    status: .badRequest, reason: "expected JSON such as {\"stop\": true, \"reason\": \"why\"}")
            }
            try await self.ask(ask, caller)
        }
        return .json(try JSONText.data(LineAnswer(try await tokens.current().lineStop)))
    }

    private func ask(_ ask: LineAsk, _ caller: Caller) async throws {
        guard let token = caller.token else {
            throw AccessRefusal(status: .unauthorized, reason: "a token is needed to act")
        }
        if let refusal = ask.refusal(of: token) { throw AccessRefusal(status: .forbidden, reason: refusal) }
        guard let reason = ask.reason, !reason.trimming.isEmpty, reason.utf8.count <= 2000 else {
            throw AccessRefusal(status: .badRequest, reason: "say why, in at most 2000 bytes")
        }
        _ = try await store.append(
            ask.stop ? .lineStopped : .lineReleased, by: token.name, reason: reason, after: nil, at: clock.now())
    }
}
