internal import CPostgres
import Glibc
import RolloutEngine

/// One query to PostgreSQL on a connection of its own, which may only read and ends with it.
///
/// libpq's calls that wait are not used: everything waits here, against one deadline, on a helper thread. How much may arrive is
/// bounded, too: libpq itself takes in a row of any size.
struct PostgresQuery {
    let connection: Secret
    let query: String
    let timeout: Timespan

    /// The one number that it gives.
    func number() async throws(NoAnswer) -> Double {
        let result: Result<Double, NoAnswer> = await withCheckedContinuation { continuation in
            HelperThreads.shared.run {
                do throws(NoAnswer) {
                    continuation.resume(returning: .success(try self.ask()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    private func ask() throws(NoAnswer) -> Double {
        let deadline = ChildProcess.now() + Int(timeout.milliseconds)
        guard let handle = open() else { throw NoAnswer(.notAsked, "libpq has no memory") }
        defer { PQfinish(handle) }
        try connect(handle, deadline)
        PQsetnonblocking(handle, 1)
        // By the extended protocol, which takes one statement only: nothing can hide behind a semicolon.
        let isSent = PQsendQueryParams(handle, query, 0, nil, nil, nil, nil, 0) == 1
        guard isSent else { throw trouble(handle, .agentError) }
        while true {
            let rest = PQflush(handle)
            if rest == 0 { break }
            guard rest == 1 else { throw trouble(handle, .timeout) }
            try wait(handle, POLLOUT, deadline)
        }
        var received = 0
        while PQisBusy(handle) == 1 {
            try wait(handle, POLLIN, deadline)
            received += max(0, Int(cpostgres_waiting(PQsocket(handle))))
            guard received <= 2 * NoAnswer.largestAnswer else { throw NoAnswer.tooMuch("the database") }
            guard PQconsumeInput(handle) == 1 else { throw trouble(handle, .timeout) }
        }
        guard let result = PQgetResult(handle) else { throw trouble(handle, .agentError) }
        defer { PQclear(result) }
        return try number(in: result, handle)
    }

    private func open() -> OpaquePointer? {
        // What it may do and for how long is said to the server as well. The last word wins over the connection string.
        let options = "-c default_transaction_read_only=on -c statement_timeout=\(timeout.milliseconds)"
        return connection.reveal { text in
            text.withCString { dbname in
                options.withCString { options in
                    "dbname".withCString { first in
                        "options".withCString { second in
                            "application_name".withCString { third in
                                "rollout".withCString { name in
                                    PQconnectStartParams(
                                        [first, second, third, nil], [dbname, options, name, nil], 1)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private func connect(_ handle: OpaquePointer, _ deadline: Int) throws(NoAnswer) {
        guard PQstatus(handle) != CONNECTION_BAD else { throw trouble(handle, .notAsked) }
        var next = PGRES_POLLING_WRITING
        while true {
            switch next {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: try wait(handle, POLLIN, deadline)
            case PGRES_POLLING_WRITING: try wait(handle, POLLOUT, deadline)
            default: throw trouble(handle, .timeout)
            }
            next = PQconnectPoll(handle)
        }
    }

    private func wait(_ handle: OpaquePointer, _ events: Int32, _ deadline: Int) throws(NoAnswer) {
        while true {
            let left = deadline - ChildProcess.now()
            guard left > 0 else { throw NoAnswer(.timeout, "no answer from the database within \(timeout)") }
            var polled = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
            let count = poll(&polled, 1, Int32(min(left, 60_000)))
            if count > 0 { return }
            if count < 0 && errno != EINTR { throw NoAnswer(.timeout, ChildProcess.reason(errno)) }
        }
    }

    private func number(in result: OpaquePointer, _ handle: OpaquePointer) throws(NoAnswer) -> Double {
        guard PQresultStatus(result) == PGRES_TUPLES_OK else {
            let says = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
            let words = NoAnswer.line(says.isEmpty ? "no rows come of this" : says)
            throw NoAnswer(.agentError, "the database says: \(words)")
        }
        let (rows, columns) = (PQntuples(result), PQnfields(result))
        guard columns == 1 else { throw NoAnswer(.agentError, "the query gives \(columns) columns, expected one") }
        guard rows > 0 else { throw NoAnswer(.absent, "the query gives no row") }
        guard rows == 1 else { throw NoAnswer(.agentError, "the query gives \(rows) rows, expected one") }
        guard PQgetisnull(result, 0, 0) == 0, let text = PQgetvalue(result, 0, 0) else {
            throw NoAnswer(.absent, "the query gives NULL")
        }
        return try NumberText.number(in: String(cString: text), of: "the database")
    }

    /// What libpq says never holds the password, but it may hold what a server sent.
    private func trouble(_ handle: OpaquePointer, _ code: UnknownReason.Code) -> NoAnswer {
        let says = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        return NoAnswer(code, "the database: \(NoAnswer.line(says.isEmpty ? "the connection was lost" : says))")
    }
}
