import RolloutEngine

/// One device in one rollout: where it stands, what is sent to it, and all that was done to it.
struct DevicePage {
    let reading: RolloutReading
    let planned: PlannedDevice
    let device: RolloutStatus.DeviceStatus
    let wave: RolloutStatus.WaveStatus
    /// The journal's entries about it, oldest first.
    let entries: [JournalEntry]

    /// The content.
    var content: HTML {
        let words = StateWords(device.state)
        let known = planned.device
        var facts: [HTML] = [
            "wave \(wave.index)", "\(known.range) in \(known.datacentre)", "platform \(known.platform)",
            "address \(known.address)",
        ]
        if let model = planned.target?.model { facts.append("model \(model)") }
        if let firmware = planned.target?.firmware { facts.append("firmware \(firmware)") }
        if !known.links.isEmpty { facts.append("links \(known.links.map(\.rawValue).joined(separator: ", "))") }
        if let since = device.since { facts.append("since \(TimeText.moment(since))") }
        let detail = device.detail.map { "<p class=\"because\">\($0)</p>" as HTML }
        let timer = (device.revertsAt ?? device.revertsBy).flatMap { at -> HTML? in
            guard device.state != .confirmed, device.state != .rolledBack else { return nil }
            return at > reading.status.at
                ? "<p>It reverts by itself in \(TimeText.counting(to: at, at: reading.status.at)) unless it is confirmed.</p>"
                : "<p>Its revert timer ran out at \(TimeText.moment(at)).</p>"
        }
        return """
            <p><a href="/rollouts/\(reading.id.number)">\(reading.status.title) \(reading.id)</a></p>
            <h1>\(device.name) \(words.badge)</h1>
            <p class="facts">\(facts.joined(by: " · "))</p>
            \(detail)\(timer)\(difference)
            <h2>What was done to it</h2><ol class="events">\(entries.compactMap(EventItem.item))</ol>
            \(evidence)
            """
    }

    private var difference: HTML {
        guard let target = planned.target else { return "" }
        let sections = ConfigDiff(from: target.base, to: target.desired).sections.map { section -> HTML in
            let lines = section.lines.map { line -> HTML in
                let kind = line.kind == .added ? "add" : line.kind == .removed ? "del" : "same"
                return "<span class=\"\(kind)\">\(line.kind.rawValue) \(line.text)</span>"
            }
            return "<h3>\(section.name)</h3><pre class=\"diff\">\(lines)</pre>"
        }
        return "<h2>What changes</h2>\(sections)"
    }

    private var evidence: HTML {
        let items = entries.flatMap { entry -> [Evidence.Item] in
            if case .evidence(_, let evidence) = entry.fact { evidence.items } else { [] }
        }
        guard !items.isEmpty else { return "" }
        let parts = items.map { item -> HTML in
            let lines = item.output.split(separator: "\n", omittingEmptySubsequences: false).prefix(400).map {
                "\(String($0))\n" as HTML
            }
            return "<details><summary>\(item.title)</summary><pre>\(lines)</pre></details>"
        }
        return "<h2>Evidence, collected before it was put back or given up</h2>\(parts)"
    }
}
