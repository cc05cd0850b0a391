internal import CPostgres
internal import Dispatch
internal import Foundation
internal import RolloutEngine

/// One session with a server, from one thread at a time.
///
/// libpq's calls that wait for an answer are not used: everything waits here, against a deadline. Only the connecting itself is
/// left to libpq, which goes through several hosts with a limit for each.
final class PostgresSession {
    /// How a session behaves.
    struct Settings: Sendable {
        /// Shown in pg_stat_activity behind `rollout`.
        var purpose: String
        /// After how long the server gives a statement up; nil for never.
        var statementLimit: Timespan?
        /// After how long the server gives up to wait for a lock.
        var lockLimit: Timespan = .seconds(4)
        /// Whether a commit has to be on disk when it is acknowledged.
        var isDurable: Bool
    }

    /// Which of the server's processes this session is, for as long as that lives.
    struct Identity: Hashable, Sendable {
        let process: Int64
        /// Microseconds since 1970: process numbers are used again.
        let startedAt: Int64
    }

    /// A statement with parameters. One with a name is parsed once in a session.
    struct Statement: Sendable {
        var name = ""
        let text: String
    }

    /// Which process of the server it is.
    private(set) var identity = Identity(process: 0, startedAt: 0)
    /// The server's version: 150018 for 15.18.
    var serverVersion: Int { Int(PQserverVersion(handle)) }

    private let handle: OpaquePointer
    private let location: PostgresLocation
    private let settings: Settings
    private var prepared: Set<String> = []

    /// Connects, and settles how the session behaves.
    ///
    /// - Throws: A lost session when nobody answers, or who answers does not let us in.
    init(_ location: PostgresLocation, _ settings: Settings) throws(PostgresFailure) {
        self.location = location
        self.settings = settings
        guard let handle = Self.connect(location, settings) else { throw .lost("libpq has no memory") }
        guard PQstatus(handle) == CONNECTION_OK else {
            let admission = PostgresAdmission(
                location, says: location.tame(PQerrorMessage(handle).map { String(cString: $0) } ?? ""),
                needsPassword: PQconnectionNeedsPassword(handle) == 1,
                usedPassword: PQconnectionUsedPassword(handle) == 1)
            PQfinish(handle)
            throw admission.failure
        }
        self.handle = handle
        PQsetnonblocking(handle, 1)
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        try settle()
    }

    deinit { PQfinish(handle) }

    /// The socket on which the server speaks.
    var socket: Int32 { PQsocket(handle) }

    // MARK: Statements

    /// Runs one statement to its end.
    ///
    /// - Parameter limit: How long an answer is waited for; nil for a little longer than the server takes at most.
    @discardableResult
    func query(
        _ statement: Statement, _ values: [PostgresValue] = [], within limit: Timespan? = nil
    ) throws(PostgresFailure) -> PostgresRows {
        let deadline = deadline(limit)
        if !statement.name.isEmpty, !prepared.contains(statement.name) {
            try demand(PQsendPrepare(handle, statement.name, statement.text, 0, nil))
            _ = try answer(deadline)
            prepared.insert(statement.name)
        }
        let parameters = PostgresParameters(values)
        defer { parameters.release() }
        let count = Int32(values.count)
        try demand(
            statement.name.isEmpty
                ? PQsendQueryParams(
                    handle, statement.text, count, nil, parameters.pointers, parameters.lengths, parameters.formats, 1)
                : PQsendQueryPrepared(
                    handle, statement.name, count, parameters.pointers, parameters.lengths, parameters.formats, 1))
        guard let rows = try answer(deadline) else { throw lost() }
        return rows
    }

    /// Runs one statement to its end.
    @discardableResult
    func query(_ text: String, _ values: [PostgresValue] = [], within limit: Timespan? = nil) throws(PostgresFailure)
        -> PostgresRows
    {
        try query(Statement(text: text), values, within: limit)
    }

    /// Runs statements that give nothing, all in one transaction.
    func script(_ text: String) throws(PostgresFailure) {
        let deadline = deadline(nil)
        try demand(PQsendQuery(handle, text))
        _ = try answer(deadline)
    }

