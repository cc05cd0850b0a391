internal import RolloutEngine
internal import Synchronization

/// The way from one process to the devices: it delays messages, loses them, delivers them twice, and goes dead in the middle of a
/// session.
final class UnreliableWire: SimulatedWire {
    private let controller: Controller
    private let referee: Referee
    private let dice: Mutex<SeededRandom>
    /// Apart from the others: the nights in which nothing comes twice stay what they were.
    private let copying: Mutex<SeededRandom>
    private let wire: Mutex<Scenario.Wire>

    init(
        of controller: Controller, _ wire: Scenario.Wire, random: SeededRandom, copying: SeededRandom, referee: Referee
    ) {
        self.controller = controller
        self.referee = referee
        self.wire = Mutex(wire)
        dice = Mutex(random)
        self.copying = Mutex(copying)
    }

    /// From now on every message arrives at once.
    func heal() { wire.withLock { $0 = Scenario.Wire(loss: 0, stall: 0, delay: .milliseconds(20)) } }

    func reach(_ device: Device, effect: DriverError.Effect) async throws(DriverError) {
        await controller.awaitTurn()
        try demandLife(device, effect)
    }

    func carry(to device: Device, isChange: Bool, effect: DriverError.Effect) async throws(DriverError) -> Int {
        if isChange {
            referee.sends(controller, to: device.name)
        } else {
            try await reach(device, effect: effect)
        }
        try await travel(device, effect)
        // What was sent before the process died may still arrive.
        if controller.isDead && dice.withLock({ $0.chance(50) }) { try demandLife(device, effect) }
        guard let copies = wire.withLock(\.copies) else { return 1 }
        return copying.withLock { $0.chance(copies) } ? 2 : 1
    }

    func carry(from device: Device, effect: DriverError.Effect) async throws(DriverError) {
        try await travel(device, effect)
        await controller.awaitTurn()
        try demandLife(device, effect)
    }

    private func travel(_ device: Device, _ effect: DriverError.Effect) async throws(DriverError) {
        let wire = wire.withLock(\.self)
        let (delay, isLost, isStalled) = dice.withLock { dice in
            (
                Timespan.milliseconds(Int64.random(in: 1...max(1, wire.delay.milliseconds), using: &dice)),
                dice.chance(wire.loss), dice.chance(wire.stall)
            )
        }
        let clock = controller.world
        await clock.sleep(until: clock.now() + delay)
        if isStalled {
            // Until the driver's caller gives up.
            await clock.sleep(until: clock.now() + .minutes(15))
            throw DriverError(.timeout, "\(device.name): the session went silent", effect: effect)
        }
        if isLost {
            await clock.sleep(until: clock.now() + .seconds(5))
            throw DriverError(.connectionLost, "\(device.name): the session broke", effect: effect)
        }
    }

    private func demandLife(_ device: Device, _ effect: DriverError.Effect) throws(DriverError) {
        if controller.isDead { throw DriverError(.cancelled, "\(device.name): the process is gone", effect: effect) }
    }
}
