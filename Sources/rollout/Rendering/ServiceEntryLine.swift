import RolloutEngine

/// One entry of the service journal as one line.
enum ServiceEntryLine {
    /// The line.
    static func text(_ entry: ServiceEntry) -> String {
        let time = entry.at.description.prefix(19).replacing("T", with: " ")
        let why = entry.reason.map { ": \($0)" } ?? ""
        return SafeText.line("\(entry.sequence)  \(time)  \(entry.by)  \(words(entry.fact))\(why)")
    }

    private static func words(_ fact: ServiceFact) -> String {
        switch fact {
        case .scheduleSet(let schedule):
            "set schedule \(schedule.name): \(ScheduleText.work(schedule)), \(ScheduleText.timing(schedule))"
        case .scheduleRemoved(let name): "removed schedule \(name)"
        case .scheduleBegun(let name, let occurrence): "begins schedule \(name), due \(occurrence)"
        case .scheduleStarted(let name, let occurrence, let rollout):
            "started schedule \(name), due \(occurrence), as rollout \(rollout)"
        case .scheduleSkipped(let name, let occurrence, let because):
            "passed over schedule \(name), due \(occurrence), because \(because)"
        case .lineStopped: "stopped the line"
        case .lineReleased: "released the line"
        case .tokenIssued(let token): "issued token \(token.id) (\(token.name), \(token.role.rawValue))"
        case .tokenRevoked(let id): "revoked token \(id)"
        case .journalSealed(let rollout, let seal): "sealed rollout \(rollout) up to fact \(seal.through)"
        case .alertReceived(let alert):
            "alert \(alert.name) \(alert.isFiring ? "fires" : "is over")"
                + (alert.paused.isEmpty ? "" : ", paused \(alert.paused.map(\.description).joined(separator: ", "))")
        case .channelOpened(let name, _): "opened channel \(name) of notices"
        case .messageBegun(let message):
            "begins to tell \(message.channel) of "
                + message.parts.map { "\($0.rollout.map(\.description) ?? "the service") up to \($0.through)" }
                .joined(separator: ", ")
        case .messageSettled(let name, let message, let notices, let failure):
            failure.map { "gave message \(message) to \(name) up, \(notices) notices: \($0)" }
                ?? "told \(name) message \(message), \(notices) notices"
        }
    }
}
