public import RolloutEngine

/// Asks a Prometheus for the counters of past nights, through range queries
/// (https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries).
///
/// It is asked piece by piece, so that neither it nor we hold more than some megabytes at once.
public struct PrometheusRange: Sendable {
    private let secrets: any SecretSource
    private let curl: String

    /// - Parameter curl: Where the program `curl` is.
    public init(secrets: any SecretSource, curl: String = "/usr/bin/curl") {
        self.secrets = secrets
        self.curl = curl
    }

    /// Why there is no history.
    public struct Trouble: Error, Hashable, Sendable, CustomStringConvertible {
        /// In words.
        public var description: String
    }

    /// Reads what it keeps.
    ///
    /// - Parameter now: Up to when, where the history does not say.
    /// - Throws: Why it gives nothing that can be used.
    public func read(_ history: PrometheusHistory, now: Instant) async throws(Trouble) -> HistoryReadings {
        var token: Secret?
        if let reference = history.token {
            do { token = try secrets.resolve(reference) } catch { throw Trouble(description: error.message) }
        }
        let end = history.until ?? now
        var courses: [HistoryReadings.Course] = []
        for (counting, query) in history.queries.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            var found: [PrometheusMatrix.Key: HistoryReadings.Course] = [:]
            var from = end - history.last
            while from <= end {
                let to = min(end, from + history.step * (Self.points - 1))
                let question = Question(history: history, token: token, query: query, counting: counting)
                try await ask(question, from, to, into: &found)
                from = to + history.step
            }
            courses += found.sorted { $0.key < $1.key }.map(\.value)
        }
        guard !courses.isEmpty else {
            let queries = history.queries.values.sorted().joined(separator: ", ")
            throw Trouble(
                description: "\(history.url) keeps nothing of \(queries) from \(end - history.last) to \(end)")
        }
        return HistoryReadings(courses: courses)
    }

    private struct Question {
        let history: PrometheusHistory
        let token: Secret?
        let query: String
        let counting: HistoryReadings.Counting
    }

    /// Asks for a piece; for its halves, when the whole is too much at once.
    private func ask(
        _ question: Question, _ from: Instant, _ to: Instant,
        into found: inout [PrometheusMatrix.Key: HistoryReadings.Course]
    ) async throws(Trouble) {
        let history = question.history
        let base = history.url.hasSuffix("/") ? String(history.url.dropLast()) : history.url
        let request = CurlRequest(
            url: "\(base)/api/v1/query_range",
            form: [
                "query": question.query, "start": Self.seconds(from.milliseconds), "end": Self.seconds(to.milliseconds),
                "step": Self.seconds(history.step.milliseconds),
            ], token: question.token, timeout: history.timeout, largestAnswer: Self.largestAnswer)
        do throws(NoAnswer) {
            let reply = try await request.send(with: curl)
            let matrix = try PrometheusMatrix(reply.body, status: reply.status)
            try matrix.add(to: &found, question.counting, history)
        } catch {
            let steps = (to - from).milliseconds / history.step.milliseconds
            guard error.isTooMuch, steps > 0 else { throw Trouble(description: error.reason.detail) }
            let middle = from + history.step * (steps / 2)
            try await ask(question, from, middle, into: &found)
            try await ask(question, middle + history.step, to, into: &found)
        }
    }

    private static func seconds(_ milliseconds: Int64) -> String { String(Double(milliseconds) / 1000) }

    /// Of each series at once; Prometheus gives 11,000 at most.
    private static let points: Int64 = 2000
    private static let largestAnswer = 32 << 20
}
