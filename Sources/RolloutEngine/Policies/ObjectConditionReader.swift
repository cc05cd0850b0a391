/// Reads what a gate on objects watches, and its limits.
struct ObjectConditionReader {
    let complaints: ComplaintList

    /// An object by its number.
    func source(_ map: inout YAMLMap) -> ObjectCondition? {
        guard let number = map.required("oid", Self.number), let kind = map.required("type", Self.kind) else {
            map.know(["column", "unit", "combine"])
            return nil
        }
        let isColumn = map.value("column", Self.flag) ?? false
        let unit = map.value("unit", .line) ?? ""
        let combination = kind == .gauge ? map.value("combine", .word) ?? .each : ObjectCondition.Combination.each
        return ObjectCondition([
            ObjectCondition.Source(number, isColumn: isColumn, kind: kind, unit: unit, combination: combination)
        ])
    }

    /// The limits that go with what is watched; those that are not given stay as usual.
    func limits(_ usual: ObjectCondition, _ map: inout YAMLMap) -> ObjectCondition? {
        var condition = usual
        condition.isOptional = map.value("optional", Self.flag) ?? condition.isOptional
        let example: String
        switch condition.sources.first?.kind {
        case .counter:
            condition.maximumPerSecond = map.value("maximum_per_second", .perSecond) ?? condition.maximumPerSecond
            if condition.maximumPerSecond != nil { return condition }
            example = "maximum_per_second"
        case .gauge:
            condition.limits = ValueLimits(in: &map, usual: condition.limits)
            if !condition.limits.isEmpty { return condition }
            example = "maximum, minimum, maximum_rise or maximum_fall"
        case .state, nil:
            if let entry = map.entry("stays") {
                condition.stays = map.readList(entry.value, as: Self.state, what: "stays")
            }
            if let entry = map.entry("may_be") {
                condition.mayBe = map.readList(entry.value, as: Self.state, what: "may_be")
            }
            if !condition.stays.isEmpty || !condition.mayBe.isEmpty { return condition }
            example = "stays or may_be"
        }
        complaints.error(at: map.location, "the gate judges nothing", remedy: "give it \(example)")
        return nil
    }

    private static let number = TextFormat<[UInt32]>(expected: "a number such as 1.3.6.1.2.1.4.24.6.0") { text in
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let rest = parts.first == "" ? parts.dropFirst() : parts[...]
        let number = rest.compactMap { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt32(part) : nil
        }
        guard number.count == rest.count, (2...128).contains(number.count), number[0] <= 2 else { return nil }
        return number
    }
    private static let kind = TextFormat<WatchedObject.Kind>(expected: "counter, gauge or state") {
        WatchedObject.Kind(rawValue: $0)
    }
    private static let flag = TextFormat<Bool>(expected: "true or false") { Bool($0) }
    private static let state = TextFormat<Int64>(expected: "the number of a state such as 6") { Int64($0) }
}

extension ValueLimits {
    /// Reads limits; those that are not given stay as usual.
    init(in map: inout YAMLMap, usual: ValueLimits = ValueLimits()) {
        self.init(
            maximum: map.value("maximum", Self.number) ?? usual.maximum,
            minimum: map.value("minimum", Self.number) ?? usual.minimum,
            maximumRise: map.value("maximum_rise", Self.step) ?? usual.maximumRise,
            maximumFall: map.value("maximum_fall", Self.step) ?? usual.maximumFall)
    }

    private static let number = TextFormat<Double>(expected: "a number such as 90") { text in
        Double(text).flatMap { $0.isFinite ? $0 : nil }
    }
    private static let step = TextFormat<Step>(expected: "a number such as 20, or a share of what it was such as 20%") {
        text in
        if let share = Share(text) { return share.fraction >= 0 ? .share(share) : nil }
        return Double(text).flatMap { $0.isFinite && $0 >= 0 ? .amount($0) : nil }
    }
}
