public import RolloutEngine

/// A driver whose errors and evidence, which are kept and shown, hold none of the secrets that let us into the device, whatever
/// the device says.
public struct DiscreetDriver: DeviceDriver {
    private let driver: any DeviceDriver
    private let secrets: any SecretSource

    /// Wraps a driver.
    ///
    /// - Parameter secrets: Where the driver has them from.
    public init(_ driver: any DeviceDriver, secrets: any SecretSource) {
        self.driver = driver
        self.secrets = secrets
    }

    /// Those of the driver.
    public var platforms: [PlatformName] { driver.platforms }

    /// As the driver says.
    public var armsRevertTimer: Bool { driver.armsRevertTimer }

    /// As the driver says.
    public var restartTakes: Timespan? { driver.restartTakes }

    /// As the driver says.
    public func revertTimer(for span: Timespan) -> Timespan { driver.revertTimer(for: span) }

    /// As the driver says.
    public func setsBurst(of interface: String) -> Bool { driver.setsBurst(of: interface) }

    /// As the driver does.
    public func scope(of intents: [ResolvedIntent]) throws(DriverError) -> ConfigScope {
        try driver.scope(of: intents)
    }

    /// As the driver does.
    public func render(_ intents: [ResolvedIntent], onto base: DeviceConfig, for device: Device) throws(DriverError)
        -> DeviceConfig
    {
        do throws(DriverError) { return try driver.render(intents, onto: base, for: device) } catch {
            throw secrets(of: device).taken(outOf: error)
        }
    }

    /// As the driver does.
    public func observe(_ device: Device, scope: ConfigScope, within limit: Timespan) async throws(DriverError)
        -> Observation
    {
        try await discreetly(device) { () async throws(DriverError) in
            try await driver.observe(device, scope: scope, within: limit)
        }
    }

    /// As the driver does.
    public func push(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        try await discreetly(order.device) { () async throws(DriverError) in
            try await driver.push(order, permit: permit)
        }
    }

    /// As the driver does.
    public func confirm(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        try await discreetly(order.device) { () async throws(DriverError) in
            try await driver.confirm(order, permit: permit)
        }
    }

    /// As the driver does.
    public func rollBack(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        try await discreetly(order.device) { () async throws(DriverError) in
            try await driver.rollBack(order, permit: permit)
        }
    }

    /// What the driver collects.
    public func collectEvidence(_ device: Device, scope: ConfigScope, within limit: Timespan) async -> Evidence {
        let evidence = await driver.collectEvidence(device, scope: scope, within: limit)
        let secrets = secrets(of: device)
        return Evidence(
            items: evidence.items.map { .init(title: $0.title, output: secrets.taken(outOf: $0.output)) })
    }

    private func discreetly(
        _ device: Device, _ call: () async throws(DriverError) -> Observation
    ) async throws(DriverError) -> Observation {
        do throws(DriverError) { return try await call() } catch { throw secrets(of: device).taken(outOf: error) }
    }

    private func secrets(of device: Device) -> DeviceSecrets { DeviceSecrets(of: device, from: secrets) }
}
