import RolloutEngine

/// The devices of a rollout that stand in some way, as a list.
struct DevicesPage {
    let reading: RolloutReading
    /// Only these; nil for all.
    let states: Set<RolloutStatus.DevicePhase>?
    /// How many are passed over.
    let offset: Int

    /// How many there are on a page.
    static let most = 500

    /// The states that a word in an address stands for; nil when it stands for none.
    static func states(_ word: String) -> Set<RolloutStatus.DevicePhase>? {
        if word == "trouble" { return [.failed, .unknown, .rolledBack] }
        return RolloutStatus.DevicePhase(rawValue: word).map { [$0] }
    }

    /// The content.
    var content: HTML {
        let all = reading.status.waves.flatMap { wave in wave.devices.map { (wave, $0) } }
        let found = all.filter { states?.contains($0.1.state) ?? true }
        let rows = found.dropFirst(offset).prefix(Self.most).map { wave, device -> HTML in
            "<li>\(StateWords(device.state).badge) <a href=\"/rollouts/\(reading.id.number)/devices/\(segment: device.name.rawValue)\">\(device.name)</a> <span class=\"quiet\">wave \(wave.index)</span> \(device.detail ?? "")</li>"
        }
        let left = found.count - offset - rows.count
        let more: HTML? =
            left > 0
            ? "<p><a href=\"?offset=\(offset + rows.count)\(stateQuery)\">\(left) more</a></p>" : nil
        return """
            <p><a href="/rollouts/\(reading.id.number)">\(reading.status.title) \(reading.id)</a></p>
            <h1>\(found.count.counted("device"))</h1><ul class="trouble">\(Array(rows))</ul>\(more)
            """
    }

    private var stateQuery: HTML {
        guard let states else { return "" }
        return states.count > 1 ? "&amp;state=trouble" : "&amp;state=\(states.first?.rawValue ?? "")"
    }
}
