import RolloutEngine

/// A token in a line.
enum TokenLine {
    /// The line; never its secret, which nobody has.
    static func text(_ one: TokenState, at now: Instant, _ style: Style) -> String {
        let token = one.token
        let datacentres =
            token.datacentres.isEmpty ? "everywhere" : token.datacentres.map(\.rawValue).joined(separator: ",")
        let ranges = token.ranges.isEmpty ? "" : " \(token.ranges.map(\.rawValue).joined(separator: ","))"
        let state: String =
            if let revoked = one.revokedAt {
                style.paint("revoked \(day(revoked))", .quiet)
            } else if one.isUsable(at: now) {
                token.expiresAt.map { "until \(day($0))" } ?? "no end"
            } else {
                style.paint("ran out", .quiet)
            }
        return "\(padded(token.id, 5)) \(padded(SafeText.line(token.name), 24)) \(padded(token.role.rawValue, 9)) "
            + "\(padded(SafeText.line(datacentres + ranges), 24)) \(state)   issued \(day(one.issuedAt)) by \(SafeText.line(one.issuedBy))"
    }

    private static func day(_ instant: Instant) -> String {
        String(instant.description.prefix(16)).replacing("T", with: " ")
    }
}
