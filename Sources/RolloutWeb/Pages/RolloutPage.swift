import RolloutEngine

/// One rollout: how it stands, why, its waves as grids of devices, its links, its gates, what happened. In parts, each of
/// which is sent again when it changes.
struct RolloutPage {
    let reading: RolloutReading
    let links: [LinkLoad]

    private var status: RolloutStatus { reading.status }
    private var plan: Plan { reading.plan }
    private var base: HTML { "/rollouts/\(status.id.number)" }

    /// The content: all parts in their places.
    ///
    /// - Parameter events: The newest lines of the journal, newest first.
    func content(events: [HTML]) -> HTML {
        """
        <section id="head">\(head)</section>
        <section id="why">\(why)</section>
        <section id="waves" class="waves \(size)"><h2>Waves</h2>\(plan.waves.indices.map(wave))</section>
        <section id="links">\(linkSection)</section>
        <section id="gates">\(gates)</section>
        <section><h2>Events</h2><ol id="events" class="events">\(events)</ol>\
        <p><a href="\(base)/events">All events</a></p></section>
        """
    }

    /// The parts that change, by the place that each has on the page.
    var parts: [String: HTML] {
        var parts = ["head": head, "why": why, "links": linkSection, "gates": gates]
        for index in plan.waves.indices { parts["wave-\(index)"] = waveLine(status.waves[index]) }
        return parts
    }

    /// One letter a device, in the order of the waves: where each stands.
    var letters: [UInt8] {
        status.waves.flatMap { wave in wave.devices.map { StateWords($0.state).letter.utf8.first ?? 0 } }
    }

    // MARK: Head

    private var head: HTML {
        let counts = status.counts
        let passed = status.waves.count { $0.phase == .passed }
        var facts: [HTML] = [
            "<b>\(counts[.confirmed] ?? 0)</b> of \(status.total) devices confirmed",
            "<b>\(passed)</b> of \(status.waves.count) waves passed",
        ]
        if let started = status.startedAt {
            facts.append(
                status.endedAt.map { "took \(TimeText.brief($0 - started)), ended \(TimeText.moment($0))" }
                    ?? "for \(TimeText.counting(to: started, at: status.at))")
        }
        if status.endedAt == nil, status.startedAt != nil {
            let left = plan.waves.filter { reading.state[wave: $0.index].passedAt == nil }.reduce(Timespan.zero) {
                $0 + PlanDuration.estimate($1, plan.policy)
            }
            if left > .zero { facts.append("about \(TimeText.brief(left)) of work left") }
        }
        facts.append("created by \(status.createdBy) \(TimeText.moment(status.createdAt))")
        if let driver = status.driver { facts.append("driven by \(driver)") }
        let counted: (RolloutStatus.DevicePhase) -> Int = { counts[$0] ?? 0 }
        return """
            <h1>\(status.title) <span class="quiet">\(status.id)</span> \(StateWords(status.phase).badge)</h1>
            \(StateBar.bar(counted, total: status.total))
            <p class="facts">\(facts.joined(by: " · "))</p>
            \(StateBar.legend(counted))
            """
    }

    // MARK: Why, and what to do

    private var why: HTML {
        var parts: [HTML] = []
        if let until = status.watchingUntil, until > status.at {
            parts.append(
                "<p>Watching the fleet for \(TimeText.counting(to: until, at: status.at)) more before the first wave: its gates need a before to compare with.</p>"
            )
        }
        for pause in status.pauses {
            let answered =
                pause.kind == .deviceUnknown && status.counts[.unknown] == nil
                ? " Every device has answered since; nothing is in doubt any more." : ""
            parts.append(
                "<p class=\"because\"><b>\(pause.kind.rawValue.replacing("_", with: " "))</b> \(pause.detail).\(answered) <span class=\"quiet\">since \(TimeText.moment(pause.since))</span></p>"
            )
        }
        for awaited in status.awaiting {
            parts.append("<p class=\"because\"><b>approval</b> \(awaited.words)</p>")
        }
        for because in status.rollbacks where !status.pauses.contains(where: { $0.detail == because }) {
            parts.append("<p class=\"because\"><b>put back</b> \(because)</p>")
        }
        for hold in status.cohorts {
            parts.append(
                "<p class=\"because\"><b>held</b> \(hold.waiting.count) with \(hold.name): \(hold.failed.count) of them failed</p>"
            )
        }
        if let debt = status.debt {
            let cap = debt.cap.map { " (at most \($0) over all rollouts)" } ?? ""
            let until: HTML = debt.until.map { "; the next peak is over at \(TimeText.moment($0))" } ?? ""
            parts.append("<p>\(debt.devices) in debt of a peak\(cap)\(until)</p>")
        }
        parts += trouble
        let left = status.skipped.filter { $0.reason != .noChange }
        if !left.isEmpty {
            let rows = left.map { "<li>\($0.name): \($0.detail)</li>" as HTML }
            parts.append("<details><summary>\(left.count) left out when planned</summary><ul>\(rows)</ul></details>")
        }
        parts.append(choices)
        return HTML(parts)
    }

