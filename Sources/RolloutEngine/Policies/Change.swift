/// What should become true on the selected devices, independent of how to get there.
public struct Change: Hashable, Codable, Sendable {
    /// The name by which people speak of it: `double-bandwidth`.
    public var name: String
    /// Why it is done, in a sentence.
    public var summary: String?
    /// Which devices it is for, in the language of selections; nil means the whole inventory.
    public var devices: String?
    /// What should become true, in the order in which it is applied.
    public var intents: [Intent]

    /// A change with at least one intent.
    public init(name: String, summary: String? = nil, devices: String? = nil, intents: [Intent]) {
        self.name = name
        self.summary = summary
        self.devices = devices
        self.intents = intents
    }
}

/// One thing that should become true, as written: its texts may hold `{{ variables }}`.
public enum Intent: Hashable, Codable, Sendable {
    /// Traffic out of an interface is shaped to a rate.
    case shape(ShapingIntent)
    /// Traffic into or out of an interface is held to a rate; what exceeds it is dropped.
    case police(PolicingIntent)
    /// A file has this content.
    case file(FileIntent)
    /// Lines are in the device's configuration, and others are not.
    case lines(LinesIntent)
}

/// Egress traffic of one interface, or of one class of it, is shaped to a rate. Vendor-neutral.
public struct ShapingIntent: Hashable, Codable, Sendable {
    /// The interface, as the device names it.
    public var interface: String
    /// The rate: `500Mbit`.
    public var egressRate: String
    /// The bucket: `128KiB`, or `auto` for what the rate and a round trip need.
    public var burst: String
    /// The traffic class inside the interface (`1:10` for Linux htb); nil shapes the interface as a whole.
    public var trafficClass: String?

    /// A shaping intent.
    public init(interface: String, egressRate: String, burst: String = "auto", trafficClass: String? = nil) {
        self.interface = interface
        self.egressRate = egressRate
        self.burst = burst
        self.trafficClass = trafficClass
    }
}

/// Traffic into or out of one interface is held to a rate by a token bucket: what exceeds it is dropped, nothing waits.
/// Vendor-neutral.
public struct PolicingIntent: Hashable, Codable, Sendable {
    /// The interface, as the device names it.
    public var interface: String
    /// Which way the traffic goes.
    public var direction: TrafficDirection
    /// The rate: `500Mbit`.
    public var rate: String
    /// The bucket: `128KiB`, `20ms` for what arrives at the rate within that time, or `auto` for what arrives in a round trip.
    public var burst: String

    /// A policing intent.
    public init(interface: String, direction: TrafficDirection, rate: String, burst: String = "auto") {
        self.interface = interface
        self.direction = direction
        self.rate = rate
        self.burst = burst
    }
}

/// Which way traffic goes through an interface.
public enum TrafficDirection: String, Hashable, Codable, Sendable, CaseIterable {
    /// Into the device.
    case ingress
    /// Out of the device.
    case egress
}

/// A file on the device has this content.
public struct FileIntent: Hashable, Codable, Sendable {
    /// The absolute path on the device.
    public var path: String
    /// The content, a Stencil template.
    public var template: String
    /// The permissions, in octal.
    public var mode: String
    /// What makes the device read it again, run after the file is in place; also after it was put back.
    public var reload: String?
    /// What must succeed before the file is put in place; `%s` in it is the path of the new content.
    public var check: String?

    /// A file intent.
    public init(
        path: String, template: String, mode: String = "0644", reload: String? = nil, check: String? = nil
    ) {
        self.path = path
        self.template = template
        self.mode = mode
        self.reload = reload
        self.check = check
    }
}

/// Lines of the device's own language are in its configuration, and others are not, on devices with a command line.
///
/// Both texts are written as the device shows its configuration, not as commands: what is there already is no change.
public struct LinesIntent: Hashable, Codable, Sendable {
    /// The platforms that it is for; on others it says nothing. Empty means all.
    public var platforms: [PlatformName]
    /// What should be there, a Stencil template; empty when nothing needs to.
    public var template: String
    /// What should not be there, a Stencil template. It is taken away first: a section that is named here and written anew in
    /// `template` holds just what stands there.
    public var absent: String

    /// An intent of lines.
    public init(platforms: [PlatformName] = [], template: String, absent: String = "") {
        self.platforms = platforms
        self.template = template
        self.absent = absent
    }
}

/// One thing that should become true on one device: nothing left to render, every unit known.
public enum ResolvedIntent: Hashable, Codable, Sendable {
    /// Traffic out of an interface is shaped to a rate.
    case shape(interface: String, rate: BitsPerSecond, burst: ByteCount, trafficClass: String?)
    /// Traffic into or out of an interface is held to a rate; what exceeds it is dropped.
    case police(interface: String, direction: TrafficDirection, rate: BitsPerSecond, burst: ByteCount)
    /// A file has this content.
    case file(path: String, content: String, mode: String, reload: String?, check: String? = nil)
    /// Lines are in the configuration, and others are not.
    case lines(present: String, absent: String)
}
