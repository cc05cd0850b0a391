public import RolloutEngine

/// One device of a lab, as planned. Pure.
public struct LabDevice: Hashable, Sendable {
    /// Its name, also its hostname: `gra-eco-01`.
    public let name: String
    /// Its network namespace.
    public let namespace: String
    /// The datacentre it stands in.
    public let datacentre: String
    /// Its product range.
    public let range: String
    /// The rate that its uplink is shaped to at the start.
    public let bandwidth: BitsPerSecond
    /// The two of a pair have the same: `gra-eco-01` and `gra-eco-02` are of `gra-eco-p1`.
    public let pair: String
    /// The rack, never the same for the two of a pair: `gra-r1`.
    public let rack: String
    /// Where it is reached by management.
    public let management: String
    /// Where its traffic comes from.
    public let address: String
    /// The port of the core that its traffic goes to.
    public let port: Int
    /// What it is: Linux itself, or a router or switch that is played on it.
    public let kind: LabTopology.Kind

    /// The interface that carries its traffic, and is shaped.
    public static let interface = "e0"
    /// The interface that is reached by management.
    public static let managementInterface = "m0"

    init(
        topology: LabTopology, datacentre: String, range: LabTopology.LabRange, index: Int, management: String,
        address: String, port: Int, kind: LabTopology.Kind
    ) {
        name = "\(datacentre)-\(range.name)-\(index < 10 ? "0" : "")\(index)"
        namespace = "\(topology.prefix)-\(name)"
        self.datacentre = datacentre
        self.range = range.name
        bandwidth = BitsPerSecond(range.megabits * 1_000_000)
        pair = "\(datacentre)-\(range.name)-p\((index + 1) / 2)"
        rack = "\(datacentre)-r\(2 - index % 2)"
        self.management = management
        self.address = address
        self.port = port
        self.kind = kind
    }
}
