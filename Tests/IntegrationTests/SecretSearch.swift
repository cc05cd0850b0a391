import Foundation
import RolloutLab

/// Looks for secrets in whatever was written.
struct SecretSearch {
    let secrets: [String]

    /// Those that are in there, plainly or in a usual disguise.
    func found(in data: Data) -> [String] {
        secrets.filter { secret in
            let bytes = Data(secret.utf8)
            let hexadecimal = bytes.map { String(format: "%02x", $0) }.joined()
            let disguises = [bytes, Data(bytes.base64EncodedString().dropLast(4).utf8), Data(hexadecimal.utf8)]
            return disguises.contains { data.range(of: $0) != nil }
        }
    }

    /// The files in a folder that hold one, each with those that it holds, and the names of all that were looked into.
    ///
    /// - Parameter left: What is not looked into: where secrets belong.
    func files(in folder: String, but left: String? = nil) throws -> (holding: [String: [String]], names: [String]) {
        var (holding, names) = ([String: [String]](), [String]())
        let walk = FileManager.default.enumerator(at: URL(filePath: folder), includingPropertiesForKeys: nil)
        while let file = walk?.nextObject() as? URL {
            if file.path == left { walk?.skipDescendants() }
            let type = try FileManager.default.attributesOfItem(atPath: file.path)[.type] as? FileAttributeType
            guard type == .typeRegular else { continue }
            names.append(file.lastPathComponent)
            let found = found(in: try Data(contentsOf: file, options: .alwaysMapped))
            if !found.isEmpty { holding[file.path] = found }
        }
        return (holding, names)
    }
}

extension LentLab {
    /// What opens the lab: its community, the lines of its key, and what `enable` asks for where something asks.
    var secrets: SecretSearch {
        get throws {
            let words = ["community", "enable"].compactMap { name in
                try? String(contentsOfFile: "\(lab.folder.path)/\(name)", encoding: .utf8)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            }
            let key = try String(contentsOfFile: "\(lab.folder.path)/key", encoding: .utf8)
            // The first line is that of every key of its kind.
            let lines = key.split(separator: "\n").filter { !$0.hasPrefix("-") && $0.utf8.count >= 40 }.dropFirst()
            return SecretSearch(secrets: words + lines.map(String.init))
        }
    }
}
