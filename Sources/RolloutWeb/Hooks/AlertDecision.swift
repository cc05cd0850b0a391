import RolloutEngine

/// What follows from alerts: rollouts that are paused, each with the reason. Nothing else ever does: an alert that is over
/// changes nothing. Pure.
struct AlertDecision: Sendable {
    /// What is written down of each alert that is new.
    var records: [AlertRecord] = []
    /// Why a rollout is paused; the first reason is enough.
    var pauses: [RolloutID: String] = [:]

    /// - Parameters:
    ///   - going: The rollouts that have not ended and are within reach of whoever sent this.
    ///   - known: The alerts that came before: the same one is not obeyed twice, or it would undo what a person decided since.
    init(_ message: AlertMessage, going: [RolloutReading], known: [ReceivedAlert]) {
        var seen = Set(known.filter(\.alert.isFiring).map { Key($0.alert.fingerprint, $0.alert.startsAt) })
        for alert in message.alerts where alert.isFiring {
            guard seen.insert(Key(alert.fingerprint, alert.start)).inserted else { continue }
            let about = going.filter { AlertMatch.isAbout($0.fixed, alert.labels) }
            let summary = (alert.annotations["summary"] ?? alert.annotations["description"]).map { ": \($0)" } ?? ""
            for rollout in about where pauses[rollout.id] == nil {
                pauses[rollout.id] = Self.cut("alert \(alert.name)\(summary)")
            }
            records.append(
                AlertRecord(
                    fingerprint: alert.fingerprint, name: alert.name, isFiring: true, labels: alert.labels,
                    startsAt: alert.start, paused: about.map(\.id)))
        }
        guard message.truncatedAlerts > 0, message.status == "firing" else { return }
        // What was left out may be about any of them.
        for rollout in going where pauses[rollout.id] == nil {
            pauses[rollout.id] =
                "\(message.truncatedAlerts) alerts were left out of a message of Alertmanager: any of them may be about this"
        }
    }

    private struct Key: Hashable {
        var fingerprint: String
        var start: Instant?
        init(_ fingerprint: String, _ start: Instant?) {
            self.fingerprint = fingerprint
            self.start = start
        }
    }

    private static func cut(_ text: String) -> String { text.count > 300 ? text.prefix(299) + "…" : text }
}