    private var trouble: [HTML] {
        let troubled = status.waves.flatMap(\.devices).filter {
            $0.state == .failed || $0.state == .unknown || ($0.detail != nil && $0.state == .rolledBack)
        }
        guard !troubled.isEmpty else { return [] }
        let rows = troubled.prefix(12).map { device -> HTML in
            var timer: HTML = ""
            if device.state == .unknown, let revertsAt = device.revertsAt ?? device.revertsBy {
                timer =
                    revertsAt > status.at
                    ? " <span class=\"quiet\">reverts by itself in \(TimeText.counting(to: revertsAt, at: status.at)) at the latest</span>"
                    : " <span class=\"quiet\">its revert timer ran out</span>"
            }
            return
                "<li>\(StateWords(device.state).badge) <a href=\"\(base)/devices/\(segment: device.name.rawValue)\">\(device.name)</a> \(device.detail ?? "")\(timer)</li>"
        }
        let more: HTML? =
            troubled.count > rows.count
            ? "<li><a href=\"\(base)/devices?state=trouble\">and \(troubled.count - rows.count) more</a></li>" : nil
        return ["<h2>Devices in trouble</h2><ul class=\"trouble\">\(rows)\(more)</ul>"]
    }

    private var choices: HTML {
        let all = Choice.all(for: status)
        guard !all.isEmpty else { return "<p class=\"quiet\">Nothing is left to decide.</p>" }
        var rows: [HTML] = []
        if status.phase == .running || status.phase == .watching || status.phase == .waiting {
            rows.append(
                "<li>\(button(.pause, "pause"))<span>start nothing new; what is in flight is finished</span><code>rollout pause \(status.id.number)</code></li>"
            )
        }
        rows += all.map { choice in
            let act = choice.verb.map { button($0, Self.name($0)) }
            return "<li>\(act)<span>\(choice.words)</span><code>\(choice.command)</code></li>"
        }
        let nothing: HTML? = status.phase == .paused ? "<p>\(Choice.withoutAny(for: status))</p>" : nil
        return "<h2>What can be done</h2><ul class=\"choices\">\(rows)</ul>\(nothing)"
    }

    /// Leads to a page that says what would happen and asks why: nothing is done by following it.
    private func button(_ verb: OperatorRequest.Verb, _ name: String) -> HTML {
        guard let ask = OperatorAsk(verb)?.text else { return "" }
        return "<a class=\"button\" href=\"\(base)/ask?what=\(segment: ask)\">\(name)</a>"
    }

    /// A verb in a word.
    static func name(_ verb: OperatorRequest.Verb) -> String {
        switch verb {
        case .pause: "pause"
        case .resume: "resume"
        case .promote: "promote"
        case .abort: "abort"
        case .rollBack(.wave(let wave)): "put wave \(wave) back"
        case .rollBack(.devices(let devices)): "put \(devices.count) back"
        case .rollBack(.all): "put all back"
        case .release: "release"
        case .retryFailed: "retry"
        case .approve: "approve"
        case .withdraw: "withdraw"
        }
    }

    // MARK: Waves

    /// How large a device is drawn: a large fleet has to fit a wall.
    private var size: String {
        status.total > 2000 ? "small" : status.total > 300 ? "middle" : isNamed ? "large named" : "large"
    }

    /// Whether there is room for the devices' names.
    private var isNamed: Bool { status.total <= 100 }

    private func wave(_ index: Int) -> HTML {
        let wave = status.waves[index]
        return """
            <article class="wave"><h3 id="wave-\(index)">\(waveLine(wave))</h3><div class="cells">\(wave.devices.map(cell))</div></article>

            """
    }

