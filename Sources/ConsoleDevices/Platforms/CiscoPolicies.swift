/// Shaping by policies that interfaces name, as Cisco's systems have it.
enum CiscoPolicies {
    /// The rate of each interface with an output policy whose class-default shapes, or else polices.
    ///
    /// - Parameter bits: what the words of a shape or police line say in bits a second, given the interface's bandwidth.
    static func rates(
        of tree: ConfigTree, policyKey: (String) -> String = { "policy-map \($0)" },
        attachment: String = "service-policy output",
        bits: ([String], Int?) -> Int?
    ) -> [String: Int] {
        var rates: [String: Int] = [:]
        for node in tree.nodes where node.key.hasPrefix("interface ") {
            let name = String(node.key.dropFirst("interface ".count))
            let keys = [node.key]
            guard let policy = tree.value(keys + [attachment]),
                let body = tree.node([policyKey(policy)])?.children.first(where: { $0.key.hasSuffix("class-default") })
            else { continue }
            let bandwidth = tree.value(keys + ["bandwidth"]).flatMap { Int($0) }.map { $0 * 1000 }
            let line =
                body.children.first { $0.key.hasPrefix("shape") } ?? body.children.first { $0.key.hasPrefix("police") }
            guard let line else { continue }
            rates[name] = bits(line.line.split(separator: " ").map(String.init), bandwidth)
        }
        return rates
    }
}
