import Testing

@testable import RolloutWeb

@Suite("Reading requests")
struct RequestReaderTests {
    private func read(_ text: String, _ limits: RequestLimits = RequestLimits()) -> RequestReader.Progress {
        var reader = RequestReader(limits: limits, peer: "127.0.0.1")
        reader.take(Array(text.utf8))
        return reader.next()
    }

    private func status(_ text: String, _ limits: RequestLimits = RequestLimits()) -> HTTPStatus? {
        if case .refused(let status, _) = read(text, limits) { status } else { nil }
    }

    @Test("a request is read the same in whatever pieces it comes")
    func pieces() throws {
        let text =
            "POST /rollouts/7/ask?a=%3C1&b HTTP/1.1\r\nHost: x\r\nCookie: s=1; t=2\r\nContent-Length: 5\r\n\r\nhelloGET"
        let bytes = Array(text.utf8)
        for cut in 1..<bytes.count {
            var reader = RequestReader(limits: RequestLimits(), peer: "p")
            reader.take(bytes[..<cut])
            var progress = reader.next()
            if case .incomplete = progress {
                reader.take(bytes[cut...])
                progress = reader.next()
            } else {
                reader.take(bytes[cut...])
            }
            guard case .request(let request) = progress else {
                Issue.record("cut at \(cut): \(progress)")
                continue
            }
            #expect(request.path == ["rollouts", "7", "ask"])
            #expect(request.query("a") == "<1")
            #expect(request.query("b") == "")
            #expect(request.cookie("t") == "2")
            #expect(request.body == Array("hello".utf8))
            // What follows belongs to the next request.
            guard case .incomplete = reader.next() else {
                Issue.record("cut at \(cut): three letters are no request")
                continue
            }
            #expect(reader.hasBegun)
        }
    }

    @Test(
        "what could be read in two ways is refused",
        arguments: [
            ("GET / HTTP/1.1\nHost: x\n\r\n\r\n", HTTPStatus.badRequest),
            ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\n\r\n", .badRequest),
            ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", .badRequest),
            ("GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\n\r\n", .badRequest),
            ("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", .badRequest),
            ("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", .badRequest),
            ("GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost: x\rInjected: y\r\n\r\n", .badRequest),
            ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", .versionNotSupported),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", .badRequest),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na", .badRequest),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\na", .badRequest),
            ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .lengthRequired),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                .lengthRequired
            ),
        ])
    func ambiguous(_ text: String, _ expected: HTTPStatus) { #expect(status(text) == expected) }

    @Test("what is too large is refused before it has come")
    func tooLarge() {
        var limits = RequestLimits()
        limits.body = 100
        #expect(status("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n", limits) == .tooLarge)
        #expect(status("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n") == .tooLarge)
        #expect(status("GET /" + String(repeating: "a", count: 9000)) == .addressTooLong)
        #expect(status("GET / HTTP/1.1\r\nHost: x\r\nA: " + String(repeating: "a", count: 17_000)) == .headersTooLarge)
        let many = (0..<65).map { "H\($0): 1\r\n" }.joined()
        #expect(status("GET / HTTP/1.1\r\nHost: x\r\n\(many)\r\n") == .headersTooLarge)
    }

    @Test("a path part that came escaped is one part, whatever is in it")
    func escapedParts() {
        guard case .request(let request) = read("GET /rollouts/7/devices/a%2Fb%3F%23 HTTP/1.1\r\nHost: x\r\n\r\n")
        else {
            Issue.record("not read")
            return
        }
        #expect(request.path == ["rollouts", "7", "devices", "a/b?#"])
        #expect(PercentCoding.segment("a/b?#") == "a%2Fb%3F%23")
        #expect(PercentCoding.segment("..") == "%2E%2E")
        #expect(PercentCoding.segment("10.0.0.1") == "10.0.0.1")
    }
}
