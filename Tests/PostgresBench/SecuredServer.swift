internal import Foundation

/// A server that lets its user `driver` in over TLS alone, by a password that is checked by SCRAM; and what a client needs for that.
public final class SecuredServer: Sendable {
    /// The server.
    public let server: PostgresServer
    /// The password of `driver`, found nowhere else.
    public let password = "canary-" + UUID().uuidString
    /// What opens the key of `driver`'s certificate, found nowhere else.
    public let passphrase = "canary-" + UUID().uuidString
    /// Where certificates and password files are.
    public let folder: String
    private let database: String

    /// Makes certificates, a server with them, and a database that belongs to `driver`.
    ///
    /// - Parameter speaksTLS: Whether it does; if not, it lets `driver` in without.
    public init(speaksTLS: Bool = true) throws {
        folder = NSTemporaryDirectory() + "rollout-tls-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Self.makeCertificates(in: folder, passphrase)
        let kind = speaksTLS ? "hostssl" : "host"
        try "local all postgres trust\n\(kind) all driver 127.0.0.1/32 scram-sha-256\n"
            .write(toFile: folder + "/hba.conf", atomically: true, encoding: .utf8)
        for file in ["", "/hba.conf", "/root.crt", "/server.crt", "/server.key"] {
            try PostgresServer.lend(folder + file)
        }
        let tls = [
            "ssl=on", "ssl_cert_file=\(folder)/server.crt", "ssl_key_file=\(folder)/server.key",
            "ssl_ca_file=\(folder)/root.crt",
        ]
        server = try PostgresServer(
            options: ["hba_file=\(folder)/hba.conf", "log_connections=on", "log_statement=all"]
                + (speaksTLS ? tls : []), onLoopback: true)
        // The server logs all statements but this one.
        try server.sql("SET log_statement = 'none'; CREATE ROLE driver LOGIN PASSWORD '\(password)'")
        let url = try server.makeDatabase("OWNER driver")
        database = String(url.dropFirst("postgres://postgres@/".count).prefix { $0 != "?" })
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// The certificate of who signed the server's, or of somebody else.
    public func root(_ isRight: Bool = true) -> String { folder + (isRight ? "/root.crt" : "/other.crt") }

    /// A password file for `driver`, with the right password or a wrong one.
    public func passwordFile(_ isRight: Bool = true) throws -> String {
        let path = folder + (isRight ? "/pass" : "/wrong")
        let line = "*:*:*:driver:\(isRight ? password : "wrong")\n"
        _ = FileManager.default.createFile(
            atPath: path, contents: Data(line.utf8), attributes: [.posixPermissions: 0o600])
        return path
    }

    /// The URL of the database for `driver`.
    ///
    /// - Parameters:
    ///   - host: The name that the certificate is held against; the address is always this machine's.
    ///   - password: A password in the URL itself.
    ///   - parameters: Such as `sslmode=verify-full`.
    public func url(_ parameters: String..., host: String = "localhost", password: String? = nil) -> String {
        let user = password.map { "driver:\($0)" } ?? "driver"
        let words = ["hostaddr=127.0.0.1", "gssencmode=disable"] + parameters
        return "postgres://\(user)@\(host):\(server.port)/\(database)?" + words.joined(separator: "&")
    }

    /// What shows the certificate of `driver`, for a URL.
    ///
    /// - Parameter passphrase: What its key is opened with.
    public func certificate(openedWith passphrase: String) -> String {
        "sslcert=\(folder)/client.crt&sslkey=\(folder)/client.key&sslpassword=\(passphrase)"
    }

    /// What the server wrote into its log.
    public var log: String { (try? String(contentsOfFile: server.folder + "/log", encoding: .utf8)) ?? "" }

    /// Two roots, and certificates of `localhost` and of `driver` that the first of them signed.
    private static func makeCertificates(in folder: String, _ passphrase: String) throws {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        for root in ["root", "other"] {
            try openssl(
                ["req", "-x509"] + key + ["-keyout", "\(root).key", "-out", "\(root).crt", "-days", "2"]
                    + ["-subj", "/CN=\(root)"], in: folder)
        }
        try openssl(
            ["req"] + key + ["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"]
                + ["-addext", "subjectAltName=DNS:localhost"], in: folder)
        try openssl(
            ["x509", "-req", "-in", "server.csr", "-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial"]
                + ["-copy_extensions", "copy", "-out", "server.crt", "-days", "2"], in: folder)
        try openssl(
            ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-passout", "pass:\(passphrase)"]
                + ["-keyout", "client.key", "-out", "client.csr", "-subj", "/CN=driver"], in: folder)
        try openssl(
            ["x509", "-req", "-in", "client.csr", "-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial"]
                + ["-out", "client.crt", "-days", "2"], in: folder)
        for key in ["/server.key", "/client.key"] {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + key)
        }
    }

    private static func openssl(_ words: [String], in folder: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw PostgresServer.Refusal(said: "openssl \(words)") }
    }
}
