internal import CPostgres
internal import Foundation
internal import RolloutEngine

/// Where a journal in PostgreSQL is, as a user wrote it, and what may be said of that: never the password.
struct PostgresLocation: Sendable {
    /// `postgres://db.example.net:5432/rollout`, for people.
    let name: String
    /// The URL, as libpq reads it.
    let url: Secret
    /// What the URL says, but for passwords.
    let parameters: [(keyword: String, value: String)]
    /// The password in the URL, if it has one.
    let password: Secret?
    /// The passphrase of the key of a client certificate in the URL, if it has one.
    let keyPassphrase: Secret?

    /// Reads `postgres://USER@HOST:PORT/DATABASE?PARAMETER=VALUE`, with every parameter that libpq knows.
    ///
    /// - Throws: `.unavailable` for what libpq does not understand. What was written is not repeated: it may hold a password.
    init(_ url: String) throws(StoreError) {
        var complaint: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &complaint) else {
            PQfreemem(complaint)
            throw StoreError(
                .unavailable,
                "the store's URL cannot be understood: write postgres://USER@HOST:PORT/DATABASE?PARAMETER=VALUE, and in a name "
                    + "or password %40 for @, %2F for /, %3A for :, %25 for %")
        }
        defer { PQconninfoFree(options) }
        var parameters: [(keyword: String, value: String)] = []
        var secrets: [String: Secret] = [:]
        var next = options
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val {
                let (keyword, value) = (String(cString: keyword), String(cString: value))
                if ["password", "sslpassword"].contains(keyword) {
                    secrets[keyword] = Secret(value)
                } else {
                    parameters.append((keyword, value))
                }
            }
            next += 1
        }
        let said = Dictionary(parameters, uniquingKeysWith: { _, last in last })
        let place = said["host"] ?? said["hostaddr"] ?? said["service"].map { "service \($0)" } ?? "the local socket"
        guard !place.contains("@") else {
            // What stands there may be the rest of a password.
            throw StoreError(
                .unavailable, "the store's URL has more than one @: write the one in the name or password as %40")
        }
        let port = said["port"].map { ":\($0)" } ?? ""
        name = "postgres://\(place)\(port)" + (said["dbname"].map { "/\($0)" } ?? "")
        self.url = Secret(url)
        self.parameters = parameters
        password = secrets["password"]
        keyPassphrase = secrets["sslpassword"]
    }

    /// What the URL says of something that libpq knows by this name; nil when it says nothing. The password is not told.
    subscript(keyword: String) -> String? { parameters.last { $0.keyword == keyword }?.value }

    /// What libpq or a server said, on one line and without passwords.
    func tame(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .joined(separator: "; ")
        return [password, keyPassphrase].compactMap(\.self).reduce(line) { line, secret in
            secret.reveal { $0.isEmpty ? line : line.replacing($0, with: "***") }
        }
    }
}