    /// Runs `COPY … FROM STDIN` statements, all in one transaction, each with its data.
    func copy(_ copies: [(statement: String, data: [UInt8])]) throws(PostgresFailure) {
        let deadline = deadline(nil)
        var rest = copies[...]
        try demand(PQsendQuery(handle, copies.map(\.statement).joined(separator: "; ")))
        var failure: PostgresFailure?
        try flush(deadline)
        while let result = try next(deadline) {
            if PQresultStatus(result) == PGRES_COPY_IN, let copy = rest.popFirst() {
                PQclear(result)
                try put(copy.data, deadline)
            } else if let trouble = trouble(in: result) {
                failure = failure ?? trouble
            }
        }
        if let failure { throw failure }
    }

    /// Runs a body in a transaction, which is taken back when it throws.
    func transaction<Value>(_ body: () throws -> Value) throws -> Value {
        try query("BEGIN")
        do {
            let value = try body()
            try query("COMMIT")
            return value
        } catch {
            if (error as? PostgresFailure)?.isLost != true { try query("ROLLBACK") }
            throw error
        }
    }

    /// Has the server end another session of ours, which takes a moment.
    ///
    /// - Returns: Whether that is still there.
    func terminate(_ other: Identity) throws(PostgresFailure) -> Bool {
        try query(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid = $1 AND (extract(epoch FROM backend_start) * 1000000)::bigint = $2
            """, [.integer(other.process), .integer(other.startedAt)]
        ).count > 0
    }

    /// Waits until all that is there already is where a commit of now would be: on the disks of synchronous standbys, too. What is
    /// found after its answer was lost may be here alone, as its session was ended while it waited for them.
    func awaitStandbys() throws(PostgresFailure) { try query("SELECT pg_logical_emit_message(true, 'rollout', '')") }

    // MARK: Notifications

    /// What was told since last time on channels that are listened to.
    func notifications() throws(PostgresFailure) -> [String] {
        guard PQconsumeInput(handle) == 1 else { throw lost() }
        var told: [String] = []
        while let notification = PQnotifies(handle) {
            told.append(String(cString: notification.pointee.extra))
            PQfreemem(notification)
        }
        return told
    }

    // MARK: How it is done

    private static func connect(_ location: PostgresLocation, _ settings: Settings) -> OpaquePointer? {
        // A later word wins over an earlier one: what stands before the URL is what it may say differently.
        var words: [(String, String)] = [
            ("connect_timeout", "3"), ("target_session_attrs", "read-write"), ("tcp_user_timeout", "10000"),
            ("keepalives_idle", "10"), ("keepalives_interval", "3"), ("keepalives_count", "3"),
        ]
        words.append(("dbname", location.url.reveal(\.self)))
        words += [("client_encoding", "UTF8"), ("application_name", "rollout \(settings.purpose)")]
        let keywords = words.map { strdup($0.0) }
        let values = words.map { strdup($0.1) }
        defer { for word in keywords + values { free(word) } }
        return PQconnectdbParams(
            keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
    }

    private func settle() throws(PostgresFailure) {
        // Names without a schema mean the server's own, whatever somebody put into other schemas.
        try query(
            """
            SELECT set_config('search_path', 'pg_catalog', false), set_config('TimeZone', 'UTC', false),
                set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),
                set_config('idle_in_transaction_session_timeout', '60s', false)
            """,
            [
                .text(String(settings.statementLimit?.milliseconds ?? 0)),
                .text(String(settings.lockLimit.milliseconds)),
            ])
        let rows = try query(
            """
            SELECT pid, (extract(epoch FROM backend_start) * 1000000)::bigint
            FROM pg_stat_get_activity(pg_backend_pid())
            """)
        identity = Identity(process: rows.integer(0, 0) ?? 0, startedAt: rows.integer(0, 1) ?? 0)
    }

    private func deadline(_ limit: Timespan?) -> UInt64 {
        let limit = limit ?? settings.statementLimit.map { $0 + .seconds(2) } ?? .minutes(60)
        return DispatchTime.now().uptimeNanoseconds + UInt64(max(0, limit.milliseconds)) * 1_000_000
    }

    private func demand(_ isSent: Int32) throws(PostgresFailure) { guard isSent == 1 else { throw lost() } }

    /// Sends what is waiting, and takes in all that comes back.
    private func answer(_ deadline: UInt64) throws(PostgresFailure) -> PostgresRows? {
        try flush(deadline)
        var rows: PostgresRows?
        var failure: PostgresFailure?
        while let result = try next(deadline) {
            if let trouble = trouble(in: result) { failure = failure ?? trouble } else { rows = PostgresRows(result) }
        }
        if let failure { throw failure }
        return rows
    }

    private func put(_ data: [UInt8], _ deadline: UInt64) throws(PostgresFailure) {
        var taken: Int32 = 0
        // In pieces: libpq copies what it is given before it sends it.
        var rest = data[...]
        while !rest.isEmpty {
            let piece = rest.prefix(1 << 16)
            taken = piece.withUnsafeBytes { bytes in
                PQputCopyData(handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
            }
            guard taken >= 0 else { throw lost() }
            if taken == 1 { rest = rest.dropFirst(piece.count) }
            try flush(deadline)
        }
        repeat {
            taken = PQputCopyEnd(handle, nil)
            guard taken >= 0 else { throw lost() }
            try flush(deadline)
        } while taken == 0
    }

    private func flush(_ deadline: UInt64) throws(PostgresFailure) {
        while true {
            let rest = PQflush(handle)
            if rest == 0 { return }
            guard rest == 1 else { throw lost() }
            // A server that waits for us to read takes nothing more.
            if try wait(POLLIN | POLLOUT, deadline) & Int16(POLLIN) != 0, PQconsumeInput(handle) != 1 { throw lost() }
        }
    }

    private func next(_ deadline: UInt64) throws(PostgresFailure) -> OpaquePointer? {
        while PQisBusy(handle) == 1 {
            _ = try wait(POLLIN, deadline)
            guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
        return PQgetResult(handle)
    }

    /// Nil for a result that is none; else the result is given back to libpq.
    private func trouble(in result: OpaquePointer) -> PostgresFailure? {
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return nil
        default: break
        }
        defer { PQclear(result) }
        func field(_ letter: Character) -> String? {
            PQresultErrorField(result, Int32(letter.asciiValue ?? 0)).map { location.tame(String(cString: $0)) }
        }
        // What libpq itself says has no code: the connection broke.
        guard let state = field("C"), PQstatus(handle) == CONNECTION_OK else {
            return .lost(field("M") ?? lost().message, state: field("C"))
        }
        let message = [field("M"), field("D")].compactMap(\.self).joined(separator: ": ")
        return .refused(state, message)
    }

    private func wait(_ events: Int32, _ deadline: UInt64) throws(PostgresFailure) -> Int16 {
        while true {
            let now = DispatchTime.now().uptimeNanoseconds
            guard now < deadline else { throw .lost("no answer from the server in time") }
            var polled = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
            let count = poll(&polled, 1, Int32(min((deadline - now) / 1_000_000 + 1, 60_000)))
            if count > 0 { return polled.revents }
            if count < 0, errno != EINTR { throw .lost(String(cString: strerror(errno))) }
        }
    }

    private func lost() -> PostgresFailure {
        let says = PQerrorMessage(handle).map { location.tame(String(cString: $0)) } ?? ""
        return .lost(says.isEmpty ? "the connection was lost" : says)
    }
}

/// Parameters in the memory that libpq reads them from.
private struct PostgresParameters {
    let pointers: [UnsafePointer<CChar>?]
    let lengths: [Int32]
    let formats: [Int32]

    init(_ values: [PostgresValue]) {
        var pointers: [UnsafePointer<CChar>?] = []
        var lengths: [Int32] = []
        var formats: [Int32] = []
        for value in values {
            let encoded = value.encoded
            pointers.append(
                encoded.map { encoded in
                    // Not empty: a null pointer would mean NULL.
                    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: encoded.bytes.count + 1)
                    encoded.bytes.withUnsafeBufferPointer { bytes in
                        if let start = bytes.baseAddress { memory.update(from: start, count: bytes.count) }
                    }
                    return UnsafeRawPointer(memory).assumingMemoryBound(to: CChar.self)
                })
            lengths.append(Int32(encoded?.bytes.count ?? 0))
            formats.append(encoded?.isBinary == true ? 1 : 0)
        }
        (self.pointers, self.lengths, self.formats) = (pointers, lengths, formats)
    }

    func release() { for pointer in pointers { pointer?.deallocate() } }
}
