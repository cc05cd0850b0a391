import Foundation

/// The clock of a machine that somebody sets, for programs that are started under it (see FailingCalls).
struct SteppedClock {
    private let path: String

    init(in folder: String) throws {
        path = "\(folder)/clock"
        try withUnsafeBytes(of: Int64(0)) { try Data($0).write(to: URL(fileURLWithPath: path)) }
    }

    /// What is set in the environment of who lives by this clock.
    var environment: [String: String] { ["FAILING_CLOCK": path] }

    /// Sets it that far off the true time, in seconds.
    func set(_ seconds: Int64) throws {
        // In place: who has it open sees it at once.
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try withUnsafeBytes(of: seconds) { try file.write(contentsOf: Data($0)) }
        try file.close()
    }
}
