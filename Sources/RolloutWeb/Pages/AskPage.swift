import RolloutEngine

/// Says what would be done before it is done, and asks why.
struct AskPage {
    let reading: RolloutReading
    let ask: OperatorAsk
    let verb: OperatorRequest.Verb
    let csrf: String

    /// The content.
    var content: HTML {
        let needsReason = ["promote", "approve"].contains(ask.verb)
        return """
            <p><a href="/rollouts/\(reading.id.number)">\(reading.status.title) \(reading.id)</a></p>
            <h1>\(RolloutPage.name(verb))?</h1>
            <p>\(meaning)</p>
            <form class="ask" method="post" action="/rollouts/\(reading.id.number)/ask">
            <input type="hidden" name="csrf" value="\(csrf)">
            <input type="hidden" name="what" value="\(ask.text ?? "")">
            <label>Why\(needsReason ? "" : " (may stay empty)"): <input name="reason" maxlength="500" autocomplete="off"\(needsReason ? " required" as HTML : nil)></label>
            <button class="button">\(RolloutPage.name(verb))</button>
            <a class="quiet" href="/rollouts/\(reading.id.number)">rather not</a>
            </form>
            <p class="quiet">It is recorded with your name and the reason.</p>
            """
    }

    private var meaning: HTML {
        let holding = reading.status.counts[.confirmed] ?? 0
        return switch verb {
        case .pause: "Nothing new is started; what is in flight is finished."
        case .resume: "What was unclear is judged again, devices in doubt are asked again, and the rollout goes on."
        case .promote(let wave, let gates):
            "The rollout goes on after wave \(wave) although these gates did not pass: <b>\(gates.map(\.rawValue).joined(separator: ", "))</b>."
        case .abort:
            "Nothing new is started, ever. \(holding.counted("device")) \(holding == 1 ? "keeps" : "keep") the new configuration."
        case .rollBack(.all): "<b>\(holding)</b> devices that hold the change get their old configuration back."
        case .rollBack(.wave(let wave)):
            "The devices of wave \(wave) get their old configuration back: <b>\(reading.status.waves.first { $0.index == wave }?.devices.count ?? 0)</b>."
        case .rollBack(.devices(let devices)): "<b>\(devices.count)</b> devices get their old configuration back."
        case .release: "Devices that were held are pushed to again."
        case .approve(let wave):
            "\(wave.map { "Wave \($0)" } ?? "The rollout") may begin, as far as you are asked. Your approval can be withdrawn until then."
        case .withdraw(let wave): "Your approval of \(Approval.subject(wave)) no longer counts."
        case .retryFailed: "Failed and put-back devices are tried again."
        }
    }
}
