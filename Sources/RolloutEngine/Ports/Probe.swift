/// Something beside the fleet's agents that is asked for one number: a monitoring system, a service, a database, a program.
public struct Probe: Hashable, Codable, Sendable {
    /// What is asked.
    public var question: Question
    /// How often; nil for the policy's poll.
    public var every: Timespan?
    /// How long an answer may take.
    public var timeout: Timespan
    /// Where the token is kept that is sent as `Authorization: Bearer`; nil for none. Only for what is asked over HTTP.
    public var token: SecretReference?

    /// A probe.
    public init(
        _ question: Question, every: Timespan? = nil, timeout: Timespan = .seconds(5), token: SecretReference? = nil
    ) {
        self.question = question
        self.every = every
        self.timeout = timeout
        self.token = token
    }

    /// What can be asked.
    public enum Question: Hashable, Codable, Sendable {
        /// An instant query to a Prometheus server, which must have exactly one number as its result.
        case prometheus(url: String, query: String)
        /// An HTTP endpoint: a number in its JSON body, by pointer (RFC 6901), or its status where there is no pointer. Another
        /// status than the one given is no answer.
        case http(url: String, status: Int?, pointer: String?)
        /// A query to PostgreSQL, which must give exactly one row of one number. The reference leads to a connection string.
        case sql(url: SecretReference, query: String)
        /// A program on this machine with its arguments, without a shell. It prints one number.
        case command([String])

        enum CommandCodingKeys: String, CodingKey { case _0 = "run" }
    }
}

/// What came of asking.
public enum ProbeAnswer: Hashable, Sendable {
    /// The number: always finite.
    case value(Double)
    /// There is none, and why. `.agentError` and `.notAsked` are errors; anything else only tells nothing.
    case unknown(UnknownReason)
}

/// Asks probes. It never throws, and it never takes much longer than the probe's timeout.
public protocol ProbeSource: Sendable {
    /// Asks once.
    func ask(_ probe: Probe) async -> ProbeAnswer
}
