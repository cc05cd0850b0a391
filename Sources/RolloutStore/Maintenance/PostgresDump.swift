internal import Dispatch
internal import Foundation
internal import RolloutEngine
internal import Synchronization

/// Has `pg_dump` write our schemas into a file for `pg_restore`. The password goes to it in its environment, never in its arguments.
struct PostgresDump: Sendable {
    private let location: PostgresLocation

    init(_ location: PostgresLocation) { self.location = location }

    /// Writes the file, and has its table of contents read back.
    ///
    /// - Throws: `.unavailable` when `pg_dump` fails, or could be told a passphrase only in its arguments.
    func write(to path: String) async throws(StoreError) {
        guard location.keyPassphrase == nil else {
            throw StoreError(
                .unavailable,
                "pg_dump of \(location.name) takes the passphrase of sslkey only among its arguments, where everybody on this "
                    + "machine can read it: use a key without one that only this user may read (openssl pkey -in KEY -out NEW; "
                    + "chmod 600 NEW)")
        }
        let words = location.parameters.map { "\($0.keyword)=\(Self.quoted($0.value))" }.joined(separator: " ")
        _ = try run(
            "pg_dump",
            [
                "--format=custom", "--schema=rollout", "--schema=rollout_projection", "--schema=rollout_ops",
                "--no-password", "--file=\(path)",
                "--dbname=\(words)",
            ])
        let contents = try run("pg_restore", ["--list", path])
        guard contents.contains("TABLE DATA rollout entries") else {
            throw StoreError(
                .unavailable, "pg_dump of \(location.name) left no journal in \(path); is it our database?")
        }
    }

    private func run(_ program: String, _ words: [String]) throws(StoreError) -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + words
        var environment = ProcessInfo.processInfo.environment
        location.password?.reveal { environment["PGPASSWORD"] = $0 }
        process.environment = environment
        let (output, complaints) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = complaints
        do { try process.run() } catch {
            throw StoreError(.unavailable, "\(program) cannot be started: \(error.localizedDescription)")
        }
        // Both together: a program that waits for its complaints to be read would not end.
        let reading = DispatchQueue(label: "rollout pg_dump")
        let said = Mutex(Data())
        reading.async { said.withLock { $0 = complaints.fileHandleForReading.readDataToEndOfFile() } }
        let text = output.fileHandleForReading.readDataToEndOfFile()
        reading.sync {}
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let why = location.tame(String(decoding: said.withLock(\.self), as: UTF8.self))
            throw StoreError(
                .unavailable,
                "\(program) of \(location.name) failed: \(why). It comes with Debian's postgresql-client, and has to be at least "
                    + "as new as the server")
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A value in a connection string.
    private static func quoted(_ value: String) -> String {
        "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
