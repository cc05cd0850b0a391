import RolloutEngine

/// One session with a Linux device and the time that is left for it.
struct LinuxSession: Sendable {
    /// The session.
    let session: any CommandSession
    /// When the call that opened it must be over.
    let deadline: ContinuousClock.Instant
    /// Asked before every script that may change the device.
    let permit: Permit

    /// Reads the device; changes nothing.
    ///
    /// - Throws: `DriverError` with effect `.none`.
    func read(_ scope: LinuxScope) async throws(DriverError) -> LinuxReading {
        let report = try await run(RevertScripts.read(scope), effect: .none)
        return try reading(of: report, scope, effect: .none)
    }

    /// Runs a script and reads its report.
    ///
    /// - Parameter soFar: What the scripts before this one can have done: all there is when this one is not sent.
    /// - Throws: `DriverError` with the effect that the script can have.
    func run(_ script: ShellScript, effect: DriverError.Effect, soFar: DriverError.Effect = .none)
        async throws(DriverError) -> ShellReport
    {
        let left = ContinuousClock.now.duration(to: deadline)
        let limit = Timespan(
            milliseconds: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000)
        guard limit > .zero else {
            throw DriverError(.timeout, "no time was left for the next command, which was not sent", effect: soFar)
        }
        if effect == .possible { try permit.demand(effect: soFar) }
        let result: CommandResult
        do {
            result = try await session.run(ShellScript.interpreter, input: Array(script.text.utf8), within: limit)
        } catch {
            // That this script was not sent says nothing of those before it.
            let own = effect == .none ? .none : error.effect
            throw DriverError(error.code, error.message, effect: own == .none ? soFar : own)
        }
        do {
            return try ShellReport(result.output, nonce: script.nonce)
        } catch {
            throw DriverError(
                .garbledOutput,
                "the device's answer cannot be used: \(error.what) (status \(result.status), stderr:"
                    + " \(result.errorText.prefix(300)))", effect: effect)
        }
    }

    /// Understands the reading in a report.
    ///
    /// - Throws: `DriverError` with the effect that its script can have.
    func reading(of report: ShellReport, _ scope: LinuxScope, effect: DriverError.Effect) throws(DriverError)
        -> LinuxReading
    {
        do {
            return try LinuxReading(report, scope: scope)
        } catch let garbled as ShellReport.Garbled {
            throw DriverError(.garbledOutput, "the device's answer cannot be used: \(garbled.what)", effect: effect)
        } catch let known as DriverError {
            throw DriverError(known.code, known.message, effect: effect)
        } catch {
            throw DriverError(.garbledOutput, "the device's answer cannot be used", effect: effect)
        }
    }
}
