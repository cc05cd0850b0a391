/// Gathers what is wrong while input is read, so that one reading finds as much as possible.
package final class ComplaintList {
    package private(set) var errors: [Complaint] = []
    package private(set) var warnings: [Complaint] = []
    private var seen: Set<Complaint> = []

    /// Nothing is wrong so far.
    package init() {}

    /// More than this helps nobody; the rest is counted.
    static let limit = 200
    private var beyondLimit = 0

    package func error(at location: SourceLocation, _ message: String, remedy: String? = nil) {
        let complaint = Complaint(at: location, message, remedy: remedy)
        guard seen.insert(complaint).inserted else { return }
        if errors.count < Self.limit { errors.append(complaint) } else { beyondLimit += 1 }
    }

    package func error(_ error: InputError) {
        for complaint in error.complaints {
            self.error(at: complaint.location, complaint.message, remedy: complaint.remedy)
        }
    }

    package func warn(at location: SourceLocation, _ message: String, remedy: String? = nil) {
        let complaint = Complaint(at: location, message, remedy: remedy)
        guard warnings.count < Self.limit, seen.insert(complaint).inserted else { return }
        warnings.append(complaint)
    }

    /// Whether nothing but warnings came up so far.
    package var isClean: Bool { errors.isEmpty }

    /// Ends the reading when anything was wrong, with the complaints in the order of files and lines.
    package func throwIfAny() throws(InputError) {
        guard !errors.isEmpty else { return }
        var complaints = errors.sorted(by: Self.byPlace)
        if beyondLimit > 0, let last = complaints.last {
            complaints.append(
                Complaint(at: SourceLocation(file: last.location.file), "\(beyondLimit) more complaints are not shown"))
        }
        throw InputError(complaints)
    }

    /// The warnings in the order of files and lines.
    package var sortedWarnings: [Complaint] { warnings.sorted(by: Self.byPlace) }

    private static func byPlace(_ left: Complaint, _ right: Complaint) -> Bool {
        if left.location.file != right.location.file {
            return naturallyPrecedes(left.location.file, right.location.file)
        }
        if left.location.line != right.location.line { return left.location.line < right.location.line }
        if left.location.column != right.location.column { return left.location.column < right.location.column }
        return left.message < right.message
    }
}
