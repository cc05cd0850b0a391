import RolloutEngine
import RolloutStore

/// Rolls samples up and drops old days every few minutes, for as long as the service lives. Nothing waits for it, and of several services
/// one does it at a time.
struct ServedRetention: ServedComponent {
    let name = "retention"
    let maintenance: StoreMaintenance
    let retention: SampleRetention
    let clock: any EngineClock
    /// How often: the steps that dashboards show are of five minutes.
    var pause: Timespan = .minutes(5)
    /// Takes a line for people.
    let log: @Sendable (String) -> Void

    /// Runs until the task is cancelled. What fails is said once, and tried again.
    func run() async throws {
        var (trouble, said): (String?, String?) = (nil, nil)
        while !Task.isCancelled {
            do throws(StoreError) {
                let outcome = try await maintenance.retain(retention, at: clock.now())
                if trouble != nil { log("samples are rolled up again") }
                trouble = nil
                let left = outcome.oldestSamples.map { "samples are kept from \($0) on" } ?? "there are no samples"
                if !outcome.wasBusy, left != said { log(left) }
                if !outcome.wasBusy { said = left }
            } catch {
                if !Task.isCancelled, trouble != error.message {
                    log("samples are not rolled up and dropped, tried again in \(pause): \(error.message)")
                }
                trouble = error.message
            }
            await clock.sleep(until: clock.now() + pause)
        }
    }
}
