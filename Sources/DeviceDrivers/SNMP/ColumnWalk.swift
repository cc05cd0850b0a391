/// A walk through one column of an agent's table, answer by answer. Always comes to an end.
struct ColumnWalk {
    /// The column that is walked.
    let column: ObjectID
    /// Where to go on.
    private(set) var position: ObjectID
    /// How many rows were looked at.
    private(set) var count = 0
    private let maximumRows: Int

    /// What to do next.
    enum Step: Hashable {
        /// Ask for what follows `position`.
        case goOn
        /// Everything was found, or the column has ended.
        case finished
        /// The agent does not come to an end: what was not found may still exist.
        case brokenOff(String)
    }

    init(_ column: ObjectID, maximumRows: Int) {
        self.column = column
        self.maximumRows = maximumRows
        position = column
    }

    /// Looks at the rows of one answer.
    ///
    /// - Parameter visit: Is handed each row; whether it has seen enough.
    mutating func take(_ answer: [SNMPAnswer.Row], visit: (SNMPAnswer.Row) -> Bool) -> Step {
        guard !answer.isEmpty else { return .brokenOff("the agent answers with nothing") }
        for row in answer {
            if row.value == .endOfView { return .finished }
            guard position < row.object else { return .brokenOff("the agent's table \(column) goes in circles") }
            guard row.object.parts.starts(with: column.parts) else { return .finished }
            position = row.object
            guard count < maximumRows else {
                return .brokenOff("the agent's table \(column) has more than \(maximumRows) rows")
            }
            count += 1
            if visit(row) { return .finished }
        }
        return .goOn
    }
}

/// Finds the rows of wanted names in a column such as ifName.
struct NameWalk {
    private(set) var walk: ColumnWalk
    /// The names that are looked for, by their octets.
    private let wanted: [[UInt8]: String]
    private let mustBeUnique: Bool
    /// The rows found so far.
    private(set) var rows: [String: UInt32] = [:]
    /// Names that more than one row has.
    private(set) var ambiguous: Set<String> = []

    /// Far more rows than a device has interfaces, and few enough to end within seconds.
    static let maximumRows = 20_000

    /// - Parameter mustBeUnique: Whether the column may have a text twice, so that all of it has to be seen.
    init(_ column: ObjectID, wanted: [InterfaceKey], mustBeUnique: Bool) {
        walk = ColumnWalk(column, maximumRows: Self.maximumRows)
        self.wanted = Dictionary(wanted.map { ($0.octets, $0.written) }, uniquingKeysWith: { first, _ in first })
        self.mustBeUnique = mustBeUnique
    }

    /// Looks at the rows of one answer.
    mutating func take(_ answer: [SNMPAnswer.Row], _ store: OctetStore) -> ColumnWalk.Step {
        let column = walk.column
        return walk.take(answer) { row in
            guard let index = column.row(of: row.object), case .octets(let place) = row.value,
                let name = wanted[Array(store.trimmed(place))]
            else { return false }
            if rows[name] != nil {
                ambiguous.insert(name)
            } else {
                rows[name] = index
            }
            return !mustBeUnique && rows.count == wanted.count
        }
    }
}

/// Collects what follows a column's number in the objects below it.
struct InstanceWalk {
    private(set) var walk: ColumnWalk
    private(set) var instances: [[UInt32]] = []

    init(_ column: ObjectID) { walk = ColumnWalk(column, maximumRows: ObjectMap.maximumInstances) }

    /// Looks at the rows of one answer.
    mutating func take(_ answer: [SNMPAnswer.Row]) -> ColumnWalk.Step {
        let length = walk.column.parts.count
        return walk.take(answer) { row in
            let suffix = row.object.parts.dropFirst(length).compactMap { UInt32(exactly: $0) }
            if !suffix.isEmpty, suffix.count == row.object.parts.count - length { instances.append(suffix) }
            return false
        }
    }
}
