import Foundation
import PostgresBench
import RolloutEngine
import Testing

@testable import RolloutStore

@Suite(
    "The store in PostgreSQL over TLS, with SCRAM", .serialized, .timeLimit(.minutes(10)),
    .enabled(if: PostgresServer.isAvailable, "a server of PostgreSQL 15 can only be started as root"))
struct PostgresTLSTests {
    @Test(
        "verify-full with the right root, host and password: tables are made, facts are kept, and the channel is bound")
    func admitted() async throws {
        let secured = try SecuredServer()
        let url = try Self.url(secured) + "&channel_binding=require"
        _ = try PostgresMigrator(try PostgresLocation(url)).migrate()
        let store = try PostgresJournalStore(url: url)
        let id = try await store.makeRollout()
        let lease = try await store.take(id)
        try await store.push("gra-eco-01", id, lease)
        #expect(try await store.entries(of: id, after: 0).count == 2)
        // Who listens, too.
        await store.waitForFacts(of: id, after: 1, atMost: .seconds(20))
        let sessions = try secured.server.sql(
            """
            SELECT count(*), bool_and(s.ssl), min(s.version) FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid)
            WHERE a.usename = 'driver'
            """)
        #expect(sessions.contains("|t|TLSv1.3"), "\(sessions)")
        await store.close()
        #expect(!secured.log.contains(secured.password))
    }

    @Test(
        "what is not as it should be is refused, with what was expected and the next command, and without the password")
    func refused() async throws {
        let secured = try SecuredServer()
        let right = try Self.url(secured)
        _ = try PostgresMigrator(try PostgresLocation(right)).migrate()
        let (root, pass) = ("sslrootcert=\(secured.root())", "passfile=\(try secured.passwordFile())")
        let full = "sslmode=verify-full"
        try await expect(
            secured, secured.url(full, "sslrootcert=\(secured.root(false))", pass), "certificate verify failed",
            "Expected a certificate that \(secured.root(false)) signed",
            "openssl s_client -starttls postgres -connect 127.0.0.1:\(secured.server.port)")
        try await expect(
            secured, secured.url(full, "sslrootcert=\(secured.folder)/none.crt", pass), "does not exist",
            "Expected the certificate of who signs in \(secured.folder)/none.crt", "sslrootcert=FILE")
        try await expect(
            secured, secured.url(full, root, pass, host: "db.example.net"),
            "\"localhost\" does not match host name \"db.example.net\"",
            "Expected a certificate of the name in the URL", "openssl x509 -noout -ext subjectAltName")
        try await expect(
            secured, secured.url(full, root, "passfile=\(try secured.passwordFile(false))"),
            "password authentication failed for user \"driver\"", "Expected the password of driver",
            "\(secured.folder)/wrong is right", "psql ")
        try await expect(
            secured, secured.url(full, root, password: secured.password + "x"), "password authentication failed",
            "Expected the password of driver", "psql ")
        try await expect(
            secured, secured.url(full, root, "passfile=/nowhere"), "Expected a password for driver, and there is none",
            "HOST:PORT:DATABASE:USER:PASSWORD", "chmod 600")
        try await expect(
            secured, secured.url("sslmode=disable", pass), "pg_hba.conf", "hostssl", "sslmode=verify-full",
            "pg_reload_conf()")
        #expect(!secured.log.contains(secured.password))
        // It was none of these: with all of it right, it lets us in.
        #expect(try await PostgresJournalStore(url: right).rollouts().isEmpty)
    }

    @Test("a server that speaks no TLS is refused where that is demanded, and so is one that does not bind the channel")
    func plaintext() async throws {
        let plain = try SecuredServer(speaksTLS: false)
        let pass = "passfile=\(try plain.passwordFile())"
        for mode in ["require", "verify-full"] {
            try await expect(
                plain, plain.url("sslmode=\(mode)", "sslrootcert=\(plain.root())", pass),
                "server does not support SSL", "Expected TLS, as sslmode=\(mode) says", "ssl = on", "pg_reload_conf()")
        }
        try await expect(
            plain, plain.url("sslmode=prefer", pass, "channel_binding=require"), "channel binding",
            "Expected SCRAM over TLS, as channel_binding=require says", "hostssl", "pg_reload_conf()")
        #expect(!plain.log.contains(plain.password))
    }

    @Test("the passphrase of a client's key is a secret like the password")
    func passphrase() async throws {
        let url = "postgres://ada@db.example.net/rollout?sslkey=/etc/rollout/key&sslpassword=hunter2"
        let location = try PostgresLocation(url)
        #expect(!"\(location)".contains("hunter2"))
        #expect(location.tame("no hunter2 here") == "no *** here")
        #expect(try StoreLocation.holdsPassword(url))
        let error = await trouble { _ = try await StoreMaintenance(url).backUp(to: "/tmp/never-made.dump") }
        #expect(error?.message.contains("openssl pkey -in KEY") == true)
        #expect(error?.message.contains("hunter2") == false)
    }

    private static func url(_ secured: SecuredServer) throws -> String {
        secured.url(
            "sslmode=verify-full", "sslrootcert=\(secured.root())", "passfile=\(try secured.passwordFile())")
    }

    private func expect(_ secured: SecuredServer, _ url: String, _ words: String...) async throws {
        let error = await trouble { _ = try await PostgresJournalStore(url: url).rollouts() }
        #expect(error?.code == .unavailable)
        for word in words { #expect(error?.message.contains(word) == true, "\(word) in: \(error?.message ?? "")") }
        #expect(error?.message.contains(secured.password) == false)
    }
}
