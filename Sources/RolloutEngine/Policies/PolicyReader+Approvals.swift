// Whose word a policy asks for.
extension PolicyReader {
    /// `approvals`: a list of rules.
    func approvals(_ node: YAMLNode, in map: YAMLMap) -> [ApprovalRule] {
        let items: [YAMLNode]
        if case .list(let list) = node.content { items = list } else { items = [node] }
        return items.compactMap { item in
            guard var one = map.submap(item, "an item of approvals", example: "{before: wave, people: 2}"),
                let before: ApprovalRule.Occasion = one.required("before", .word)
            else { return nil }
            var rule = ApprovalRule(before: before)
            rule.people = one.value("people", .number(1...20, "a number of people", example: 2)) ?? rule.people
            if let entry = one.entry("by") { rule.by = one.readList(entry.value, as: .line, what: "by of approvals") }
            if let entry = one.entry("ranges") {
                rule.ranges = one.readList(entry.value, as: TextFormat<RangeName>.named, what: "ranges of approvals")
            }
            if let entry = one.entry("datacentres") {
                rule.datacentres = one.readList(
                    entry.value, as: TextFormat<DatacentreName>.named, what: "datacentres of approvals")
            }
            rule.expires = one.value("expires", .timespan(example: "12h"))
            one.refuseUnknownKeys()
            if let by = rule.by, Set(by).count < rule.people {
                complaints.error(
                    at: one.place(of: "by"),
                    "\(rule.people) people have to approve, and by names \(Set(by).count): \(by.joined(separator: ", "))",
                    remedy: "name more of them, or lower people")
            }
            if let expires = rule.expires, expires <= .zero {
                complaints.error(
                    at: one.place(of: "expires"), "an approval that is good for \(expires) is good for nothing")
            }
            return rule
        }
    }
}
