/// Finds the rows of wanted names in a column such as ifName, answer by answer. Always comes to an end.
struct NameWalk {
    /// The column that is walked.
    let column: ObjectID
    /// Names not found yet.
    private(set) var missing: Set<String>
    /// The rows found so far.
    private(set) var rows: [String: UInt32] = [:]
    /// Where to go on.
    private(set) var position: ObjectID
    /// How many rows were looked at.
    private(set) var count = 0

    /// Far more rows than a device has interfaces, and few enough to end within seconds.
    static let maximumRows = 20_000

    /// What to do next.
    enum Step: Hashable {
        /// Ask for what follows `position`.
        case goOn
        /// Everything was found, or the column has ended.
        case finished
        /// The agent does not come to an end: what was not found may still exist.
        case brokenOff(String)
    }

    init(_ column: ObjectID, wanted: Set<String>) {
        self.column = column
        missing = wanted
        position = column
    }

    /// Looks at the rows of one answer.
    mutating func take(_ answer: [SNMPAnswer.Row]) -> Step {
        guard !missing.isEmpty else { return .finished }
        guard !answer.isEmpty else { return .brokenOff("the agent answers with nothing") }
        for row in answer {
            if row.value == .endOfView { return .finished }
            guard position < row.object else { return .brokenOff("the agent's interface table goes in circles") }
            guard row.object.parts.starts(with: column.parts) else { return .finished }
            position = row.object
            count += 1
            guard count <= Self.maximumRows else {
                return .brokenOff("the agent's interface table has more than \(Self.maximumRows) rows")
            }
            // The first row of a name counts, should there be two.
            guard let index = column.row(of: row.object), case .text(let name) = row.value,
                missing.remove(name) != nil
            else { continue }
            rows[name] = index
            if missing.isEmpty { return .finished }
        }
        return .goOn
    }
}
