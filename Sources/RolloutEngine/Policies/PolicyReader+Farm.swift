// What a policy says of the whole farm: what is watched beside the waves, what is held where failures have something in common,
// and how long a device is watched afterwards.
extension PolicyReader {
    /// `also` of `watch`.
    func watchBeside(_ node: YAMLNode, in watch: YAMLMap) -> WatchBeside? {
        guard var also = watch.submap(node, "watch.also", example: "{links: all, devices: tag=core}") else {
            return nil
        }
        var rule = WatchBeside()
        if let entry = also.entry("links") {
            if case .scalar("all", _) = entry.value.content {
                rule.allLinks = true
            } else {
                rule.links = also.readList(entry.value, as: TextFormat<LinkName>.named, what: "links of watch.also")
            }
        }
        if let devices = also.value("devices", .line) {
            rule.devices = devices
            checkSelection(devices, at: also.place(of: "devices"))
        }
        if let entry = also.entry("ranges") {
            rule.ranges = also.readList(entry.value, as: TextFormat<RangeName>.named, what: "ranges of watch.also")
        }
        rule.onFail = also.value("on_fail", Self.besideAction) ?? rule.onFail
        let count = TextFormat<Int>.number(1...2000, "a number of devices", example: 200)
        rule.limit = also.value("limit", count) ?? rule.limit
        also.refuseUnknownKeys()
        if !rule.allLinks && rule.links.isEmpty && rule.devices == nil && rule.ranges.isEmpty {
            complaints.error(
                at: also.location, "watch.also names nothing", remedy: "give it links, devices or ranges")
        }
        return rule
    }

    /// `cohorts`: the rule, or `none`.
    func cohorts(_ node: YAMLNode, in map: YAMLMap) -> CohortRule? {
        if case .scalar("none", _) = node.content { return nil }
        guard var cohorts = map.submap(node, "cohorts", example: "{failures: 2, reaction: hold}") else { return nil }
        let count = TextFormat<Int>.number(2...1000, "a number of failed devices, from 2 on,", example: 2)
        let reaction = TextFormat<CohortRule.Reaction>(expected: "hold or pause") { CohortRule.Reaction(rawValue: $0) }
        let rule = CohortRule(
            failures: cohorts.value("failures", count) ?? 2, reaction: cohorts.value("reaction", reaction) ?? .hold)
        cohorts.refuseUnknownKeys()
        return rule
    }

    /// `peak`: its hours, how many of them, and the cap of devices that have not carried theirs.
    func peak(_ node: YAMLNode, in map: YAMLMap) -> PeakRule? {
        guard var peak = map.submap(node, "peak", example: "{hours: 18:00-23:00, cap: 200}"),
            let (start, end) = peak.required("hours", DatacentreReader.hours)
        else { return nil }
        var rule = PeakRule(hours: MaintenanceWindow(startMinute: start, endMinute: end))
        rule.days = peak.value("days", .number(1...3, "a number of days from 1 to 3", example: 1)) ?? rule.days
        if let entry = peak.entry("cap") { readCap(entry.value, in: peak, into: &rule) }
        peak.refuseUnknownKeys()
        if start == end {
            complaints.error(
                at: peak.place(of: "hours"), "the peak ends when it begins", remedy: "such as hours: 18:00-23:00")
        }
        return rule
    }

    private func readCap(_ node: YAMLNode, in peak: YAMLMap, into rule: inout PeakRule) {
        let count = TextFormat<Int>.number(1...100_000, "a number of devices, or a share such as 20%,", example: 200)
        switch node.content {
        case .scalar(let text, _) where text.hasSuffix("%"):
            rule.share = peak.read(node, as: .share, what: "cap of the peak")
        case .scalar: rule.devices = peak.read(node, as: count, what: "cap of the peak")
        default:
            guard var cap = peak.submap(node, "cap of the peak", example: "{devices: 200, share: 20%}") else { return }
            rule.devices = cap.value("devices", count)
            rule.share = cap.value("share", .share)
            cap.refuseUnknownKeys()
        }
    }

    /// A neighbour that fails may not be ours: nothing is put back for it.
    private static let besideAction = TextFormat<GateAction>(expected: "observe or pause") { text in
        GateAction(rawValue: text).flatMap { $0 == .rollBack ? nil : $0 }
    }
}
