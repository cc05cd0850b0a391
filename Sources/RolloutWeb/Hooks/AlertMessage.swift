internal import Foundation
import RolloutEngine

/// What Alertmanager sends to a webhook (its version 4), as far as it matters here.
struct AlertMessage: Decodable, Sendable {
    /// `firing` or `resolved`.
    var status: String
    /// Labels that all of its alerts have.
    var commonLabels: [String: String]
    /// The alerts.
    var alerts: [Alert]
    /// How many more there were, for which there was no room.
    var truncatedAlerts: Int

    /// An alert.
    struct Alert: Decodable, Sendable {
        var status: String
        var labels: [String: String]
        var annotations: [String: String]
        var startsAt: String
        var fingerprint: String

        private enum CodingKeys: CodingKey { case status, labels, annotations, startsAt, fingerprint }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            status = try values.decode(String.self, forKey: .status)
            labels = try values.decode([String: String].self, forKey: .labels)
            annotations = try values.decodeIfPresent([String: String].self, forKey: .annotations) ?? [:]
            startsAt = try values.decodeIfPresent(String.self, forKey: .startsAt) ?? ""
            fingerprint = try values.decode(String.self, forKey: .fingerprint)
        }

        /// Its name.
        var name: String { labels["alertname"] ?? fingerprint }
        var isFiring: Bool { status == "firing" }
        /// Since when it fires; nil when that cannot be read.
        var start: Instant? {
            let format = Date.ISO8601FormatStyle(includingFractionalSeconds: startsAt.contains("."))
            guard let date = try? format.parse(startsAt), abs(date.timeIntervalSince1970) < 1e12 else { return nil }
            return Instant(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
        }
    }

    private enum CodingKeys: CodingKey { case version, status, commonLabels, alerts, truncatedAlerts }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        guard try values.decode(String.self, forKey: .version) == "4" else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: values, debugDescription: "only version 4 is understood")
        }
        status = try values.decode(String.self, forKey: .status)
        commonLabels = try values.decodeIfPresent([String: String].self, forKey: .commonLabels) ?? [:]
        alerts = try values.decode([Alert].self, forKey: .alerts)
        truncatedAlerts = try values.decodeIfPresent(Int.self, forKey: .truncatedAlerts) ?? 0
    }
}
