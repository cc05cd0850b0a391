/// Speaks to devices of one platform. The engine decides; a driver acts on one device at a time and says what happened.
///
/// Every call has a deadline of its own and returns or throws before it. No call retries what could have changed the device.
public protocol DeviceDriver: Sendable {
    /// The platforms it speaks to.
    var platforms: [PlatformName] { get }

    /// Whether devices revert by themselves when nobody confirms.
    var armsRevertTimer: Bool { get }

    /// How long devices take to start at most, where they start anew to revert by themselves; nil where they do not.
    var restartTakes: Timespan? { get }

    /// How long the timer waits that is asked to wait for a span: never less.
    func revertTimer(for span: Timespan) -> Timespan

    /// Whether a burst that somebody wrote down for an interface can be set on it; else the platform sees to bursts itself.
    func setsBurst(of interface: String) -> Bool

    /// What has to be read of a device for these intents. Pure.
    ///
    /// - Throws: `DriverError` with `.unsupported` when the platform cannot express an intent.
    func scope(of intents: [ResolvedIntent]) throws(DriverError) -> ConfigScope

    /// What the device would hold if the intents were true, in the driver's canonical text. Pure.
    ///
    /// - Throws: `DriverError` with `.unsupported` when the platform cannot express an intent, or when the base holds
    ///   something that the driver could not restore.
    func render(_ intents: [ResolvedIntent], onto base: DeviceConfig, for device: Device) throws(DriverError)
        -> DeviceConfig

    /// Reads identity, configuration in scope, and armed revert timers. Writes nothing.
    func observe(_ device: Device, scope: ConfigScope, within limit: Timespan) async throws(DriverError) -> Observation

