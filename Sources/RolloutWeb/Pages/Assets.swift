internal import Foundation
import RolloutEngine

/// The files that belong to pages, held in memory: there are few, and they never change while the program runs.
struct Assets: Sendable {
    /// A file as it is sent.
    struct File: Sendable {
        var type: String
        var data: Data
    }

    /// Changes whenever one of them does.
    let mark: String
    private let files: [String: File]

    /// Reads them from the folder that ships with the program.
    ///
    /// - Throws: `WebError` that says where they were looked for.
    init() throws(WebError) {
        let types = [
            "page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8",
            "icon.svg": "image/svg+xml", "openapi.json": "application/json",
        ]
        let folder = try Self.folder()
        var files: [String: File] = [:]
        for (name, type) in types {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
                throw WebError(.unavailable, "\(folder)/\(name) cannot be read; it ships with the program")
            }
            files[name] = File(type: type, data: data)
        }
        self.files = files
        mark = Digest(of: files.sorted { $0.key < $1.key }.flatMap { Array($0.value.data) }).short
    }

    /// The file of a name.
    subscript(name: String) -> File? { files[name] }

    /// The folder of the program, links followed, then that of the bundle that tests run in. `Bundle.module` would end the
    /// process when it is not there.
    private static func folder() throws(WebError) -> String {
        var beside: [String] = []
        if let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            beside.append((program as NSString).deletingLastPathComponent)
        }
        beside.append(Bundle.main.bundlePath)
        let candidates = beside.map { "\($0)/rollout_RolloutWeb.resources/Resources" }
        if let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) { return found }
        throw WebError(
            .unavailable,
            "the files of the web page are not there: looked for \(candidates.joined(separator: " and ")). They ship in the folder rollout_RolloutWeb.resources; put it beside the program"
        )
    }
}
