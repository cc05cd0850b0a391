import Foundation

/// Shows how far a long reading is, on a terminal only.
final class Progress: Sendable {
    private let total: Int
    private let what: String
    private let start = ContinuousClock.now

    init(total: Int, what: String) {
        self.total = total
        self.what = what
    }

    func show(_ done: Int) {
        guard Terminal.canAsk else { return }
        FileHandle.standardError.write(Data("\r\(what) \(done)/\(total) ".utf8))
    }

    func finish() {
        let tenths = Int(((ContinuousClock.now - start) / .milliseconds(100)).rounded(.up))
        say("\(Terminal.canAsk ? "\r" : "")\(what) \(total)/\(total) in \(tenths / 10).\(tenths % 10) s")
    }
}
