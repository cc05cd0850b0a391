/// A table of devices in comma-separated values: a header with the names of settings, then a device a row.
///
/// It keeps the bytes and where each row starts, so that places are found when they are asked for, not before.
struct DeviceTable: Sendable {
    let file: String
    private let bytes: [UInt8]
    private let columns: [Column]
    private var rows: [Row] = []

    private struct Row: Sendable {
        var start: Int
        var line: Int
    }

    /// What a column gives.
    private enum Column: Sendable {
        case name
        case scalar(ScalarSetting)
        case list(ListSetting)
        case domain(String)
        case variable(String)
        /// Not known; there is a complaint about it.
        case unknown

        var path: String {
            switch self {
            case .name: "name"
            case .scalar(let setting): setting.path
            case .list(let setting): setting.path
            case .domain(let kind): "domains.\(kind)"
            case .variable(let name): "vars.\(name)"
            case .unknown: ""
            }
        }
    }

    /// Reads a table and hands over each device's name, settings and row number; nil when nothing can be read of it.
    static func read(
        _ source: [UInt8], file: String, surroundings: Surroundings, complaints: ComplaintList,
        device: (String, DeviceSettings, Int) -> Void
    ) -> DeviceTable? {
        let bytes = SourceText.withoutByteOrderMark(source)
        if let problem = SourceText.firstProblem(in: bytes, file: file) {
            complaints.error(at: problem.location, problem.message, remedy: problem.remedy)
            return nil
        }
        var reader = CSVReader(bytes)
        var fields: [CSVReader.Field] = []
        do throws(CSVReader.Problem) {
            guard try reader.nextRow(into: &fields) else {
                complaints.error(
                    at: SourceLocation(file: file), "is empty", remedy: "expected a header such as name,address,range")
                return nil
            }
            var table = DeviceTable(
                file: file, bytes: bytes, columns: columns(fields, reader, file: file, complaints: complaints))
            guard table.columns.contains(where: { if case .name = $0 { true } else { false } }) else {
                complaints.error(
                    at: SourceLocation(file: file, line: 1, column: 1), "the header has no column name",
                    remedy: "the first row names the columns, separated by commas: name,address,range,datacentre")
                return nil
            }
            var cells = CellReader(columns: table.columns, surroundings: surroundings)
            while true {
                let line = reader.line
                let before = reader.position
                guard try reader.nextRow(into: &fields) else { return table }
                // Blank lines before the row belong to nobody: the row starts with its first cell.
                let start = fields.first.map { rowStart($0, bytes) } ?? before
                let row = Row(start: start, line: line + bytes[before..<start].count { $0 == 0x0a })
                guard fields.count == table.columns.count else {
                    complaints.error(
                        at: SourceLocation(file: file, line: row.line),
                        "the row has \(fields.count) cells, the header \(table.columns.count)",
                        remedy: "a cell with a comma must stand in double quotes")
                    continue
                }
                let place = { (offset: Int) in
                    reader.place(of: offset, fromRowAt: row.start, line: row.line, file: file)
                }
                guard let (name, settings) = cells.read(fields, reader, complaints: complaints, place: place) else {
                    continue
                }
                device(name, settings, table.rows.count)
                table.rows.append(row)
            }
        } catch {
            let start = bytes[..<error.offset].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
            complaints.error(
                at: reader.place(of: error.offset, fromRowAt: start, line: error.line, file: file), error.message)
            return nil
        }
    }

    private static func rowStart(_ field: CSVReader.Field, _ bytes: [UInt8]) -> Int {
        field.start > 0 && bytes[field.start - 1] == 0x22 ? field.start - 1 : field.start
    }

    private static func columns(
        _ fields: [CSVReader.Field], _ reader: CSVReader, file: String, complaints: ComplaintList
    ) -> [Column] {
        var seen: Set<String> = []
        return fields.map { field in
            let place = reader.place(of: rowStart(field, reader.bytes), fromRowAt: 0, line: 1, file: file)
            let title = reader.text(of: field)
            let column = column(title)
            if case .unknown = column {
                complaints.error(
                    at: place, "unknown column \(excerpt(title))",
                    remedy: suggestion(for: title, among: titles, noun: "known columns"))
            } else if !seen.insert(column.path).inserted {
                complaints.error(at: place, "column \(excerpt(title)) stands twice in the header")
            }
            return column
        }
    }

