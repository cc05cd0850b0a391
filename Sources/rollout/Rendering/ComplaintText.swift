import RolloutEngine

/// Complaints as lines for a terminal.
enum ComplaintText {
    /// A complaint over one or two lines: `file:line:column: error: message`, then what to do.
    static func lines(_ complaint: Complaint, severity: String) -> [String] {
        let first = "\(SafeText.line(complaint.location.description)): \(severity): \(SafeText.line(complaint.message))"
        return [first] + (complaint.remedy.map { ["    " + SafeText.line($0)] } ?? [])
    }

    /// All complaints of an error, and how many there are.
    static func lines(_ error: InputError) -> [String] {
        let count = error.complaints.count
        return error.complaints.flatMap { lines($0, severity: "error") } + (count > 1 ? ["\(count) errors"] : [])
    }
}
