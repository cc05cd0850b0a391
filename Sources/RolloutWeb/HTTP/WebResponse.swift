internal import Foundation

/// What is answered.
struct WebResponse: Sendable {
    /// The status.
    var status: HTTPStatus
    /// Headers beside those that every answer has.
    var headers: [(name: String, value: String)]
    /// The body.
    var body: Body

    /// A body.
    enum Body: Sendable {
        /// Of known length.
        case whole(Data)
        /// Goes on until its end, and the connection with it.
        case stream(AsyncStream<Data>)
    }

    init(_ status: HTTPStatus = .ok, _ headers: [(name: String, value: String)] = [], body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A page.
    static func page(_ html: HTML, _ status: HTTPStatus = .ok) -> Self {
        Self(
            status, [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")],
            body: .whole(Data(html.text.utf8)))
    }

    /// JSON.
    static func json(_ data: Data, _ status: HTTPStatus = .ok) -> Self {
        Self(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")], body: .whole(data))
    }

    /// Plain text, a line.
    static func text(_ text: String, _ status: HTTPStatus = .ok) -> Self {
        Self(
            status, [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")],
            body: .whole(Data((text + "\n").utf8)))
    }

    /// Go there, with GET.
    static func redirect(to path: String, _ headers: [(name: String, value: String)] = []) -> Self {
        Self(.seeOther, [("Location", path), ("Cache-Control", "no-store")] + headers, body: .whole(Data()))
    }

    /// The head as it is sent.
    ///
    /// What is said of security is said of every answer, whoever made it; an answer may be stricter, not laxer.
    func head(keepsAlive: Bool) -> Data {
        var lines = ["HTTP/1.1 \(status.rawValue) \(status.phrase)"]
        var names: Set<String> = []
        func add(_ name: String, _ value: String) {
            // Whoever could end a header's line could write the next one.
            let tame = value.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }
            lines.append("\(name): \(String(String.UnicodeScalarView(tame)))")
            names.insert(name.lowercased())
        }
        for header in headers { add(header.name, header.value) }
        for header in Self.always where !names.contains(header.0.lowercased()) { add(header.0, header.1) }
        switch body {
        case .whole(let data):
            add("Content-Length", "\(data.count)")
            add("Connection", keepsAlive ? "keep-alive" : "close")
        case .stream:
            // Its end is the end of the connection, so that nothing has to be framed.
            add("Connection", "close")
        }
        return Data((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private static let always = [
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ]

    /// Nothing but what this server sends: no script or style within a page, no frame, no form to elsewhere.
    static let policy =
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
}