    private static let titles =
        ["name"] + SettingVocabulary.scalars.map(\.path) + SettingVocabulary.lists.map(\.path)
        + SettingVocabulary.commonDomains + ["domains.KIND", "vars.NAME"]

    private static func column(_ title: String) -> Column {
        if title == "name" { return .name }
        if let setting = SettingVocabulary.scalar(title) { return .scalar(setting) }
        if let setting = SettingVocabulary.list(title) { return .list(setting) }
        if SettingVocabulary.commonDomains.contains(title) { return .domain(title) }
        for prefix in ["var.", "vars.", "domain.", "domains."] where title.hasPrefix(prefix) {
            let name = String(title.dropFirst(prefix.count))
            guard TextFormat<String>.variableName.parse(name) != nil else { return .unknown }
            return prefix.hasPrefix("var") ? .variable(name) : .domain(name)
        }
        return .unknown
    }

    /// A row's settings as written, with their places, for explanations.
    func values(ofRow row: Int) -> [SettingValue] {
        var reader = CSVReader(bytes, from: rows[row].start, line: rows[row].line)
        var fields: [CSVReader.Field] = []
        guard (try? reader.nextRow(into: &fields)) == true else { return [] }
        return zip(columns, fields).compactMap { column, field in
            let text = reader.text(of: field)
            guard !text.isEmpty, column.path != "", column.path != "name" else { return nil }
            let offset = Self.rowStart(field, bytes)
            return SettingValue(
                path: column.path, value: text,
                location: reader.place(of: offset, fromRowAt: rows[row].start, line: rows[row].line, file: file))
        }
    }

    /// Where a row stands.
    func location(ofRow row: Int) -> SourceLocation { SourceLocation(file: file, line: rows[row].line, column: 1) }
}

extension DeviceTable {
    /// Turns cells into settings. Lists are kept from row to row, as neighbours mostly have the same links.
    private struct CellReader {
        let columns: [Column]
        let surroundings: Surroundings
        private var lastList: [(text: String, items: [String])]

        init(columns: [Column], surroundings: Surroundings) {
            self.columns = columns
            self.surroundings = surroundings
            lastList = columns.map { _ in ("", []) }
        }

        mutating func read(
            _ fields: [CSVReader.Field], _ reader: CSVReader, complaints: ComplaintList, place: (Int) -> SourceLocation
        ) -> (String, DeviceSettings)? {
            var settings = DeviceSettings()
            var name: String?
            for (index, field) in fields.enumerated() where field.end > field.start {
                let text = reader.text(of: field)
                guard !text.isEmpty else { continue }
                var problem: String?
                switch columns[index] {
                case .name:
                    name = TextFormat<String>.name.parse(text)
                    if name == nil { problem = TextFormat<String>.name.complaint(about: text, what: "name") }
                case .scalar(let setting): problem = setting.apply(&settings, text, surroundings)
                case .list(let setting):
                    if lastList[index].text != text { lastList[index] = (text, Self.items(of: text)) }
                    let items = lastList[index].items
                    for item in items where setting.item.parse(item) == nil {
                        problem = setting.item.complaint(about: item, what: "an item of \(setting.path)")
                    }
                    if problem == nil { setting.set(&settings, items) }
                case .domain(let kind):
                    if TextFormat<String>.name.parse(text) == nil {
                        problem = TextFormat<String>.name.complaint(about: text, what: kind)
                    } else {
                        settings.set(FailureDomain(kind: kind, value: text))
                    }
                case .variable(let variable): settings.variables[variable] = SettingVocabulary.variable(text)
                case .unknown: break
                }
                if let problem { complaints.error(at: place(DeviceTable.rowStart(field, reader.bytes)), problem) }
            }
            guard let name else {
                if let first = fields.first { complaints.error(at: place(first.start), "the row has no usable name") }
                return nil
            }
            return (name, settings)
        }

        /// Items separated by blanks or semicolons.
        private static func items(of text: String) -> [String] {
            text.split { $0 == " " || $0 == ";" || $0 == "\t" }.map(String.init)
        }
    }
}
