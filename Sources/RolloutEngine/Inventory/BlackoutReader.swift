/// Reads days on which nothing may be done.
struct BlackoutReader {
    let complaints: ComplaintList

    /// Each item is a day, days, or a map of them with the reason.
    ///
    /// - Parameter what: What is read, for complaints: `blackouts of datacentre gra`.
    func read(_ node: YAMLNode, _ what: String, in map: YAMLMap) -> [Blackout] {
        let items: [YAMLNode]
        if case .list(let list) = node.content { items = list } else { items = [node] }
        return items.compactMap { item in
            guard case .map = item.content else {
                return map.read(item, as: Self.days, what: "an item of \(what)").map {
                    Blackout(first: $0.lowerBound, last: $0.upperBound)
                }
            }
            guard var one = map.submap(item, "an item of \(what)") else { return nil }
            let days = one.required("days", Self.days)
            let because = one.value("because", .line)
            one.refuseUnknownKeys()
            return days.map { Blackout(first: $0.lowerBound, last: $0.upperBound, because: because) }
        }
    }

    /// `2026-12-24`, or `2026-12-24 to 2027-01-01`.
    private static let days = TextFormat<ClosedRange<CalendarDay>>(
        expected: "a day such as 2026-12-24, or days such as 2026-12-24 to 2027-01-01"
    ) { text in
        let words = text.split(separator: " ").map(String.init)
        guard let first = words.first.flatMap({ CalendarDay($0) }) else { return nil }
        if words.count == 1 { return first...first }
        guard words.count == 3, words[1] == "to", let last = CalendarDay(words[2]), first <= last else { return nil }
        return first...last
    }
}
