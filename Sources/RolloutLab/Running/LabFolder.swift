import Foundation
import RolloutEngine

/// The folder in which a lab is written down.
public struct LabFolder: Hashable, Sendable {
    /// Where it is, absolute.
    public let path: String

    /// The folder at a path; nil for the usual one, `$XDG_STATE_HOME/rollout/lab`.
    public init(_ path: String? = nil) {
        let absolute = path.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        self.path = absolute ?? Self.usual.replacingOccurrences(of: "~", with: Self.home)
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }
    private static var home: String { environment["HOME"] ?? "/root" }

    /// The usual folder, as an inventory would name it.
    private static var usual: String {
        guard let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") else {
            return "~/.local/state/rollout/lab"
        }
        return "\(state)/rollout/lab"
    }

    /// The path as an inventory names it: with `~` where it is the usual place of any person.
    var written: String {
        let common = "/.local/state/rollout/lab"
        return path == Self.home + common ? "~" + common : path
    }

    /// The generated inventory.
    public var inventory: String { "\(path)/inventories/lab" }
    /// The generated policies.
    public var policies: String { "\(path)/policies" }
    /// The simulated fleet.
    public var fleet: String { "\(path)/fleet" }
    /// The options that lead other lab commands here; empty for the usual folder.
    public var options: String { self == LabFolder() ? "" : " --dir \(path)" }

    /// Everything that a lab writes in its folder.
    private static let entries = [
        "bin", "enable", "etc", "fleet", "inventories", "key", "key.pub", "known_hosts", "community", "log", "own",
        "policies",
        "run", "script", "lab.json",
    ]

    /// What is written down; nil when there is no lab.
    ///
    /// - Throws: `LabError` when it cannot be understood.
    func record() throws(LabError) -> LabRecord? {
        guard let text = readSmallFile("\(path)/lab.json") else { return nil }
        do { return try JSONDecoder().decode(LabRecord.self, from: Data(text.utf8)) } catch {
            throw LabError(
                .failed,
                "\(path)/lab.json is not of this version of rollout: end that lab with the version that made it")
        }
    }

    /// Writes down what is about to be made.
    ///
    /// - Throws: `LabError` when that cannot be done.
    func write(_ record: LabRecord) throws(LabError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(record) else { throw LabError(.failed, "the record cannot be written") }
        try write("lab.json", String(decoding: data, as: UTF8.self) + "\n")
    }

    /// Writes a file below the folder; folders on the way are made.
    ///
    /// - Throws: `LabError` when that cannot be done.
    func write(_ name: String, _ text: String, mode: Int = 0o644) throws(LabError) {
        let file = "\(path)/\(name)"
        do {
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        } catch {
            throw LabError(.failed, "\(file) cannot be written: \(error.localizedDescription)")
        }
    }

    /// Makes a folder below the folder, which nobody else may read.
    ///
    /// - Throws: `LabError` when that cannot be done.
    func makeFolder(_ name: String) throws(LabError) {
        do {
            try FileManager.default.createDirectory(
                atPath: "\(path)/\(name)", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw LabError(.failed, "\(path)/\(name) cannot be made: \(error.localizedDescription)")
        }
    }

    /// The text of a file below the folder; nil when it is not there.
    func read(_ name: String) -> String? { readSmallFile("\(path)/\(name)") }

    /// The keepers that wrote themselves down and are still the same processes, by namespace.
    func keepers() -> [String: KeeperRecord] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/run")) ?? []
        var keepers: [String: KeeperRecord] = [:]
        // A keeper that was interrupted between writing and renaming is one as well.
        for name in names.sorted() where name.hasSuffix(".pid") || name.hasSuffix(".new") {
            guard let record = read("run/\(name)").flatMap(KeeperRecord.init),
                ProcessTable.entry(record.pid)?.start == record.start
            else { continue }
            keepers[String(name.dropLast(4))] = record
        }
        return keepers
    }

    /// Removes what a lab wrote, and the folder if nothing else is in it.
    func clear() {
        for name in Self.entries { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }
        // The lock goes with the folder: who waits for it finds a folder without a lab.
        unlink("\(path)/lock")
        rmdir(path)
    }

    /// Runs work while no other lab command works in this folder.
    ///
    /// - Throws: `LabError` with `.refused` when another one does, or what the work throws.
    func locked<Value>(_ work: () async throws(LabError) -> Value) async throws(LabError) -> Value {
        try makeFolder("")
        let descriptor = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw LabError(.failed, "\(path)/lock cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw LabError(.refused, "another `rollout lab` command is at work in \(path): wait until it has ended")
        }
        return try await work()
    }
}
