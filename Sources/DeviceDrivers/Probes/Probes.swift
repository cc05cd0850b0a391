public import RolloutEngine

/// Asks probes: Prometheus and HTTP through `curl`, PostgreSQL through libpq, programs directly.
///
/// Whatever comes back that is not exactly one finite number is no number, with the reason.
public struct Probes: ProbeSource {
    private let secrets: any SecretSource
    private let curl: String

    /// - Parameter curl: Where the program `curl` is.
    public init(secrets: any SecretSource, curl: String = "/usr/bin/curl") {
        self.secrets = secrets
        self.curl = curl
    }

    /// Asks once.
    public func ask(_ probe: Probe) async -> ProbeAnswer {
        do throws(NoAnswer) {
            let value: Double
            switch probe.question {
            case .prometheus(let url, let query): value = try await prometheus(url, query, probe)
            case .http(let url, let status, let pointer): value = try await http(url, status, pointer, probe)
            case .sql(let url, let query): value = try await sql(url, query, probe)
            case .command(let words): value = try await command(words, probe)
            }
            guard value.isFinite else { throw NoAnswer(.agentError, "the answer is \(value), which is no number") }
            return .value(value)
        } catch {
            return .unknown(error.reason)
        }
    }

    // MARK: Over HTTP

    private func prometheus(_ url: String, _ query: String, _ probe: Probe) async throws(NoAnswer) -> Double {
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        let reply = try await fetch("\(base)/api/v1/query", form: ["query": query], probe)
        return try PrometheusAnswer.number(in: reply.body, status: reply.status)
    }

    private func http(_ url: String, _ status: Int?, _ pointer: String?, _ probe: Probe) async throws(NoAnswer)
        -> Double
    {
        let reply = try await fetch(url, form: nil, probe)
        guard let pointer else { return Double(reply.status) }
        guard reply.status == status ?? 200 else {
            throw NoAnswer(.agentError, "\(url) answers with status \(reply.status), expected \(status ?? 200)")
        }
        return try JSONPointer(pointer).number(in: reply.body)
    }

    private func fetch(_ url: String, form: [String: String]?, _ probe: Probe) async throws(NoAnswer) -> HTTPReply {
        var token: Secret?
        if let reference = probe.token { token = try resolve(reference) }
        return try await CurlRequest(url: url, form: form, token: token, timeout: probe.timeout).send(with: curl)
    }

    // MARK: Others

    private func sql(_ url: SecretReference, _ query: String, _ probe: Probe) async throws(NoAnswer) -> Double {
        let connection = try resolve(url)
        return try await PostgresQuery(connection: connection, query: query, timeout: probe.timeout).number()
    }

    private func command(_ words: [String], _ probe: Probe) async throws(NoAnswer) -> Double {
        let ending = await ChildProcess.run(
            words, within: Int(probe.timeout.milliseconds), limit: NoAnswer.largestAnswer)
        switch ending {
        case .exited(0, let output, _):
            let text = String(decoding: output, as: UTF8.self)
            return try NumberText.number(in: text, of: "the program")
        case .exited(let status, _, let complaint):
            let says = NoAnswer.line(complaint)
            throw NoAnswer(.agentError, "the program ended with status \(status)\(says.isEmpty ? "" : ": \(says)")")
        case .signalled(let signal): throw NoAnswer(.agentError, "the program was ended by signal \(signal)")
        case .tookTooLong: throw NoAnswer(.timeout, "the program took longer than \(probe.timeout)")
        case .saidTooMuch: throw NoAnswer.tooMuch("the program")
        case .notStarted(let why): throw NoAnswer(.notAsked, why)
        }
    }

    private func resolve(_ reference: SecretReference) throws(NoAnswer) -> Secret {
        do { return try secrets.resolve(reference) } catch { throw NoAnswer(.notAsked, error.message) }
    }
}

/// Why there is no number.
struct NoAnswer: Error {
    let reason: UnknownReason
    /// Whether there would be one if less had been asked for.
    var isTooMuch = false

    init(_ code: UnknownReason.Code, _ detail: String) { reason = UnknownReason(code, detail) }

    /// Whoever answers with more was not meant to be asked.
    static let largestAnswer = 64 * 1024

    /// What somebody else says, on one short line that no terminal obeys.
    static func line(_ bytes: [UInt8]) -> String { line(String(decoding: bytes, as: UTF8.self)) }

    /// The same of a text.
    static func line(_ text: String) -> String {
        SafeText.line(text.split(separator: "\n").joined(separator: "; ").prefix(200).description)
    }

    static func tooMuch(_ who: String, _ limit: Int = largestAnswer) -> NoAnswer {
        var answer = NoAnswer(.agentError, "\(who) answers with more than \(limit / 1024) KiB")
        answer.isTooMuch = true
        return answer
    }
}

/// Reads a text that is one number and nothing else. Pure.
enum NumberText {
    /// The number in a text.
    static func number(in text: String, of who: String) throws(NoAnswer) -> Double {
        let words = text.split { $0.isWhitespace }
        if words.isEmpty { throw NoAnswer(.absent, "\(who) says nothing") }
        guard words.count == 1, let value = Double(words[0]), value.isFinite, words[0].utf8.allSatisfy(isDecimal) else {
            throw NoAnswer(
                .agentError, "\(who) says '\(SafeText.line(String(text.prefix(80))))', expected one number")
        }
        return value
    }

    /// Not hexadecimal, infinite or not a number, which `Double` reads too.
    private static func isDecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
