import Foundation
import RolloutEngine

/// Begins what a schedule says: makes sure of the plan, creates the rollout, and writes down what came of it. Whoever drives the
/// store's rollouts finds the new one there.
struct ScheduleStarter: Sendable {
    let store: any JournalStore
    let clock: any EngineClock
    /// By which this process is known in the service journal.
    let holder: String
    /// Makes a plan from files and from what the devices say.
    let plan: @Sendable (PlanInputs) async throws -> Plan

    /// Begins an occurrence, or takes up one that was begun. Killed at any moment, it leaves one rollout or none, and the next
    /// call goes on from there.
    ///
    /// - Parameter last: The last entry of the service journal on which this was decided.
    /// - Returns: What came of it, in words; nil when somebody else spoke meanwhile, and it has to be decided anew.
    func begin(_ schedule: Schedule, due occurrence: Instant, after last: Int64) async throws(StoreError) -> String? {
        do throws(StoreError) {
            _ = try await store.append(
                .scheduleBegun(schedule.name, occurrence: occurrence), by: holder, reason: nil, after: last,
                at: clock.now())
        } catch  where error.code == .overtaken {
            return nil
        }
        let author = Self.author(schedule.name, occurrence)
        if let rollout = try await store.rollouts().first(where: { $0.createdBy == author }) {
            return try await started(schedule, occurrence, rollout.id)
        }
        let file: PlanFile
        do {
            file = try await planFile(of: schedule)
            if let refusal = file.plan.refusal { throw CommandFailure(.refused, refusal) }
            try await refuseTwice(file)
        } catch let error as StoreError {
            throw error
        } catch {
            return try await skipped(schedule, occurrence, because: CommandFailure(error).message)
        }
        let id = try await store.create(
            plan: file.bytes, digest: file.digest, title: file.plan.change.name, by: author, at: clock.now())
        return try await started(schedule, occurrence, id)
    }

    /// The name under which a rollout is created: there is one for each occurrence, whoever creates it.
    static func author(_ name: ScheduleName, _ occurrence: Instant) -> String {
        "\(authorPrefix)\(name), due \(occurrence)"
    }

    /// With what such names begin.
    static let authorPrefix = "schedule "

    private func started(_ schedule: Schedule, _ occurrence: Instant, _ id: RolloutID) async throws(StoreError)
        -> String
    {
        _ = try await store.append(
            .scheduleStarted(schedule.name, occurrence: occurrence, rollout: id), by: holder, reason: nil, after: nil,
            at: clock.now())
        return "schedule \(schedule.name), due \(occurrence), is rollout \(id)"
    }

    private func skipped(_ schedule: Schedule, _ occurrence: Instant, because: String) async throws(StoreError)
        -> String
    {
        _ = try await store.append(
            .scheduleSkipped(schedule.name, occurrence: occurrence, because: because), by: holder, reason: nil,
            after: nil, at: clock.now())
        return "schedule \(schedule.name), due \(occurrence), is passed over: \(because)"
    }

    private func planFile(of schedule: Schedule) async throws -> PlanFile {
        switch schedule.work {
        case .plan(let path, let digest):
            let file = try PlanIO.read(path)
            guard file.digest == digest else {
                throw CommandFailure(
                    .stale,
                    "\(path) is not the plan that was scheduled: its digest is \(file.digest.short), expected \(digest.short); "
                        + "schedule the new one: rollout schedule add \(schedule.name) --plan \(path)")
            }
            guard !file.plan.waves.isEmpty else { throw CommandFailure(.done, "nothing to change") }
            return file
        case .anew(let inputs, let approved):
            let plan = try await plan(inputs)
            guard !plan.waves.isEmpty else { throw CommandFailure(.done, "nothing to change") }
            if let excess = BlastRadius(of: plan).excess(over: approved) {
                throw CommandFailure(
                    .refused,
                    "the plan that was made reaches further than was approved: \(excess); look at it (rollout plan "
                        + "\(inputs.change) -i \(inputs.inventory)), then approve more: rollout schedule add \(schedule.name)"
                )
            }
            return try PlanFile(plan)
        }
    }

    /// A plan that is half carried out is gone on with; a second rollout of it would only get in the way of the first.
    private func refuseTwice(_ file: PlanFile) async throws {
        for record in try await store.rollouts() where record.planDigest == file.digest {
            guard try await store.state(of: record.id).ending == nil else { continue }
            throw CommandFailure(
                .refused, "rollout \(record.id) of this very plan is not over: see rollout status \(record.id.number)")
        }
    }
}
