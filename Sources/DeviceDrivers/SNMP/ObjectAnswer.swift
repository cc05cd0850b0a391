import Foundation
import RolloutEngine

/// What an agent answered about one instance of a watched object.
enum ObjectAnswer: Sendable {
    case missing
    case value(ObjectReading.Value)
    /// It has a value, of a type that the object cannot have.
    case unfit(String)
    case failed(status: Int)

    /// Takes a value as what the object is said to be.
    init(_ value: SNMPValue, as kind: WatchedObject.Kind, _ store: OctetStore) {
        switch (kind, value) {
        case (_, .absent), (_, .endOfView): self = .missing
        case (.counter, .counter32(let count)): self = .value(.counter(.bits32(count)))
        case (.counter, .counter64(let count)): self = .value(.counter(.bits64(count)))
        case (.gauge, .gauge32(let level)): self = .value(.level(Double(level)))
        case (.gauge, .integer(let level)): self = .value(.level(Double(level)))
        case (.gauge, .real(let level)) where level.isFinite: self = .value(.level(level))
        case (.gauge, .timeTicks(let ticks)): self = .value(.level(Double(ticks)))
        case (.gauge, .octets(let place)):
            let text = String(decoding: store.trimmed(place), as: UTF8.self)
            // A number and nothing else: load averages and sensors are said in words by some agents.
            guard text.wholeMatch(of: /[+-]?[0-9]{1,15}(\.[0-9]{1,15})?/) != nil, let level = Double(text) else {
                self = .unfit("a text that is no number")
                return
            }
            self = .value(.level(level))
        case (.state, .integer(let state)): self = .value(.state(Int64(state)))
        case (.state, .gauge32(let state)): self = .value(.state(Int64(state)))
        default: self = .unfit(Self.word(value))
        }
    }

    /// What a value is.
    private static func word(_ value: SNMPValue) -> String {
        switch value {
        case .counter32, .counter64: "a counter"
        case .gauge32, .integer, .real: "a number that goes up and down"
        case .timeTicks: "a time"
        case .octets: "a text"
        default: "something else"
        }
    }

    /// The reading of one instance.
    func reading(of object: WatchedObject, instance: [UInt32], at address: String) -> ObjectReading {
        let instance = instance.map(String.init).joined(separator: ".")
        let whole = object.number.map(String.init).joined(separator: ".") + (instance.isEmpty ? "" : ".\(instance)")
        func unknown(_ code: UnknownReason.Code, _ detail: String) -> ObjectReading {
            ObjectReading(name: object.name, instance: instance, unknown: UnknownReason(code, detail))
        }
        switch self {
        case .value(let value): return ObjectReading(name: object.name, instance: instance, value: value)
        case .missing: return unknown(.absent, "\(address) has no object \(whole)")
        case .failed(let status):
            return unknown(.agentError, "\(address) answers error \(status) when asked for \(whole)")
        case .unfit(let what):
            let expected =
                switch object.kind {
                case .counter: "a counter"
                case .gauge: "a level"
                case .state: "a state"
                }
            return unknown(.agentError, "\(whole) of \(address) is \(what), expected \(expected)")
        }
    }
}
