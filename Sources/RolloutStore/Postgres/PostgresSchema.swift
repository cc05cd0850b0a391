internal import Foundation
internal import RolloutEngine

/// The tables of a journal in PostgreSQL, as migrations: files of SQL beside the program. One that was shipped is never edited:
/// later ones follow it.
enum PostgresSchema {
    /// One step forward.
    struct Migration: Sendable {
        /// Its number, from 1 without gaps.
        let version: Int
        /// What it brings.
        let name: String
        /// The oldest version of the program that may go on writing: one that drives a rollout meanwhile should.
        let oldestProgram: Int
        /// Its SQL; nil for the file of its name.
        var sql: String?
    }

    /// Every migration, oldest first.
    static let migrations = [
        Migration(version: 1, name: "journal", oldestProgram: 1),
        // What dashboards read. Triggers see to it, so that programs that do not know of it may go on writing.
        Migration(version: 2, name: "projection", oldestProgram: 1),
        Migration(version: 3, name: "traffic", oldestProgram: 1),
        Migration(version: 4, name: "ops", oldestProgram: 1),
        Migration(version: 5, name: "retention", oldestProgram: 1),
        Migration(version: 6, name: "strangers", oldestProgram: 1),
    ]

    /// The version that this program writes.
    static var newest: Int { migrations.last?.version ?? 0 }

    /// The keys of advisory locks, all below the number that spells `rllt` in ASCII: 0 is held while tables are brought forward; those
    /// of the functions are in their SQL.
    static let lockClass: Int64 = 0x726c_6c74

    /// The SQL of a migration.
    ///
    /// - Throws: `.unavailable` when the file is not where the program is.
    static func sql(of migration: Migration) throws(StoreError) -> String {
        if let sql = migration.sql { return sql }
        let file = "rollout_RolloutStore.resources/Migrations/\(migration.version)-\(migration.name).sql"
        let folders = foldersBeside()
        for folder in folders {
            if let text = try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8) { return text }
        }
        throw StoreError(
            .unavailable,
            "the program's own file \(folders.first ?? ".")/\(file) is not there; it ships in the folder "
                + "rollout_RolloutStore.resources: put that beside the program")
    }

    /// The folder of the program, links followed, then that of the bundle that tests run in.
    private static func foldersBeside() -> [String] {
        let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return [program.map { ($0 as NSString).deletingLastPathComponent }, Bundle.main.bundlePath].compactMap(\.self)
    }
}