    private func waveLine(_ wave: RolloutStatus.WaveStatus) -> HTML {
        let place = [wave.canary ? "canary" : nil, wave.range?.rawValue, wave.datacentre?.rawValue].compactMap { $0 }
        var facts: [HTML] = [
            "\(wave.devices.count { $0.state == .confirmed })/\(wave.devices.count)"
        ]
        switch wave.phase {
        case .waiting, .held: break
        case .pushing:
            let states: [(String, [RolloutStatus.DevicePhase])] = [
                ("in flight", [.pushing, .verifying]), ("unknown", [.unknown]), ("failed", [.failed]),
            ]
            for (word, phases) in states {
                let count = wave.devices.count { phases.contains($0.state) }
                if count > 0 { facts.append("\(count) \(word)") }
            }
        case .soaking:
            if let end = wave.soakEndsAt { facts.append("\(TimeText.counting(to: end, at: status.at)) left") }
        case .passed:
            facts.append("gates passed (\(wave.verdicts.count { $0.outcome == .pass }) of \(wave.verdicts.count))")
            if !wave.overridden.isEmpty {
                facts.append("overridden: \(wave.overridden.map(\.rawValue).joined(separator: ", "))")
            }
        case .rolledBack:
            facts.append("put back \(wave.devices.count { $0.state == .rolledBack })/\(wave.devices.count)")
        }
        return
            "\(StateWords(wave.phase).badge) <b>wave \(wave.index)</b> \(place.joined(separator: " ")) <span class=\"quiet\">\(facts.joined(by: " · "))</span>"
    }

    private func cell(_ device: RolloutStatus.DeviceStatus) -> HTML {
        let words = StateWords(device.state)
        let name: HTML? = isNamed ? "<span> \(device.name)</span>" : nil
        // Relative to the rollout: there may be ten thousand of them.
        return
            "<a class=\"d \(words.letter)\" href=\"\(status.id.number)/devices/\(segment: device.name.rawValue)\" title=\"\(device.name): \(words.word)\">\(words.shape)\(name)</a>"
    }

    // MARK: Links

    private var linkSection: HTML {
        guard !links.isEmpty else { return "" }
        let rows = links.map { link -> HTML in
            let full = Double(max(1, link.capacity.value))
            func x(_ rate: BitsPerSecond) -> Double { min(100, Double(rate.value) * 100 / full) }
            let shown = link.load ?? link.measured
            let isOver = shown.map { $0 > link.cap } ?? false
            let marker: HTML? = (link.predictedNow ?? link.predicted).map {
                "<path class=\"predicted\" d=\"M\(coordinate: x($0)) 0v12\"/>"
            }
            let load: HTML =
                if let now = link.load {
                    "<b>\(now.approximate)</b>"
                } else if let measured = link.measured {
                    "\(measured.approximate) when planned"
                } else {
                    "not measured"
                }
            let prediction: HTML? = link.predictedNow.map { " · predicted for now \($0.approximate)" }
            let final: HTML? = link.predicted.map { " · at the end \($0.approximate)" }
            return """
                <li><span class="name">\(link.link)</span>\
                <svg class="link" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">\
                <rect class="room" width="100" height="12"/>\
                <rect class="load\(isOver ? " over" : "")" width="\(coordinate: shown.map(x) ?? 0)" height="12"/>\
                \(marker)<path class="cap" d="M\(coordinate: x(link.cap)) 0v12"/></svg>\
                <span class="facts">\(load)\(prediction)\(final) · cap \(link.cap.approximate) of \(link.capacity.approximate)\
                \(isOver ? " <b class=\"bad\">over its cap</b>" as HTML : nil)</span></li>
                """
        }
        return """
            <h2>Links</h2><ul class="links">\(rows)</ul>
            <p class="quiet">Filled: load. Dotted: predicted. Solid line: cap.</p>
            """
    }

    // MARK: Gates

    private var gates: HTML {
        guard let wave = status.waves.last(where: { !$0.verdicts.isEmpty || !$0.alarms.isEmpty }) else { return "" }
        let verdicts = wave.verdicts.sorted { $0.outcome != .pass && $1.outcome == .pass }.map { verdict -> HTML in
            """
            <article class="gate"><h3>\(StateWords(verdict.outcome).badge) \(verdict.gate) \
            <span class="quiet">after wave \(wave.index)</span></h3><p>\(verdict.reason)</p>\
            \(GateTable(findings: verdict.findings, before: verdict.before, wave: wave, plan: plan).table)</article>
            """
        }
        let alarms = wave.alarms.suffix(5).reversed().map { alarm -> HTML in
            """
            <article class="gate"><h3><span class="badge f"><i aria-hidden="true">!</i> \
            \(alarm.action == .observe ? "noticed" : "alarm")</span> \(alarm.gate) \
            <span class="quiet">in wave \(wave.index), between judgements</span></h3><p>\(alarm.reason)</p>\
            \(GateTable(findings: alarm.findings, before: alarm.before, wave: wave, plan: plan).table)</article>
            """
        }
        // What is drawn is drawn anew when something was judged, and else taken from the browser's own store.
        let judged = reading.state[wave: wave.index].judgedAt.map(\.milliseconds) ?? 0
        return """
            <h2>Gates</h2>
            <figure><img class="verdicts" src="\(base)/verdicts.svg?\(judged)-\(wave.alarms.count)" \
            alt="What the gates saw before and after the change, device by device"></figure>
            \(alarms)\(verdicts)
            """
    }
}
