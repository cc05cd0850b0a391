import RolloutEngine

/// Understands the answer of Prometheus' HTTP API to an instant query
/// (https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries). Pure.
enum PrometheusAnswer {
    /// The one number in an answer.
    static func number(in body: [UInt8], status: Int) throws(NoAnswer) -> Double {
        let data: Payload = try PrometheusEnvelope.payload(in: body, status: status)
        let text: String
        switch data.result {
        case .scalar(let value): text = value
        case .vector(let values):
            guard let first = values.first else { throw NoAnswer(.absent, "the query has no result") }
            guard values.count == 1 else {
                throw NoAnswer(.agentError, "the query has \(values.count) results, expected one: sum() them, say")
            }
            text = first
        case .other: throw NoAnswer(.agentError, "the query gives a \(data.resultType), expected a vector of one")
        }
        guard let value = Double(text), value.isFinite else {
            throw NoAnswer(.agentError, "the result is \(text.prefix(40)), which is no number")
        }
        return value
    }

    private struct Payload: Decodable {
        let resultType: String
        let result: Result

        enum Result {
            case scalar(String)
            case vector([String])
            case other
        }

        enum Keys: String, CodingKey { case resultType, result }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            resultType = try container.decode(String.self, forKey: .resultType)
            switch resultType {
            case "scalar": result = .scalar(try container.decode(Point.self, forKey: .result).value)
            case "vector": result = .vector(try container.decode([Sample].self, forKey: .result).map(\.value.value))
            default: result = .other
            }
        }
    }

    private struct Sample: Decodable { let value: Point }

    /// A time and a value, which is text so that it can be NaN or infinite.
    private struct Point: Decodable {
        let value: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            _ = try list.decode(Double.self)
            value = try list.decode(String.self)
        }
    }
}
