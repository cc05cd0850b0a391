import Foundation
import RolloutEngine

/// What Prometheus' HTTP API puts around every answer
/// (https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview). Pure.
struct PrometheusEnvelope<Payload: Decodable>: Decodable {
    private let status: String
    private let error: String?
    private let data: Payload?

    /// What is inside.
    ///
    /// - Throws: What Prometheus complains of, or that it is no answer of one `to` what was asked.
    static func payload(in body: [UInt8], status: Int, to question: String = "") throws(NoAnswer) -> Payload {
        let answer: Self
        do { answer = try JSONDecoder().decode(Self.self, from: Data(body)) } catch {
            throw NoAnswer(.agentError, "the answer (status \(status)) is not one of Prometheus\(question)")
        }
        guard answer.status == "success", let data = answer.data else {
            let words = NoAnswer.line(answer.error ?? "status \(answer.status)")
            throw NoAnswer(.agentError, "Prometheus says: \(words)")
        }
        return data
    }
}
