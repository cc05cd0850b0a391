public import RolloutEngine

/// Shapes the network device that stands for a port of a router or switch that is played.
public enum PortShaper {
    /// Shapes what a network device sends, as the product itself would; nil lets everything through.
    ///
    /// - Throws: `LabError` when `tc` refuses it.
    public static func shape(_ device: String, to rate: BitsPerSecond?) throws(LabError) {
        guard let rate else {
            // Without a shaper there is nothing to take away, which is no failure.
            _ = try Tool.run("tc", ["qdisc", "del", "dev", device, "root"])
            return
        }
        try Tool.succeed("tc", NetworkCommands.cap(device, rate).split(separator: " ").map(String.init))
    }
}
