/// What stands in the way of a change and could not be put back, as canonical lines: one for each thing, in words.
enum ForeignLines {
    private static let mark = "other "

    /// The lines for what was found.
    static func said(of found: [String]) -> [String] { found.map { mark + $0.filter { !$0.isNewline } } }

    /// What was found, of canonical lines; nil when they say something else, or nothing.
    static func found(in lines: [String]) -> [String]? {
        guard !lines.isEmpty, lines.allSatisfy({ $0.hasPrefix(mark) }) else { return nil }
        return lines.map { String($0.dropFirst(mark.count)) }
    }
}
