import Foundation
import RolloutEngine

/// A place in a JSON document (RFC 6901). Pure.
struct JSONPointer {
    private let text: String
    private let steps: [String]

    /// `/queue/0/length`; `~1` stands for a slash and `~0` for a tilde.
    init(_ text: String) {
        self.text = text
        steps = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            $0.replacingOccurrences(of: "~1", with: "/").replacingOccurrences(of: "~0", with: "~")
        }
    }

    /// The number at this place.
    func number(in body: [UInt8]) throws(NoAnswer) -> Double {
        let document: Value
        do { document = try JSONDecoder().decode(Value.self, from: Data(body)) } catch {
            throw NoAnswer(.agentError, "the answer is not JSON")
        }
        var place = document
        for step in steps {
            switch place {
            case .object(let fields):
                guard let next = fields[step] else { throw NoAnswer(.absent, "the answer has nothing at \(text)") }
                place = next
            case .list(let items):
                guard let index = Int(step), items.indices.contains(index), "\(index)" == step else {
                    throw NoAnswer(.absent, "the answer has nothing at \(text)")
                }
                place = items[index]
            default: throw NoAnswer(.absent, "the answer has nothing at \(text)")
            }
        }
        switch place {
        case .number(let number): return number
        case .nothing: throw NoAnswer(.absent, "what is at \(text) is null")
        default: throw NoAnswer(.agentError, "what is at \(text) is no number")
        }
    }

    private indirect enum Value: Decodable {
        case nothing
        case number(Double)
        case other
        case list([Value])
        case object([String: Value])

        init(from decoder: any Decoder) throws {
            if let fields = try? decoder.container(keyedBy: Key.self) {
                var found: [String: Value] = [:]
                for key in fields.allKeys { found[key.stringValue] = try fields.decode(Value.self, forKey: key) }
                self = .object(found)
                return
            }
            if var items = try? decoder.unkeyedContainer() {
                var list: [Value] = []
                while !items.isAtEnd { list.append(try items.decode(Value.self)) }
                self = .list(list)
                return
            }
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                self = .nothing
            } else if (try? single.decode(Bool.self)) != nil {
                self = .other
            } else if let number = try? single.decode(Double.self) {
                self = .number(number)
            } else {
                self = .other
            }
        }

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
    }
}
