/// Why no session could begin, and what to do about it.
///
/// Before there is a session, libpq gives no codes, so this goes by its own words, which are English in a program that sets no locale.
/// What a server says may be in any language, and is only repeated.
struct PostgresAdmission {
    private let location: PostgresLocation
    private let says: String
    private let needsPassword: Bool
    private let usedPassword: Bool

    /// - Parameters:
    ///   - says: What libpq says, or the server through it.
    ///   - needsPassword: Whether the server asked for a password, and there was none.
    ///   - usedPassword: Whether a password was used.
    init(_ location: PostgresLocation, says: String, needsPassword: Bool, usedPassword: Bool) {
        self.location = location
        self.says = says
        self.needsPassword = needsPassword
        self.usedPassword = usedPassword
    }

    /// The trouble as that of a session that never began.
    var failure: PostgresFailure { .lost(says, advice: advice) }

    private var advice: String? {
        let secured = "hostssl \(place(of: "dbname")) \(place(of: "user")) ADDRESS scram-sha-256"
        if says.contains("certificate verify failed") {
            return "Expected a certificate that \(root) signed. See who did: \(show) -showcerts; then name that root: "
                + "sslrootcert=FILE"
        }
        if says.contains("does not match host name") {
            return
                "Expected a certificate of the name in the URL. See its names: \(show) | openssl x509 -noout -ext subjectAltName; "
                + "then write one of them as the host, and the address as hostaddr=ADDRESS"
        }
        if says.contains("root certificate file") {
            return "Expected the certificate of who signs in \(root). Put it there, or name the file: sslrootcert=FILE"
        }
        if says.contains("server does not support SSL") {
            return
                "Expected TLS, as sslmode=\(location["sslmode"] ?? "prefer") says. Switch it on at the server (ssl = on, "
                + "ssl_cert_file and ssl_key_file in postgresql.conf), then: psql -c 'SELECT pg_reload_conf()'"
        }
        if says.contains("channel binding") {
            return
                "Expected SCRAM over TLS, as channel_binding=require says. Have the server ask for it in pg_hba.conf (\(secured)), "
                + "with a password set while password_encryption = scram-sha-256, then: psql -c 'SELECT pg_reload_conf()'"
        }
        if says.contains("session is read-only") {
            return "Expected the primary, and this is a standby. Name all hosts, of which the primary is found: "
                + "postgres://USER@HOST1,HOST2/DATABASE; or have it take over: psql -c 'SELECT pg_promote()'"
        }
        if needsPassword {
            return
                "Expected a password for \(place(of: "user")), and there is none. Put a line HOST:PORT:DATABASE:USER:PASSWORD "
                + "into \(passwords), then: chmod 600 FILE"
        }
        if usedPassword {
            return
                "Expected the password of \(place(of: "user")). See that the one in \(passwords) is right, and that the user may "
                + "use this database: psql '\(location.name)' -U \(place(of: "user"))"
        }
        if says.contains("pg_hba.conf") {
            return
                "Expected a line of pg_hba.conf that lets this user in from this machine, and over TLS if it says so. Add one "
                + "(\(secured)), then: psql -c 'SELECT pg_reload_conf()'; and have the URL say sslmode=verify-full"
        }
        return nil
    }

    private var root: String { location["sslrootcert"] ?? "~/.postgresql/root.crt" }

    private var passwords: String {
        location["passfile"] ?? "the file that PGPASSFILE names (by default ~/.pgpass)"
    }

    private var show: String {
        let host = (location["hostaddr"] ?? location["host"] ?? "HOST").prefix { $0 != "," }
        let port = (location["port"] ?? "5432").prefix { $0 != "," }
        return "openssl s_client -starttls postgres -connect \(host):\(port) </dev/null"
    }

    private func place(of keyword: String) -> String { location[keyword] ?? keyword.uppercased() }
}
