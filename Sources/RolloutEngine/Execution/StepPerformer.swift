/// Performs one step on one device through its driver, and turns what came of it into a fact.
///
/// Who performs a step is a port: today in the runner's process, later also elsewhere.
public protocol StepPerformer: Sendable {
    /// Performs a step whose intent is durable. Never throws and always ends.
    ///
    /// - Parameter permit: Asked before anything is sent that may change the device.
    func perform(_ kind: DeviceStep.Kind, _ order: PushOrder, permit: Permit) async -> StepResult
    /// Collects evidence on a device.
    func collectEvidence(_ order: PushOrder, within limit: Timespan) async -> Evidence
}

/// Performs steps in this process.
public struct LocalStepPerformer: StepPerformer {
    private let drivers: DriverRegistry
    private let clock: any EngineClock
    private let executor: (any TaskExecutor)?

    /// Performs steps through these drivers.
    ///
    /// - Parameter executor: What its tasks run on; nil for the process's own threads.
    public init(drivers: DriverRegistry, clock: any EngineClock, executor: (any TaskExecutor)? = nil) {
        self.drivers = drivers
        self.clock = clock
        self.executor = executor
    }

    /// Performs a step. A driver that does not return by its limit is given up: what it did is then unknown.
    public func perform(_ kind: DeviceStep.Kind, _ order: PushOrder, permit: Permit) async -> StepResult {
        let isHarmless = kind == .observe || PlantedBug.isPlanted(.overdueMeansUntouched)
        let overdue = DriverError(
            .timeout, "the driver did not come back within \(order.limit)", effect: isHarmless ? .none : .possible)
        let limit = PlantedBug.isPlanted(.waitsForEver) ? Timespan.minutes(60) : order.limit + .seconds(5)
        return await firstOf(within: limit, otherwise: .failed(overdue)) {
            await self.call(kind, order, permit)
        }
    }

    private func call(_ kind: DeviceStep.Kind, _ order: PushOrder, _ permit: Permit) async -> StepResult {
        do {
            let driver = try drivers.driver(for: order.device)
            switch kind {
            case .push:
                let standing = Standing(try await driver.push(order, permit: permit), under: order)
                switch standing {
                case .pendingTarget(let remaining):
                    return .done(revertsAt: clock.now() + (remaining ?? order.revertAfter))
                // It is applied and nothing more: it has to be looked at over a fresh session, and saved.
                case .target where order.withoutTimer == true: return .done(revertsAt: nil)
                default: return .found(standing)
                }
            case .confirm:
                let standing = Standing(try await driver.confirm(order, permit: permit), under: order)
                return standing == .target ? .done(revertsAt: nil) : .found(standing)
            case .rollBack:
                return .found(Standing(try await driver.rollBack(order, permit: permit), under: order))
            case .observe:
                let observed = try await driver.observe(order.device, scope: order.scope, within: order.limit)
                let standing = Standing(observed, under: order)
                // Nothing on the device tells whether the confirmation went as far as saving it, or, without a timer, whether
                // there was one: it is confirmed once more, which does no harm.
                if standing == .target, order.withoutTimer == true || observed.isSaved == false {
                    return .found(.pendingTarget(nil))
                }
                return .found(standing)
            }
        } catch {
            return .failed(error)
        }
    }

    /// Collects evidence, at most for `limit`, and at most as much as the journal takes for it.
    public func collectEvidence(_ order: PushOrder, within limit: Timespan) async -> Evidence {
        let nothing = Evidence(items: [.init(title: "evidence", output: "none could be collected within \(limit)")])
        guard let driver = try? drivers.driver(for: order.device) else { return nothing }
        // The driver gets a little less, so that it can say itself how far it came.
        let own = Timespan.milliseconds(limit.milliseconds * 9 / 10)
        return await firstOf(within: limit, otherwise: nothing) {
            await driver.collectEvidence(order.device, scope: order.scope, within: own).kept
        }
    }

    /// What `work` gives, or `otherwise` when it takes longer than `limit`. Work that hangs is left behind, not waited for;
    /// work that is cancelled is waited for until then.
    private func firstOf<Result: Sendable>(
        within limit: Timespan, otherwise: Result, _ work: @escaping @Sendable () async -> Result
    ) async -> Result {
        let (stream, continuation) = AsyncStream.makeStream(of: Result.self, bufferingPolicy: .bufferingOldest(1))
        let working = Task(executorPreference: executor) { continuation.yield(await work()) }
        let deadline = clock.now() + limit
        let waiting = Task(executorPreference: executor) {
            await clock.sleep(until: deadline)
            continuation.yield(otherwise)
        }
        defer { waiting.cancel() }
        // Not in this task: a cancelled one would not wait, and work that still goes on would overlap what comes next.
        let first = Task(executorPreference: executor) {
            for await result in stream {
                if clock.now() >= deadline { working.cancel() }
                return result
            }
            return otherwise
        }
        return await withTaskCancellationHandler {
            await first.value
        } onCancel: {
            working.cancel()
        }
    }
}
