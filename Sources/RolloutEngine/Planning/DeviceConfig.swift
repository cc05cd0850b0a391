/// The part of a device's running configuration that a change touches, in a canonical text that can be compared.
///
/// Each platform's driver decides what the lines look like, so that two readings of the same configuration are equal, and
/// so that the driver can restore a section from its lines alone.
public struct DeviceConfig: Hashable, Codable, Sendable {
    /// The sections, in the order in which they are applied.
    public var sections: [Section]

    /// A configuration made of sections.
    public init(sections: [Section]) { self.sections = sections }

    /// One restorable unit: a queueing discipline of an interface, a file.
    public struct Section: Hashable, Codable, Sendable {
        /// What it is, unique in its configuration, the interface, path or beginning behind a word: `qdisc e0`,
        /// `shaping Ethernet1`, `file /etc/motd`, `lines ntp server`.
        public var name: String
        /// The canonical lines; empty when the device has no such thing.
        public var lines: [String]
        /// What the driver needs beside the lines to apply or restore it and what is not compared, such as a command that
        /// reloads a file.
        public var hint: String?
        /// What must succeed before the lines are put in place; `%s` in it is where they are. Not compared.
        public var check: String?
        /// The rate that the lines shape or police their interface to, where the driver says so; nil where `qdisc` lines say it
        /// themselves, and where nothing is. Not compared.
        public var shapedRate: BitsPerSecond?
        /// The rates that the lines shape classes of their interface to, by class, where the driver says so. Not compared.
        public var classRates: [String: BitsPerSecond]?

        /// A section with its canonical lines.
        public init(
            name: String, lines: [String], hint: String? = nil, check: String? = nil, shapedRate: BitsPerSecond? = nil
        ) {
            self.name = name
            self.lines = lines
            self.hint = hint
            self.check = check
            self.shapedRate = shapedRate
        }
    }

    /// The name of the section that says to what traffic through an interface is policed: `police-ingress e0`.
    public static func policing(of interface: String, _ direction: TrafficDirection) -> String {
        "police-\(direction.rawValue) \(interface)"
    }

    /// The name of the section with all outermost lines that begin like this.
    public static func lines(_ beginning: String) -> String { "lines \(beginning)" }

    /// The digest over names and lines: equal exactly when two configurations are.
    public var digest: Digest {
        Digest(of: sections.map { "\($0.name)\n" + $0.lines.map { " \($0)\n" }.joined() }.joined())
    }

    /// Whether the device would see no difference. Hints and rates do not count.
    public func isEquivalent(to other: DeviceConfig) -> Bool {
        sections.count == other.sections.count
            && zip(sections, other.sections).allSatisfy {
                areSame($0.name, $1.name) && $0.lines.elementsEqual($1.lines, by: areSame)
            }
    }
}

/// Whether two texts are the same to the byte, as devices compare them. `==` takes é for an e with an accent behind it.
func areSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

/// The part of a configuration that is read and compared: what a change touches, nothing more.
public struct ConfigScope: Hashable, Codable, Sendable {
    /// Interfaces whose shaping is in scope.
    public var interfaces: [String]
    /// Interfaces whose policing is in scope, each with a direction. Nil, not empty, where there are none.
    public var policed: [Policed]?
    /// Files in scope, by absolute path.
    public var files: [String]
    /// Beginnings of the outermost lines in scope: `ntp server`. Nil, not empty, where there are none.
    public var lines: [String]?

    /// The traffic through an interface in one direction.
    public struct Policed: Hashable, Codable, Sendable {
        /// The interface.
        public var interface: String
        /// Which way the traffic goes.
        public var direction: TrafficDirection

        /// The traffic through an interface in one direction.
        public init(interface: String, direction: TrafficDirection) {
            self.interface = interface
            self.direction = direction
        }

        /// The section that says to what it is policed.
        public var section: String { DeviceConfig.policing(of: interface, direction) }
    }

    /// A scope.
    public init(
        interfaces: [String] = [], files: [String] = [], policed: [Policed]? = nil, lines: [String]? = nil
    ) {
        self.interfaces = interfaces
        self.files = files
        self.policed = policed
        self.lines = lines
    }

    /// Every interface that is named, each once.
    public var allInterfaces: [String] {
        (policed ?? []).reduce(into: interfaces) { names, traffic in
            if !names.contains(traffic.interface) { names.append(traffic.interface) }
        }
    }

    /// The scope that a configuration was read in: what its sections are named after.
    public init(of config: DeviceConfig) {
        self.init()
        for section in config.sections {
            guard let name = section.name.split(separator: " ", maxSplits: 1).dropFirst().first.map(String.init) else {
                continue
            }
            if section.name.hasPrefix("file ") {
                files.append(name)
            } else if section.isOfLines {
                lines = (lines ?? []) + [name]
            } else if let direction = section.policedDirection {
                policed = (policed ?? []) + [Policed(interface: name, direction: direction)]
            } else {
                interfaces.append(name)
            }
        }
    }

    /// All that these intents touch, in their order, each once. What lines touch, only their platform knows: see
    /// `DeviceDriver.scope`.
    public init(of intents: [ResolvedIntent]) {
        self.init()
        for intent in intents {
            switch intent {
            case .shape(let interface, _, _, _): if !interfaces.contains(interface) { interfaces.append(interface) }
            case .police(let interface, let direction, _, _):
                let traffic = Policed(interface: interface, direction: direction)
                if policed?.contains(traffic) != true { policed = (policed ?? []) + [traffic] }
            case .file(let path, _, _, _, _): if !files.contains(path) { files.append(path) }
            case .lines: break
            }
        }
    }
}

/// What a device said of itself in one reading.
public struct Observation: Hashable, Codable, Sendable {
    /// The hostname it answered with.
    public var hostname: String
    /// What it runs: `Debian GNU/Linux 12 (bookworm), Linux 6.1.0-18`. Shown, and used to find what failing devices share.
    public var firmware: String?
    /// What it is, if it says: the hardware model.
    public var model: String?
    /// Its serial number, if it says.
    public var serial: String?
    /// The configuration in scope.
    public var config: DeviceConfig
    /// A revert timer that is armed on the device, ours or somebody else's.
    public var pendingRevert: PendingRevert?
    /// False when what it runs has to be saved apart to outlive a restart, and nothing shows that it was. Nil elsewhere.
    public var isSaved: Bool?

    /// What a device said.
    public init(
        hostname: String, firmware: String? = nil, model: String? = nil, serial: String? = nil,
        config: DeviceConfig, pendingRevert: PendingRevert? = nil
    ) {
        self.hostname = hostname
        self.firmware = firmware
        self.model = model
        self.serial = serial
        self.config = config
        self.pendingRevert = pendingRevert
    }
}

/// A revert timer found armed on a device.
public struct PendingRevert: Hashable, Codable, Sendable {
    /// Who armed it: the mark given in `PushOrder.mark`, or what the device says of a foreign one.
    public var mark: String
    /// How long until the device reverts by itself, if it says.
    public var remaining: Timespan?
    /// False when the change that it guards is known to have been cut off: not every command of it was carried out, whatever
    /// the configuration looks like.
    public var isComplete: Bool

    /// The mark of a timer of which the device does not say whose it is.
    ///
    /// Where a step of ours is under way it counts as ours: confirming and cancelling go by the name that we gave it, and
    /// fail when it is another one's.
    public static let unsigned = "one that the device does not name"

    /// A timer found armed.
    public init(mark: String, remaining: Timespan?, isComplete: Bool = true) {
        self.mark = mark
        self.remaining = remaining
        self.isComplete = isComplete
    }
}
