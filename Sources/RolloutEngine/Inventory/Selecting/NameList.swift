/// Reads a file that names devices, one a line; blank lines and what follows `#` are left out.
enum NameList {
    /// The names in a file.
    ///
    /// - Throws: `InputError` when it cannot be read, or names something that can be no device.
    static func read(_ path: String) throws(InputError) -> Set<String> {
        let bytes = SourceText.withoutByteOrderMark(try InputFile.read(path))
        if let problem = SourceText.firstProblem(in: bytes, file: path) { throw InputError([problem]) }
        let complaints = ComplaintList()
        var names: Set<String> = []
        for (index, line) in bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            let name = String(decoding: line.prefix { $0 != 0x23 }, as: UTF8.self).trimmingSpaces()
            guard !name.isEmpty else { continue }
            if TextFormat<String>.name.parse(name) == nil {
                complaints.error(
                    at: SourceLocation(file: path, line: index + 1, column: 1),
                    TextFormat<String>.name.complaint(about: name, what: "a line"), remedy: "one device a line")
            }
            names.insert(name)
        }
        try complaints.throwIfAny()
        guard !names.isEmpty else { throw InputError(at: SourceLocation(file: path), "names no device") }
        return names
    }
}
