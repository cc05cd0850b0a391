import RolloutEngine

/// What people and programs ask of rollouts: it is journaled with who and why, and whoever drives acts on it.
extension WebApplication {
    /// Says what would be done.
    func askPage(_ id: RolloutID, _ request: WebRequest, _ caller: Caller) async throws -> WebResponse {
        guard let csrf = caller.csrf else {
            throw AccessRefusal(status: .unauthorized, reason: "sign in to act")
        }
        let reading = try await reading(of: id, for: caller)
        guard var ask = OperatorAsk((request.query("what") ?? "").utf8) else {
            throw AccessRefusal(status: .badRequest, reason: "this link does not say what to ask")
        }
        // The reason is asked for on this page.
        ask.reason = "to be said"
        let verb = try await self.verb(ask, reading, caller)
        ask.reason = nil
        let page = AskPage(reading: reading, ask: ask, verb: verb, csrf: csrf)
        return .page(layout("\(RolloutPage.name(verb)) \(id)?", caller).page(page.content))
    }

    /// Asks it.
    func ask(_ id: RolloutID, _ request: WebRequest) async throws -> WebResponse {
        let caller = try await looker(request)
        try await checkForm(request, caller)
        let form = request.form ?? []
        guard var ask = OperatorAsk((form.first { $0.name == "what" }?.value ?? "").utf8) else {
            throw AccessRefusal(status: .badRequest, reason: "this form does not say what to ask")
        }
        let reason = form.first { $0.name == "reason" }?.value.trimming ?? ""
        ask.reason = reason.isEmpty ? nil : reason
        _ = try await record(ask, for: id, caller)
        return .redirect(to: "/rollouts/\(id.number)")
    }

    /// Journals what is asked.
    ///
    /// - Throws: `AccessRefusal` when the caller may not, or it cannot be asked.
    func record(_ ask: OperatorAsk, for id: RolloutID, _ caller: Caller) async throws -> JournalEntry {
        guard let token = caller.token else {
            throw AccessRefusal(status: .unauthorized, reason: "a token is needed to act")
        }
        let reading = try await reading(of: id, for: caller)
        let verb = try await verb(ask, reading, caller)
        return try await store.record(
            OperatorRequest(verb, by: token.name, reason: ask.reason), for: id, at: clock.now())
    }

    /// - Throws: `AccessRefusal` when the caller may not, or it cannot be asked.
    private func verb(_ ask: OperatorAsk, _ reading: RolloutReading, _ caller: Caller) async throws
        -> OperatorRequest.Verb
    {
        let verb: OperatorRequest.Verb
        do { verb = try ask.verb(for: reading) } catch {
            throw AccessRefusal(status: .badRequest, reason: error.reason)
        }
        if let token = caller.token,
            let refusal = Permission.refusal(of: verb, over: reading.fixed.extent, by: token)
        {
            throw AccessRefusal(status: .forbidden, reason: refusal)
        }
        if let token = caller.token, let refusal = try await approvalRefusal(of: verb, reading, by: token) {
            throw AccessRefusal(status: refusal.isBadInput ? .badRequest : .forbidden, reason: refusal.words)
        }
        return verb
    }

    private func approvalRefusal(of verb: OperatorRequest.Verb, _ reading: RolloutReading, by token: TokenRecord)
        async throws -> ApprovalRefusal?
    {
        let (wave, withdrawing): (Int?, Bool)
        switch verb {
        case .approve(let its): (wave, withdrawing) = (its, false)
        case .withdraw(let its): (wave, withdrawing) = (its, true)
        default: return nil
        }
        let scheduler = try await store.serviceState().scheduler(of: reading.id)
        return ApprovalRefusal(
            of: wave, by: token.name, withdrawing: withdrawing, reading.plan, reading.state, scheduler: scheduler,
            at: reading.status.at)
    }
}
