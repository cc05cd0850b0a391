internal import RolloutEngine

/// Makes a night that breaks a promise smaller, as long as the smaller one breaks it too.
public enum Shrinker {
    /// The smallest night found that still breaks the promise.
    public static func shrink(_ scenario: Scenario, breaking promise: String, attempts: Int = 300) -> Scenario {
        var best = scenario
        var left = attempts
        var goesOn = true
        while goesOn {
            goesOn = false
            for smaller in steps(from: best) {
                guard left > 0 else { return best }
                left -= 1
                guard (try? World.play(smaller))?.violation?.promise == promise else { continue }
                best = smaller
                goesOn = true
                break
            }
        }
        return best
    }

    private static func steps(from scenario: Scenario) -> [Scenario] {
        func altered(_ change: (inout Scenario) -> Void) -> Scenario {
            var copy = scenario
            change(&copy)
            return copy
        }
        var steps: [Scenario] = []
        for index in scenario.events.indices { steps.append(altered { $0.events.remove(at: index) }) }
        if scenario.wire != Scenario.Wire() { steps.append(altered { $0.wire = Scenario.Wire() }) }
        if scenario.places > 1 { steps.append(altered { $0.places -= 1 }) }
        if scenario.devicesPerPlace > 1 { steps.append(altered { $0.devicesPerPlace -= 1 }) }
        if scenario.firmwares != nil { steps.append(altered { $0.firmwares = nil }) }
        if scenario.hasNeighbours != nil { steps.append(altered { $0.hasNeighbours = nil }) }
        if scenario.window != nil { steps.append(altered { $0.window = nil }) }
        if scenario.approvals != nil { steps.append(altered { $0.approvals = nil }) }
        if scenario.borneFailures != nil {
            steps.append(altered { ($0.borneFailures, $0.putsBackFailures) = (nil, nil) })
        }
        if scenario.waveDeadline != nil { steps.append(altered { $0.waveDeadline = nil }) }
        if scenario.countsErrors != nil { steps.append(altered { $0.countsErrors = nil }) }
        if scenario.countsDiscards != nil { steps.append(altered { $0.countsDiscards = nil }) }
        if scenario.watchesRestarts != nil { steps.append(altered { $0.watchesRestarts = nil }) }
        if scenario.bearsUnclear != nil { steps.append(altered { $0.bearsUnclear = nil }) }
        if scenario.othersHoldPair != nil { steps.append(altered { $0.othersHoldPair = nil }) }
        if scenario.tellsParts != nil { steps.append(altered { $0.tellsParts = nil }) }
        if scenario.peak != nil { steps.append(altered { $0.peak = nil }) }
        if scenario.isUnpaired != true { steps.append(altered { $0.isUnpaired = true }) }
        if Set(scenario.styles) != [.armThenApply] { steps.append(altered { $0.styles = [.armThenApply] }) }
        if scenario.inFlight > 1 { steps.append(altered { $0.inFlight -= 1 }) }
        if scenario.waveSize > 1 { steps.append(altered { $0.waveSize -= 1 }) }
        return steps.filter { $0 != scenario }
    }
}
