import Foundation
import RolloutEngine
import RolloutSimulation
import Testing

@testable import RolloutWeb

@Suite("The description of the interface")
struct OpenAPITests {
    @Test("every answer is as openapi.json says, at every address that it names")
    func answers() async throws {
        let fixture = WebFixture()
        let running = try await fixture.makeRollout(["gra-1", "gra-2", "gra-3", "gra-4", "gra-5"])
        try await running.playTrouble()
        let secret = try await fixture.token(.admin)
        try await fixture.serve { client async throws in
            let description = try Schema(try await client.ask("/api/v1/openapi.json").body)
            #expect(description.paths.count >= 9)
            for (path, methods) in description.paths {
                let address = path.replacing("{id}", with: "1").replacing("{name}", with: "gra-2")
                for method in methods {
                    let ask =
                        path.hasSuffix("/line")
                        ? #"{"stop":true,"reason":"storm"}"# : #"{"verb":"resume","reason":"mended"}"#
                    let body = method == "post" ? ask : nil
                    let answer = try await client.ask(
                        address, method.uppercased(), token: secret, body: body, type: "application/json")
                    #expect((200...299).contains(answer.status), "\(method) \(address): \(answer.text.prefix(200))")
                    let complaints = try description.complaints(about: answer.body, path, method, answer.status)
                    #expect(complaints.isEmpty, "\(method) \(address)")
                    // And without a token, and where there is none.
                    guard path != "/api/v1/openapi.json" else { continue }
                    let stranger = try await client.ask(
                        address, method.uppercased(), body: body, type: "application/json")
                    #expect(stranger.status == 401)
                    #expect(try description.complaints(about: stranger.body, path, method, 401).isEmpty)
                    guard path.contains("{id}") else { continue }
                    let missing = try await client.ask(
                        path.replacing("{id}", with: "99").replacing("{name}", with: "x"), method.uppercased(),
                        token: secret, body: body, type: "application/json")
                    #expect(missing.status == 404)
                    #expect(try description.complaints(about: missing.body, path, method, 404).isEmpty)
                }
            }
        }
    }

    /// As much of JSON Schema as the description uses.
    private struct Schema {
        private let document: [String: Any]
        var paths: [(String, [String])]

        init(_ data: Data) throws {
            document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            paths = (document["paths"] as? [String: [String: Any]] ?? [:]).map { ($0.key, $0.value.keys.sorted()) }
                .sorted { $0.0 < $1.0 }
        }

        func complaints(about body: Data, _ path: String, _ method: String, _ status: Int) throws -> [String] {
            let paths = document["paths"] as? [String: [String: Any]]
            let operation = paths?[path]?[method] as? [String: Any]
            let response = (operation?["responses"] as? [String: Any])?["\(status)"] as? [String: Any]
            let content = (response?["content"] as? [String: Any])?["application/json"] as? [String: Any]
            guard let schema = content?["schema"] as? [String: Any] else { return ["no schema for \(status)"] }
            return check(try JSONSerialization.jsonObject(with: body, options: .fragmentsAllowed), schema, "$")
        }

        private func check(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
            if let name = (schema["$ref"] as? String)?.split(separator: "/").last {
                let schemas = (document["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]]
                guard let found = schemas?[String(name)] else { return ["\(place): no schema \(name)"] }
                return check(value, found, place)
            }
            var complaints: [String] = []
            let types = schema["type"] as? [String] ?? [schema["type"] as? String].compactMap(\.self)
            if !types.isEmpty, !types.contains(where: { fits(value, $0) }) {
                complaints.append("\(place) is not \(types)")
            }
            if let allowed = schema["enum"] as? [String], let text = value as? String, !allowed.contains(text) {
                complaints.append("\(place): '\(text)' is none of \(allowed)")
            }
            if schema["format"] as? String == "date-time", let text = value as? String, Instant(text) == nil {
                complaints.append("\(place): '\(text)' is no time")
            }
            if let items = schema["items"] as? [String: Any], let list = value as? [Any] {
                for (index, item) in list.enumerated() { complaints += check(item, items, "\(place)[\(index)]") }
            }
            guard let object = value as? [String: Any] else { return complaints }
            let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
            for name in schema["required"] as? [String] ?? [] where object[name] == nil {
                complaints.append("\(place).\(name) is missing")
            }
            for (name, part) in object {
                if let known = properties[name] {
                    complaints += check(part, known, "\(place).\(name)")
                } else if schema["additionalProperties"] as? Bool == false {
                    complaints.append("\(place).\(name) is not described")
                } else if let other = schema["additionalProperties"] as? [String: Any] {
                    complaints += check(part, other, "\(place).\(name)")
                }
            }
            return complaints
        }

        private func fits(_ value: Any, _ type: String) -> Bool {
            switch type {
            case "string": value is String
            case "array": value is [Any]
            case "object": value is [String: Any]
            case "boolean": value is Bool
            case "integer": value is Int
            case "number": value is Double || value is Int
            default: false
            }
        }
    }
}
