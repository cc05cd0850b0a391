import Foundation
import Glibc

/// A real browser without a screen, spoken to over its debugging pipe.
final class Browser: Sendable {
    static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private let process: Process
    private let folder: String
    private let orders: FileHandle
    private let answers: FileHandle

    /// Starts it, and opens a page.
    init(opening address: String) throws {
        folder = NSTemporaryDirectory() + "rollout-browser-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["orders", "answers"] { mkfifo("\(folder)/\(name)", 0o600) }
        process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c", "exec \"$0\" \"$@\" 3<\(folder)/orders 4>\(folder)/answers", Self.path ?? "", "--headless=new",
            "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--user-data-dir=\(folder)/profile",
            "--no-first-run", "--remote-debugging-pipe", "about:blank",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        // For reading and writing, so that nobody waits for the other end.
        guard let orders = FileHandle(forUpdatingAtPath: "\(folder)/orders"),
            let answers = FileHandle(forUpdatingAtPath: "\(folder)/answers")
        else { throw CocoaError(.fileReadNoSuchFile) }
        (self.orders, self.answers) = (orders, answers)
        try process.run()
        let target = try call("Target.createTarget", ["url": "about:blank"])["targetId"] as? String ?? ""
        let session =
            try call("Target.attachToTarget", ["targetId": target, "flatten": true])["sessionId"] as? String ?? ""
        talk.set(session)
        _ = try call("Page.navigate", ["url": address])
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private let talk = BrowserTalk()

    /// Waits until an expression of its language is true on the page; false when it never is.
    func waits(for expression: String) async -> Bool {
        for _ in 0..<200 {
            if evaluate("Boolean(\(expression))") as? Bool == true { return true }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    /// What an expression of its language comes to on the page.
    func evaluate(_ expression: String) -> Any? {
        let answer = try? call("Runtime.evaluate", ["expression": expression, "returnByValue": true])
        return (answer?["result"] as? [String: Any])?["value"]
    }

    private func call(_ method: String, _ parameters: [String: Any]) throws -> [String: Any] {
        let number = talk.next()
        var message: [String: Any] = ["id": number, "method": method, "params": parameters]
        if !talk.text.isEmpty { message["sessionId"] = talk.text }
        try orders.write(contentsOf: try JSONSerialization.data(withJSONObject: message) + Data([0]))
        while true {
            let answer = try JSONSerialization.jsonObject(with: try nextMessage()) as? [String: Any] ?? [:]
            if answer["id"] as? Int == number { return answer["result"] as? [String: Any] ?? [:] }
        }
    }

    private func nextMessage() throws -> Data {
        while true {
            if let message = talk.takeMessage() { return message }
            var ready = pollfd(fd: answers.fileDescriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 30_000) > 0 else { throw CocoaError(.fileReadUnknown) }
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(answers.fileDescriptor, &bytes, bytes.count)
            guard count > 0 else { throw CocoaError(.fileReadUnknown) }
            talk.add(bytes.prefix(count))
        }
    }
}
