/// A place in a file that a person wrote.
public struct SourceLocation: Hashable, Codable, Sendable, CustomStringConvertible {
    /// The file, as the user would type it.
    public let file: String
    /// The line, from 1; 0 when the whole file is meant.
    public let line: Int
    /// The column, from 1; 0 when the whole line is meant.
    public let column: Int

    /// Names a place; leave out line and column to mean the whole file.
    public init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `inventories/lab/devices.yaml:12:5`, as editors and compilers write it.
    public var description: String {
        line == 0 ? file : column == 0 ? "\(file):\(line)" : "\(file):\(line):\(column)"
    }
}

/// One thing that is wrong with what a person wrote: where, what, and what to do.
public struct Complaint: Hashable, Codable, Sendable, CustomStringConvertible {
    /// Where it stands.
    public let location: SourceLocation
    /// What is wrong and what was expected, in one sentence without a full stop.
    public let message: String
    /// What to do about it, if there is something more to say than the message does.
    public let remedy: String?

    /// Says what is wrong, where, and what to do.
    public init(at location: SourceLocation, _ message: String, remedy: String? = nil) {
        self.location = location
        self.message = message
        self.remedy = remedy
    }

    /// `file:line:column: message (remedy)`.
    public var description: String { "\(location): \(message)" + (remedy.map { " (\($0))" } ?? "") }
}

/// Input that cannot be used, with every complaint about it that could be found in one reading. Exit code 65.
public struct InputError: Error, Hashable, Sendable, CustomStringConvertible {
    /// At least one, in the order of the files.
    public let complaints: [Complaint]

    /// Refuses input for these reasons.
    public init(_ complaints: [Complaint]) { self.complaints = complaints }
    /// Refuses input for one reason.
    public init(at location: SourceLocation, _ message: String, remedy: String? = nil) {
        complaints = [Complaint(at: location, message, remedy: remedy)]
    }

    /// A line for each complaint.
    public var description: String { complaints.map(\.description).joined(separator: "\n") }
}
