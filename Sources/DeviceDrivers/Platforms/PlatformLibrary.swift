import Foundation
package import RolloutEngine

/// All platforms that are data: those that ship with the program, and those that a user put beside an inventory.
package struct PlatformLibrary: Sendable {
    /// The definitions of command lines, each under its names; of two with one name, the later one read holds.
    package private(set) var definitions: [PlatformDefinition] = []
    /// The models of NETCONF platforms, the same way.
    package private(set) var models: [NETCONFModel] = []

    /// Reads the built-in definitions, then those of these folders, in this order. A folder that is not there is empty.
    ///
    /// - Throws: `InputError` with every complaint about every file, and when the built-in definitions are missing.
    package init(adding folders: [String] = []) throws(InputError) {
        let definitions = try Self.builtIn()
        let models = (definitions as NSString).deletingLastPathComponent + "/Models"
        try self.init(folders: [definitions, models] + folders)
    }

    /// Reads the definitions of these folders only.
    package init(folders: [String]) throws(InputError) {
        var complaints: [Complaint] = []
        for folder in folders {
            for file in Self.files(in: folder) {
                do throws(InputError) {
                    switch try Self.read("\(folder)/\(file)") {
                    case .definition(let definition): add(definition)
                    case .model(let model): add(model)
                    }
                } catch {
                    complaints += error.complaints
                }
            }
        }
        if !complaints.isEmpty { throw InputError(complaints) }
    }

    /// What a file holds.
    package enum Content: Sendable {
        /// The definition of a command line.
        case definition(PlatformDefinition)
        /// The model of a NETCONF platform.
        case model(NETCONFModel)
    }

    /// Reads one file.
    ///
    /// - Throws: `InputError` with every complaint about it.
    package static func read(_ file: String) throws(InputError) -> Content {
        let complaints = ComplaintList()
        let root = YAMLDocument.read(try InputFile.read(file), file: file, complaints: complaints)
        return NETCONFModelReader.isModel(root)
            ? .model(try NETCONFModelReader.read(root, file: file, complaints))
            : .definition(try PlatformReader.read(root, file: file, complaints))
    }

    /// The definition that holds for a name.
    package func definition(named name: PlatformName) -> PlatformDefinition? {
        definitions.first { $0.names.contains(name) }
    }

    /// The words that a platform's command line knows, from `words/NAME.txt` beside its definition or among the built-in ones, with those
    /// of what it is based on; empty when there is no such file.
    package func words(for definition: PlatformDefinition) -> Set<String> {
        let own = (definition.place.file as NSString).deletingLastPathComponent
        let folders = [own] + [try? Self.builtIn()].compactMap { $0 }
        func words(of names: [PlatformName]) -> Set<String> {
            for name in names {
                for folder in folders {
                    guard let text = try? String(contentsOfFile: "\(folder)/words/\(name).txt", encoding: .utf8) else {
                        continue
                    }
                    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
                    return Set(lines.flatMap { $0.split(separator: " ") }.map(String.init))
                }
            }
            return []
        }
        return words(of: definition.names).union(words(of: definition.basis))
    }

    /// Whether what was read in a place ships with the program.
    package static func ships(_ place: SourceLocation) -> Bool {
        guard let folder = try? builtIn() else { return false }
        return place.file.hasPrefix((folder as NSString).deletingLastPathComponent + "/")
    }

    private mutating func add(_ definition: PlatformDefinition) {
        forget(definition.names)
        definitions.append(definition)
    }

    private mutating func add(_ model: NETCONFModel) {
        forget(model.names)
        models.append(model)
    }

    /// Whoever defines a platform anew takes its names away from the one before.
    private mutating func forget(_ names: [PlatformName]) {
        for index in definitions.indices { definitions[index].names.removeAll { names.contains($0) } }
        definitions.removeAll { $0.names.isEmpty }
        for index in models.indices { models[index].names.removeAll { names.contains($0) } }
        models.removeAll { $0.names.isEmpty }
    }

    private static func files(in folder: String) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return all.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.sorted()
    }

    /// The folder of the definitions that ship with the program: in the bundle of resources beside the executable.
    ///
    /// `Bundle.module` would end the process when it is not there.
    ///
    /// - Throws: `InputError` that says where it was looked for.
    package static func builtIn() throws(InputError) -> String {
        var looked: [String] = []
        for folder in foldersBeside() {
            let candidate = folder + "/rollout_DeviceDrivers.resources/Definitions"
            if isFolder(candidate) { return candidate }
            looked.append(candidate)
        }
        throw InputError(
            at: SourceLocation(file: looked.first ?? "rollout_DeviceDrivers.resources"),
            "the definitions of the platforms are not there",
            remedy: "they ship in the folder rollout_DeviceDrivers.resources; put it beside the program")
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// The folder of the program, links followed, then that of the bundle that tests run in.
    private static func foldersBeside() -> [String] {
        var folders: [String] = []
        if let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            folders.append((program as NSString).deletingLastPathComponent)
        }
        folders.append(Bundle.main.bundlePath)
        return folders
    }
}
