/// Addresses that nobody outside this machine can reach.
enum LoopbackAddress {
    /// Whether an address as numbers is one of them.
    static func isOne(_ address: String) -> Bool {
        address == "::1" || address == "::ffff:127.0.0.1" || address.hasPrefix("127.")
    }
}
