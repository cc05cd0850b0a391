/// Reads a table with a header (RFC 4180).
enum ForeignTable {
    /// One row: its cells by their column, empty cells left out.
    struct Row {
        let location: SourceLocation
        let values: ForeignVariables
    }

    /// Reads the rows.
    static func read(
        _ file: ForeignFile, naming name: (String) -> String = { $0 }, complaints: ComplaintList
    ) -> [Row] {
        let bytes = SourceText.withoutByteOrderMark(file.bytes)
        if let problem = SourceText.firstProblem(in: bytes, file: file.path) {
            complaints.error(at: problem.location, problem.message, remedy: problem.remedy)
            return []
        }
        var reader = CSVReader(bytes)
        var fields: [CSVReader.Field] = []
        var rows: [Row] = []
        do throws(CSVReader.Problem) {
            guard try reader.nextRow(into: &fields) else { return [] }
            let columns = fields.map { name(reader.text(of: $0)) }
            for (index, column) in columns.enumerated() where columns.firstIndex(of: column) != index {
                complaints.error(
                    at: SourceLocation(file: file.path, line: 1), "column \(excerpt(column)) stands twice in the header"
                )
            }
            var line = reader.line
            while try reader.nextRow(into: &fields) {
                // Empty lines were passed over: the row ends before the next one starts.
                let place = SourceLocation(file: file.path, line: max(line, reader.line - 1))
                line = reader.line
                guard fields.count == columns.count else {
                    complaints.error(
                        at: place, "the row has \(fields.count) cells, the header has \(columns.count)")
                    continue
                }
                var values: ForeignVariables = [:]
                for (column, field) in zip(columns, fields) {
                    let text = reader.text(of: field)
                    guard !text.isEmpty else { continue }
                    let node = YAMLNode(content: .scalar(text, plain: true), line: place.line, column: 0)
                    values[column] = ForeignValue(node: node, file: file.path)
                }
                rows.append(Row(location: place, values: values))
            }
        } catch {
            complaints.error(at: SourceLocation(file: file.path, line: error.line), error.message)
        }
        return rows
    }

    /// Reads lines of cells that are separated by a character, as Oxidized's `router.db` has them; `#` starts a comment.
    static func read(_ file: ForeignFile, columns: [String], separator: Character, complaints: ComplaintList) -> [Row] {
        let bytes = SourceText.withoutByteOrderMark(file.bytes)
        if let problem = SourceText.firstProblem(in: bytes, file: file.path) {
            complaints.error(at: problem.location, problem.message, remedy: problem.remedy)
            return []
        }
        var rows: [Row] = []
        for (index, raw) in bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            let line = String(decoding: raw, as: UTF8.self).trimmingBlanks()
            let place = SourceLocation(file: file.path, line: index + 1)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let cells = line.split(separator: separator, omittingEmptySubsequences: false).map { $0.trimmingBlanks() }
            guard cells.count <= columns.count else {
                complaints.error(
                    at: place, "the line has \(cells.count) fields, expected \(columns.joined(separator: ":"))",
                    remedy: "say what they are: --columns \(columns.joined(separator: ":")):…")
                continue
            }
            var values: ForeignVariables = [:]
            for (column, cell) in zip(columns, cells) where !cell.isEmpty {
                let node = YAMLNode(content: .scalar(cell, plain: true), line: place.line, column: 0)
                values[column] = ForeignValue(node: node, file: file.path)
            }
            rows.append(Row(location: place, values: values))
        }
        return rows
    }

    /// The fleet that the rows are, each being one host.
    static func fleet(_ rows: [Row], namedBy keys: [String], complaints: ComplaintList) -> ForeignFleet {
        var fleet = ForeignFleet()
        for row in rows {
            guard let key = keys.first(where: { row.values[$0] != nil }), let name = row.values[key]?.text else {
                complaints.error(
                    at: row.location, "the row names no device",
                    remedy: "expected a column \(keys.joined(separator: " or "))")
                continue
            }
            var variables = row.values
            variables[key] = nil
            fleet.hosts.append(.init(name: name, location: row.location, groups: [], variables: variables))
        }
        return fleet
    }
}
