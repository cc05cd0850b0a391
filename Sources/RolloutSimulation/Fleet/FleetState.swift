public import RolloutEngine

/// A simulated fleet at an instant. Pure: time passes when it is settled, and only then.
public struct FleetState: Hashable, Codable, Sendable {
    /// The instant up to which everything has happened.
    public private(set) var settledAt: Instant
    /// Every device, sorted by name.
    public var devices: [SimulatedDevice]
    /// Every shared link, sorted by name.
    public var links: [SimulatedLink]

    init(settledAt: Instant, devices: [SimulatedDevice], links: [SimulatedLink]) {
        self.settledAt = settledAt
        self.devices = devices
        self.links = links
    }

    /// Lets time pass up to `now`: timers go off, traffic is counted. Asked in many steps or one, the result is the same.
    public mutating func settle(to now: Instant) {
        passEvents()
        while settledAt < now {
            let next = devices.lazy.compactMap(\.nextEvent).filter { $0 < now }.min() ?? now
            carry(for: next - settledAt)
            settledAt = next
            passEvents()
        }
    }

    /// The place of a device, by its name.
    public func index(of name: DeviceName) -> Int? { devices.firstIndex { $0.name == name } }

    /// The place of the device that answers at an address.
    func index(at address: String) -> Int? { devices.firstIndex { $0.address == address } }

    private mutating func passEvents() {
        for index in devices.indices { devices[index].passEvents(at: settledAt) }
    }

    private mutating func carry(for span: Timespan) {
        var load: [LinkName: Double] = [:]
        for index in devices.indices {
            let octets = devices[index].carry(for: span)
            for link in devices[index].links { load[link, default: 0] += octets }
        }
        for index in links.indices { links[index].carry(octets: load[links[index].name] ?? 0, for: span) }
    }
}

/// A simulated shared link: carries the traffic of its devices up to its capacity.
public struct SimulatedLink: Hashable, Codable, Sendable {
    /// Its name in the inventory.
    public let name: LinkName
    /// What it can carry.
    public let capacity: BitsPerSecond
    /// The interface at which it is counted.
    public let interface: String
    /// The direction that fills up.
    public let direction: LinkCounters.Direction
    /// Traffic that comes from nobody in the fleet.
    public var background: BitsPerSecond = .zero
    /// Whether its agent keeps silent.
    public var isSilent = false
    /// Since when its agent runs.
    public let bootedAt: Instant
    /// Its counters; out is the direction that fills up.
    public internal(set) var counters = TrafficCounters()

    init(_ link: Link, bootedAt: Instant) {
        name = link.name
        capacity = link.capacity
        interface = link.counters.interface
        direction = link.counters.direction
        self.bootedAt = bootedAt
    }

    mutating func carry(octets: Double, for span: Timespan) {
        guard span > .zero else { return }
        let offered = octets * 8 / span.seconds + Double(background.value)
        var flow = Flow(rate: min(offered, Double(capacity.value)))
        flow.discards = max(0, offered - Double(capacity.value)) / Flow.bitsPerPacket
        counters.add(flow, for: span)
    }
}

extension FleetState {
    /// A fleet with every device and link of an inventory. A device's variables say how it starts: `bandwidth` is the rate
    /// its interfaces are shaped to (without it they are not), `burst` the bucket, `demand` what its customers offer
    /// (without it, one and a half times the bandwidth).
    ///
    /// - Throws: `InputError` for a variable that is no rate, or an address that two devices share.
    public init(of inventory: Inventory, at now: Instant) throws(InputError) {
        var complaints: [Complaint] = []
        let bootedAt = now - .minutes(60 * 24 * 30)
        settledAt = now
        links = inventory.links.map { SimulatedLink($0, bootedAt: bootedAt) }
        devices = inventory.devices.map { SimulatedDevice($0, bootedAt: bootedAt, &complaints) }
        var owners: [String: DeviceName] = [:]
        for device in devices {
            if let owner = owners.updateValue(device.name, forKey: device.address) {
                let place = SourceLocation(file: inventory.name)
                complaints.append(
                    Complaint(at: place, "\(owner) and \(device.name) both have the address \(device.address)"))
            }
        }
        guard complaints.isEmpty else { throw InputError(complaints) }
    }
}

extension SimulatedDevice {
    init(_ device: Device, bootedAt: Instant, _ complaints: inout [Complaint]) {
        func rate(_ name: String) -> BitsPerSecond? {
            guard let variable = device.variables[name] else { return nil }
            if case .text(let text) = variable, let rate = BitsPerSecond(text) { return rate }
            let place = SourceLocation(file: device.name.rawValue)
            complaints.append(
                Complaint(
                    at: place, "'\(variable)' is no rate for the variable '\(name)'", remedy: "write it as 20Mbit"))
            return nil
        }
        let interfaces = device.interfaces.isEmpty ? ["e0"] : device.interfaces
        let bandwidth = rate("bandwidth")
        let burst = device.variables["burst"].flatMap { ByteCount($0.description) } ?? ByteCount(32_768)
        let lines = bandwidth.map { [ShapingLine(rate: $0, burst: burst).text] } ?? []
        let offered = rate("demand") ?? bandwidth.map { BitsPerSecond($0.value / 2 * 3) } ?? BitsPerSecond(10_000_000)
        self.init(
            name: device.name, address: device.address, hostname: device.hostname, interfaces: interfaces,
            links: device.links,
            running: DeviceConfig(
                sections: interfaces.map { .init(name: ShapingLine.section(of: $0), lines: lines) }),
            demand: offered, bootedAt: bootedAt)
        tellsParts = device.variables["tells_parts"]?.description == "yes" ? true : nil
        if let style = device.variables["style"] {
            guard let known = ApplyStyle(rawValue: style.description) else {
                let names = ApplyStyle.allCases.map(\.rawValue).joined(separator: ", ")
                let place = SourceLocation(file: device.name.rawValue)
                complaints.append(
                    Complaint(at: place, "'\(style)' is no style of a device", remedy: "use one of \(names)"))
                return
            }
            self.style = known
        }
    }
}
