import RolloutEngine

/// One request over HTTP, sent by the program `curl`.
///
/// Its address, its form and its token are said on the standard input, never on a command line, where others could read them.
/// No redirect is followed: whoever answers in the place of the one that was asked is not believed. Nor are variables or
/// files looked at that could bring in a proxy.
struct CurlRequest {
    let url: String
    /// Sent as a form by POST when there is one, else GET.
    let form: [String: String]?
    let token: Secret?
    let timeout: Timespan
    /// What stands before the token.
    var scheme = "Bearer"
    /// Whoever answers with more bytes is not heard.
    var largestAnswer = NoAnswer.largestAnswer

    /// Sends it.
    func send(with curl: String) async throws(NoAnswer) -> HTTPReply {
        let words =
            Self.words(curl, protocols: "http,https", timeout: timeout, largestAnswer: largestAnswer) + [
                // Behind the body, so that whatever the body is, the last line is curl's own.
                "--write-out", "\n%{http_code}",
            ]
        let ending = await ChildProcess.run(
            words, input: Array(configuration.utf8), within: Int(timeout.milliseconds) + 500,
            limit: largestAnswer + 4)
        switch ending {
        case .exited(0, let output, _): return try reply(output)
        // 28 is the time limit, 63 the size limit (curl's manual, EXIT CODES).
        case .exited(28, _, _), .tookTooLong: throw NoAnswer(.timeout, "no answer from \(url) within \(timeout)")
        case .exited(63, _, _), .saidTooMuch: throw NoAnswer.tooMuch(url, largestAnswer)
        case .exited(let status, _, let complaint):
            // 6 and 7: it was not found or not reached. Whatever else happens is told in curl's words.
            let code: UnknownReason.Code = status == 6 || status == 7 ? .timeout : .agentError
            throw NoAnswer(code, "\(url): \(NoAnswer.line(complaint))")
        case .signalled(let signal): throw NoAnswer(.agentError, "curl was ended by signal \(signal)")
        case .notStarted(let why): throw NoAnswer(.notAsked, "\(why); install the package curl")
        }
    }

    /// The beginning of a command line: nothing is read from files, no proxy is used, and time and size are bounded. The rest is said on
    /// the standard input.
    static func words(_ curl: String, protocols: String, timeout: Timespan, largestAnswer: Int) -> [String] {
        [
            curl, "--disable", "--silent", "--show-error", "--globoff", "--noproxy", "*", "--proto", "=\(protocols)",
            "--max-time", String(Double(timeout.milliseconds) / 1000), "--max-filesize", "\(largestAnswer)",
            "--config", "-",
        ]
    }

    private var configuration: String {
        var lines = ["url = \(Self.quoted(url))"]
        for (name, value) in (form ?? [:]).sorted(by: { $0.key < $1.key }) {
            lines.append("data-urlencode = \(Self.quoted("\(name)=\(value)"))")
        }
        token?.reveal { lines.append("header = \(Self.quoted("Authorization: \(scheme) \($0)"))") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// As curl reads it in its configuration: backslashes and quotes are escaped, and so is what would end the line.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\\": quoted += "\\\\"
            case "\"": quoted += "\\\""
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            default: quoted.unicodeScalars.append(character)
            }
        }
        return quoted + "\""
    }

    private func reply(_ output: [UInt8]) throws(NoAnswer) -> HTTPReply {
        guard let end = output.lastIndex(of: UInt8(ascii: "\n")),
            let status = Int(String(decoding: output[(end + 1)...], as: UTF8.self)), (100...599).contains(status)
        else { throw NoAnswer(.agentError, "\(url) gives no status") }
        guard !(300...399).contains(status) else {
            throw NoAnswer(.agentError, "\(url) leads elsewhere (status \(status)), and no redirect is followed")
        }
        return HTTPReply(status: status, body: Array(output[..<end]))
    }
}

/// What came back.
struct HTTPReply {
    let status: Int
    let body: [UInt8]
}