    /// Checks identity and base, arms the revert timer, reads it back, applies, reads back. Does not confirm.
    ///
    /// Without a timer only where there is none and the order says `withoutTimer`; then `pendingRevert` is nil.
    ///
    /// Nothing is sent that changes the device before hostname and base digest match the order. Returns what was read back
    /// after the change: equal to `order.desired`, with `pendingRevert` ours.
    ///
    /// - Parameter permit: Asked before each command that may change the device.
    /// - Throws: `DriverError`; its `effect` says whether the device may have been changed.
    func push(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation

    /// Over a fresh session: checks identity, reads back, and only if everything is as ordered disarms the revert timer and
    /// reads back that it is gone. Confirming what is already confirmed succeeds.
    func confirm(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation

    /// Over a fresh session: puts the base back, disarms our revert timer, and returns what was read back.
    ///
    /// The caller compares it with the base: equality is proved, not assumed. Rolling back what is already back succeeds.
    func rollBack(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation

    /// Collects what an engineer would want to see of a device in trouble. Never changes it.
    func collectEvidence(_ device: Device, scope: ConfigScope, within limit: Timespan) async -> Evidence
}

extension DeviceDriver {
    /// Most do not.
    public var restartTakes: Timespan? { nil }

    /// Most wait as long as they are told.
    public func revertTimer(for span: Timespan) -> Timespan { span }

    /// What the intents name.
    public func scope(of intents: [ResolvedIntent]) throws(DriverError) -> ConfigScope { ConfigScope(of: intents) }

    /// Most can.
    public func setsBurst(of interface: String) -> Bool { true }

    /// Pushes, as who works by hand on one device.
    public func push(_ order: PushOrder) async throws(DriverError) -> Observation {
        try await push(order, permit: .always)
    }
    /// Confirms, as who works by hand on one device.
    public func confirm(_ order: PushOrder) async throws(DriverError) -> Observation {
        try await confirm(order, permit: .always)
    }
    /// Rolls back, as who works by hand on one device.
    public func rollBack(_ order: PushOrder) async throws(DriverError) -> Observation {
        try await rollBack(order, permit: .always)
    }
}

/// Everything that a driver needs to change one device and to put it back.
public struct PushOrder: Hashable, Codable, Sendable {
    /// The device as planned.
    public var device: Device
    /// What the device must hold before, and what a rollback restores.
    public var base: DeviceConfig
    /// What the device must hold afterwards.
    public var desired: DeviceConfig
    /// Names the rollout on the device itself, beside its revert timer: `rollout-217-3f9a01c2`. All devices of a rollout share it.
    public var mark: String
    /// After how long the device reverts by itself.
    public var revertAfter: Timespan
    /// How long this call may take in all.
    public var limit: Timespan
    /// True when the device has no revert timer, and may be changed all the same.
    public var withoutTimer: Bool?

    /// An order to change one device.
    public init(
        device: Device, base: DeviceConfig, desired: DeviceConfig, mark: String, revertAfter: Timespan, limit: Timespan,
        withoutTimer: Bool? = nil
    ) {
        self.device = device
        self.base = base
        self.desired = desired
        self.mark = mark
        self.revertAfter = revertAfter
        self.limit = limit
        self.withoutTimer = withoutTimer
    }

    /// What is read back.
    public var scope: ConfigScope { ConfigScope(of: desired) }

    /// The mark of a rollout's changes. The plan's digest keeps rollouts of two stores apart.
    public static func mark(of id: RolloutID, planDigest: Digest) -> String {
        "rollout-\(id.number)-\(planDigest.short)"
    }
}

/// Why a driver could not do what it was asked.
public struct DriverError: Error, Hashable, Codable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is.
    public var code: Code
    /// What happened, in words: what was expected, what came instead.
    public var message: String
    /// Whether the device may have been changed by this call.
    public var effect: Effect

    /// Trouble with a device.
    public init(_ code: Code, _ message: String, effect: Effect) {
        self.code = code
        self.message = message
        self.effect = effect
    }

    /// The kinds of trouble that the engine tells apart.
    public enum Code: String, Codable, Sendable {
        /// No connection: refused, no route, no such name.
        case unreachable
        /// The deadline passed.
        case timeout
        /// The device did not accept our credentials.
        case authentication
        /// The device's host key is not the one we know. No credential was sent.
        case hostKeyChanged = "host_key_changed"
        /// The device's host key is not known at all. No credential was sent.
        case hostKeyUnknown = "host_key_unknown"
        /// A device answered, but not the one we meant.
        case wrongDevice = "wrong_device"
        /// The configuration is neither the base nor the target: somebody changed it since it was planned.
        case drifted
        /// Somebody else changed the device while our change on it was unconfirmed.
        case interfered
        /// The platform or this driver cannot do it.
        case unsupported
        /// The revert timer could not be armed or its arming not be proved.
        case timerNotArmed = "timer_not_armed"
        /// Another session has the device's configuration for itself: somebody's, or one of ours that was cut off.
        case locked
        /// The device refused the configuration.
        case refused
        /// The device does not hold what was sent.
        case verifyMismatch = "verify_mismatch"
        /// The session broke.
        case connectionLost = "connection_lost"
        /// More output than is reasonable.
        case outputTooLarge = "output_too_large"
        /// The device said something that could not be understood.
        case garbledOutput = "garbled_output"
        /// A secret or file of ours is missing.
        case localSetup = "local_setup"
        /// The right to drive the rollout ran out.
        case leaseOver = "lease_over"
        /// We gave up on purpose.
        case cancelled

        /// For people: `host key changed`.
        public var words: String { rawValue.replacing("_", with: " ") }
    }

    /// What a failed call may have done to the device.
    public enum Effect: String, Codable, Sendable {
        /// Nothing was sent that changes it.
        case none
        /// Something was sent; it may or may not have changed, and its revert timer may be armed.
        case possible
    }

    /// Whether trying again later could help without anybody doing anything.
    public var isTransient: Bool {
        switch code {
        case .unreachable, .timeout, .connectionLost, .leaseOver, .locked: true
        default: false
        }
    }

    /// Whether the device, or the way to it, was away or too slow.
    public var isOutOfReach: Bool { isTransient && code != .locked }

    /// `timeout: no answer within 10s`.
    public var description: String { "\(code.words): \(message)" }
}

/// What was collected of a device in trouble: commands and what they printed, each cut to a limit.
public struct Evidence: Hashable, Codable, Sendable {
    /// One item a command, or one that says why nothing could be collected.
    public var items: [Item]

    /// Collected items.
    public init(items: [Item]) { self.items = items }

    /// The most that is kept of one item, in bytes.
    public static let longestOutput = 64 << 10
    /// The most that is kept of all items together, in bytes.
    public static let mostBytes = 1 << 20

    /// As much of it as is kept, and a word where something was left out.
    public var kept: Evidence {
        var kept: [Item] = []
        var room = Self.mostBytes
        for item in items.map(\.kept) {
            room -= item.title.utf8.count + item.output.utf8.count
            guard room >= 0 else { break }
            kept.append(item)
        }
        if kept.count < items.count {
            kept.append(Item(title: "evidence", output: "\(items.count - kept.count) more were left out: too much"))
        }
        return Evidence(items: kept)
    }

    /// One command and its output.
    public struct Item: Hashable, Codable, Sendable {
        /// What was asked.
        public var title: String
        /// What was answered, as it came: neutralise it before showing it.
        public var output: String

        /// One command and its output.
        public init(title: String, output: String) {
            self.title = title
            self.output = output
        }

        /// The end of what is too long: in logs the newest stands there.
        fileprivate var kept: Item {
            let excess = output.utf8.count - Evidence.longestOutput
            guard excess > 0 else { return self }
            let end = String(decoding: output.utf8.dropFirst(excess), as: UTF8.self)
            return Item(title: title, output: "(the first \(excess) bytes are left out)\n\(end)")
        }
    }
}
