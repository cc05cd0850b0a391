// What a policy says of the whole farm: what is watched beside the waves, what is held where failures have something in common,
// and how long a device is watched afterwards.
extension PolicyReader {
    /// `also` of `watch`.
    func watchBeside(_ node: YAMLNode, in watch: YAMLMap) -> WatchBeside? {
        guard var also = watch.submap(node, "watch.also", example: "{links: all, devices: tag=core}") else { return nil }
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

    /// A neighbour that fails may not be ours: nothing is put back for it.
    private static let besideAction = TextFormat<GateAction>(expected: "observe or pause") { text in
        GateAction(rawValue: text).flatMap { $0 == .rollBack ? nil : $0 }
    }
}
