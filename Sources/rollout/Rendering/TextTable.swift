import RolloutEngine

/// Columns of text, each as wide as its widest cell.
struct TextTable {
    private let header: [String]
    private var rows: [[String]] = []

    /// A table with these titles.
    init(_ header: [String]) { self.header = header }

    /// Adds a row; its cells are made safe to print.
    mutating func add(_ cells: [String]) { rows.append(cells.map(SafeText.line)) }

    /// The table's lines, without blanks at their ends.
    var lines: [String] {
        var widths = header.map(\.count)
        for row in rows { for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) } }
        return ([header] + rows).map { row in
            var line = ""
            for (index, cell) in row.enumerated() {
                line += cell
                if index < row.count - 1 { line += String(repeating: " ", count: widths[index] - cell.count + 2) }
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
