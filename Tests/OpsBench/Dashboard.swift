import Foundation

/// A dashboard of `dashboards/`, as far as its questions go.
package struct Dashboard: Decodable {
    package var uid: String
    package var title: String
    package var panels: [Panel]
    package var templating: Templating

    package struct Panel: Decodable {
        package var title: String
        package var type: String
        package var datasource: Source
        package var gridPos: Place
        package var targets: [Target]
        package var fieldConfig: FieldConfig
    }

    package struct FieldConfig: Decodable {
        package var overrides: [Override]
    }

    /// What is said of single columns.
    package struct Override: Decodable {
        package var matcher: Matcher
        package var properties: [Property]
    }

    package struct Matcher: Decodable {
        package var id: String
        package var options: String
    }

    package struct Property: Decodable {
        package var id: String
        /// Where a click on the column leads.
        package var links: [Link]

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            id = try container.decode(String.self, forKey: .id)
            links = id == "links" ? try container.decode([Link].self, forKey: .value) : []
        }

        enum CodingKeys: String, CodingKey { case id, value }
    }

    package struct Link: Decodable {
        package var url: String
    }

    package struct Target: Decodable {
        package var format: String
        package var rawSql: String
        package var datasource: Source
    }

    package struct Source: Decodable {
        package var type: String
        package var uid: String
    }

    package struct Place: Decodable {
        package var x: Int
        package var y: Int
        package var w: Int
        package var h: Int
    }

    package struct Templating: Decodable {
        package var list: [Variable]
    }

    package struct Variable: Decodable {
        package var name: String
        package var type: String
        package var query: String
    }

    /// All of them, by title.
    package static func all() throws -> [Dashboard] {
        try FileManager.default.contentsOfDirectory(
            at: OpsDatabase.root.appending(path: "dashboards"), includingPropertiesForKeys: nil
        ).filter { $0.pathExtension == "json" }.map {
            try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: $0))
        }.sorted { $0.title < $1.title }
    }
}
