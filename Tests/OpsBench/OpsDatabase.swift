package import Foundation
import PostgresBench
import RolloutEngine
package import RolloutStore

/// A PostgreSQL server of a test's own with the tables and views of a store in it. It is ended with the test.
package final class OpsDatabase {
    private let server: PostgresServer
    private var folder: String { server.folder }

    /// The package's folder.
    package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Makes a server.
    ///
    /// - Parameter isDurable: Whether it keeps what it says that it kept, without which the product does not write to it.
    package init(isDurable: Bool = false) async throws {
        server = try PostgresServer(options: isDurable ? [] : ["fsync=off"])
        _ = try await maintenance.migrate()
        let roles = Self.root.appending(path: "deploy/postgres/roles.sql")
        try run(String(contentsOf: roles, encoding: .utf8))
    }

    /// Where the store in it is.
    package var url: String { "postgres:///postgres?host=\(folder)&user=postgres" }

    /// The store in it, as the product reaches it.
    package var maintenance: StoreMaintenance {
        get throws { try StoreMaintenance(url) }
    }

    /// What psql says to a script, a row a line, columns with `|` between them.
    ///
    /// - Throws: `Refusal` with what the server said when it refused a statement.
    @discardableResult
    package func run(_ script: String, as role: String = "postgres", options: [String] = []) throws -> [String] {
        let answer = folder + "/" + UUID().uuidString
        let psql = try begin(script, as: role, options: options, answer: answer)
        psql.waitUntilExit()
        defer { for path in [answer, answer + ".errors"] { try? FileManager.default.removeItem(atPath: path) } }
        guard psql.terminationStatus == 0 else {
            throw Refusal(description: try String(contentsOfFile: answer + ".errors", encoding: .utf8))
        }
        return try String(contentsOfFile: answer, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// A psql that works on a script.
    package func begin(_ script: String, as role: String = "postgres", options: [String] = [], answer: String? = nil)
        throws
        -> Process
    {
        let question = folder + "/" + UUID().uuidString + ".sql"
        try Data(script.utf8).write(to: URL(filePath: question))
        let psql = Process()
        psql.executableURL = URL(fileURLWithPath: "/usr/bin/psql")
        psql.arguments =
            ["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", folder, "-U", role, "-d", "postgres"]
            + options + ["-f", question]
        psql.standardOutput = FileHandle.nullDevice
        psql.standardError = FileHandle.nullDevice
        if let answer {
            // Files: a pipe that is full would stop it.
            for path in [answer, answer + ".errors"] { try Data().write(to: URL(filePath: path)) }
            psql.standardOutput = try FileHandle(forWritingTo: URL(filePath: answer))
            psql.standardError = try FileHandle(forWritingTo: URL(filePath: answer + ".errors"))
        }
        try psql.run()
        return psql
    }

    /// What the server refused.
    package struct Refusal: Error, CustomStringConvertible {
        package let description: String
    }
}

extension String {
    /// As a literal of SQL.
    package var quoted: String { "'" + replacing("'", with: "''") + "'" }

    /// As a field of CSV, as COPY reads it.
    package var field: String { "\"" + replacing("\"", with: "\"\"") + "\"" }
}
