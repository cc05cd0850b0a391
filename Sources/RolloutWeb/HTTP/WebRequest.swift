/// One request, whole: nothing of it is still on its way.
struct WebRequest: Sendable {
    /// GET, HEAD, POST, or whatever else was said.
    var method: String
    /// The parts of the path between its slashes, decoded: `/rollouts/217` is `["rollouts", "217"]`.
    var path: [String]
    /// The names and values behind the question mark, decoded, in the order in which they came.
    var query: [(name: String, value: String)]
    /// The headers, names in lower case, in the order in which they came.
    var headers: [(name: String, value: String)]
    /// The body.
    var body: [UInt8]
    /// Who asks: the other end's address, without its port.
    var peer: String
    /// Whether the connection may be used again.
    var keepsAlive: Bool

    /// The first header of a name in lower case.
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The first value of a name in the query.
    func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// The value of a cookie.
    func cookie(_ name: String) -> String? {
        for header in headers where header.name == "cookie" {
            for part in header.value.split(separator: ";") {
                let words = part.split(separator: "=", maxSplits: 1)
                if words.count == 2, words[0].trimming == name { return words[1].trimming }
            }
        }
        return nil
    }

    /// The fields of a form; nil when the body is none.
    var form: [(name: String, value: String)]? {
        let type = header("content-type")?.split(separator: ";").first?.trimming.lowercased()
        guard type == "application/x-www-form-urlencoded" else { return nil }
        return PercentCoding.pairs(body[...])
    }
}

extension StringProtocol {
    /// Without the spaces and tabs around it.
    var trimming: String {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var bytes = Array(utf8)[...]
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return String(decoding: bytes.drop(while: isBlank), as: UTF8.self)
    }
}
