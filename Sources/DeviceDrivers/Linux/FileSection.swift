import Foundation
import RolloutEngine

/// A file as a section of a configuration: permissions first, then its lines. Pure, and exact to the byte.
enum FileSection: Hashable, Sendable {
    /// There is no such file.
    case absent
    /// A regular file of text.
    case present(mode: String, content: [UInt8])

    /// The largest file that is read or written, in bytes.
    static let largest = 1 << 20

    private static let unended = " no newline at end"
    private static let newline = UInt8(ascii: "\n")

    /// The canonical lines; none when there is no file.
    var lines: [String] {
        guard case .present(let mode, let content) = self else { return [] }
        var parts = content.split(separator: Self.newline, omittingEmptySubsequences: false)
        let isEnded = content.isEmpty || parts.last?.isEmpty == true
        if isEnded { parts.removeLast() }
        return ["mode \(mode)" + (isEnded ? "" : Self.unended)] + parts.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads canonical lines; nil when they are not.
    init?(lines: [String]) {
        guard var head = lines.first else {
            self = .absent
            return
        }
        let isUnended = head.hasSuffix(Self.unended)
        if isUnended { head.removeLast(Self.unended.count) }
        guard head.hasPrefix("mode "), let mode = ShellText.permissions(String(head.dropFirst(5))),
            head == "mode \(mode)", !(isUnended && lines.count == 1)
        else { return nil }
        var content: [UInt8] = []
        for line in lines.dropFirst() {
            if line.utf8.contains(Self.newline) { return nil }
            content.append(contentsOf: line.utf8)
            content.append(Self.newline)
        }
        if isUnended { content.removeLast() }
        self = .present(mode: mode, content: content)
    }

    /// A file with this content.
    ///
    /// - Throws: `DriverError` with `.unsupported` for what is not text or larger than 1 MiB.
    init(path: String, mode: String, content: [UInt8]) throws(DriverError) {
        guard let mode = ShellText.permissions(mode) else {
            throw DriverError(.unsupported, "\(path): the mode '\(mode)' is not octal, such as 0644", effect: .none)
        }
        guard content.count <= Self.largest else {
            throw DriverError(.unsupported, "\(path): \(content.count) bytes are more than 1 MiB", effect: .none)
        }
        guard !content.contains(0), String(validating: content, as: UTF8.self) != nil else {
            throw DriverError(.unsupported, "\(path): not a text file (NUL, or not UTF-8)", effect: .none)
        }
        self = .present(mode: mode, content: content)
    }

    /// The shell command that makes the file so, with the functions of `ShellPrelude`.
    ///
    /// - Parameter check: The words of a command that must succeed before; `%s` in them is where the new content is.
    func command(for path: String, check: [String] = []) -> String {
        switch self {
        case .absent: ShellText.command(["rm", "-f", path])
        case .present(let mode, let content):
            ShellText.command(["put", path, mode, Data(content).base64EncodedString()] + check)
        }
    }
}
