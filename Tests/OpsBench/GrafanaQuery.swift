import Foundation

/// A panel's SQL as Grafana sends it: macros and variables expanded by the rules of its PostgreSQL data source.
package struct GrafanaQuery {
    /// The span that is shown, in seconds since 1970.
    var from: Int
    var to: Int
    /// What `$__interval` stands for, in seconds.
    var interval: Int
    /// What is chosen: one value, or several.
    var variables: [String: [String]]

    /// A query of a span, with what is chosen.
    package init(from: Int, to: Int, interval: Int, variables: [String: [String]]) {
        (self.from, self.to, self.interval, self.variables) = (from, to, interval, variables)
    }

    /// The SQL that the server gets; nil when something in it is no macro and no variable.
    package func expanded(_ sql: String) -> String? {
        var sql = sql.replacing("$__interval", with: "\(interval)s")
        for (name, values) in variables {
            sql = sql.replacing("${\(name):sqlstring}", with: values.map(\.quoted).joined(separator: ","))
        }
        sql = sql.replacing(/\$__timeFilter\(([^()]*)\)/) { "\($0.output.1) BETWEEN '\(time(from))' AND '\(time(to))'" }
        sql = sql.replacing("$__timeFrom()", with: "'\(time(from))'").replacing("$__timeTo()", with: "'\(time(to))'")
        sql = sql.replacing("$__unixEpochFrom()", with: "\(from)").replacing("$__unixEpochTo()", with: "\(to)")
        return sql.contains("$") ? nil : sql
    }

    private func time(_ seconds: Int) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
    }
}
