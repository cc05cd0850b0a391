import Foundation

/// A dashboard of `dashboards/`, as far as its questions go.
struct Dashboard: Decodable {
    var uid: String
    var title: String
    var panels: [Panel]
    var templating: Templating

    struct Panel: Decodable {
        var title: String
        var type: String
        var datasource: Source
        var gridPos: Place
        var targets: [Target]
        var fieldConfig: FieldConfig
    }

    struct FieldConfig: Decodable {
        var overrides: [Override]
    }

    /// What is said of single columns.
    struct Override: Decodable {
        var matcher: Matcher
        var properties: [Property]
    }

    struct Matcher: Decodable {
        var id: String
        var options: String
    }

    struct Property: Decodable {
        var id: String
        /// Where a click on the column leads.
        var links: [Link]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            id = try container.decode(String.self, forKey: .id)
            links = id == "links" ? try container.decode([Link].self, forKey: .value) : []
        }

        enum CodingKeys: String, CodingKey { case id, value }
    }

    struct Link: Decodable {
        var url: String
    }

    struct Target: Decodable {
        var format: String
        var rawSql: String
        var datasource: Source
    }

    struct Source: Decodable {
        var type: String
        var uid: String
    }

    struct Place: Decodable {
        var x: Int
        var y: Int
        var w: Int
        var h: Int
    }

    struct Templating: Decodable {
        var list: [Variable]
    }

    struct Variable: Decodable {
        var name: String
        var type: String
        var query: String
    }

    /// All of them, by title.
    static func all() throws -> [Dashboard] {
        try FileManager.default.contentsOfDirectory(
            at: OpsDatabase.root.appending(path: "dashboards"), includingPropertiesForKeys: nil
        ).filter { $0.pathExtension == "json" }.map {
            try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: $0))
        }.sorted { $0.title < $1.title }
    }
}
