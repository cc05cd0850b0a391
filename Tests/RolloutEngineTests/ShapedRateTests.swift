import Foundation
import RolloutEngine
import Testing

@Suite("Rates of shaped interfaces")
struct ShapedRateTests {
    private func config(_ rate: UInt64?) -> DeviceConfig {
        DeviceConfig(sections: [
            .init(
                name: "shaping GigabitEthernet0/0/1", lines: ["interface GigabitEthernet0/0/1"],
                shapedRate: rate.map(BitsPerSecond.init))
        ])
    }

    @Test("what a driver says of a section counts, whatever its lines look like")
    func said() {
        #expect(config(500_000_000).shapedRate(of: "GigabitEthernet0/0/1") == BitsPerSecond(500_000_000))
        #expect(config(nil).shapedRate(of: "GigabitEthernet0/0/1") == nil)
        #expect(config(500_000_000).shapedRate(of: "GigabitEthernet0/0/2") == nil)
        // A word that looks like a rate in somebody else's lines is none.
        let other = DeviceConfig(sections: [.init(name: "shaping e0", lines: ["shape rate 500 kbps"])])
        #expect(other.shapedRate(of: "e0") == nil)
    }

    @Test("rates are not compared, and the digest does not see them")
    func comparison() {
        #expect(config(1).isEquivalent(to: config(2)))
        #expect(config(1).digest == config(2).digest)
    }

    @Test("a plan from before there were rates is read, and one with them comes back")
    func stored() throws {
        let old = Data(#"{"sections":[{"name":"shaping e0","lines":["x"]}]}"#.utf8)
        #expect(try JSONDecoder().decode(DeviceConfig.self, from: old).sections[0].shapedRate == nil)
        let written = try JSONEncoder().encode(config(7_000_000))
        #expect(
            try JSONDecoder().decode(DeviceConfig.self, from: written).sections[0].shapedRate
                == BitsPerSecond(7_000_000))
        #expect(!String(decoding: try JSONEncoder().encode(config(nil)), as: UTF8.self).contains("shapedRate"))
    }
}
