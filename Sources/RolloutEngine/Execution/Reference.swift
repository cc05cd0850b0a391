/// What a wave that was let through is compared with while it has to carry its peaks.
struct Reference: Sendable {
    /// The time.
    var before: Verdict.Window
    /// What was read then, where it is kept apart.
    var samples: [WatchedAgent.Subject: [CounterSample]]

    /// The same input, compared with this.
    func put(into input: GateInput) -> GateInput {
        guard !samples.isEmpty else { return input }
        var input = input
        input.before = before
        for subject in input.subjects {
            let later = (input.samples[subject] ?? []).filter { $0.at > before.to }
            input.samples[subject] = (samples[subject] ?? []) + later
        }
        return input
    }
}
