import RolloutEngine
import Testing

@testable import RolloutLab

@Suite("What a lab is made of")
struct LabTopologyTests {
    static let sizes = [1, 2, 4, 9, 33, 80]

    @Test("names, addresses and ports are unique, and interface names fit the kernel", arguments: sizes)
    func unique(_ size: Int) {
        let topology = LabTopology(devicesPerGroup: size)
        #expect(topology.complaint == nil)
        let devices = topology.devices
        #expect(devices.count == size * 6)
        #expect(Set(topology.namespaces).count == topology.namespaces.count)
        #expect(topology.namespaces.allSatisfy { $0.hasPrefix("rlab-") })
        #expect(Set(devices.map(\.port)).count == devices.count)
        let routers = topology.datacentres.indices.map(topology.routerAddress)
        let addresses = devices.flatMap { [$0.management, $0.address] } + routers + [LabTopology.coreAddress]
        #expect(Set(addresses).count == addresses.count)
        #expect(addresses.allSatisfy { $0.hasPrefix("198.18.") || $0.hasPrefix("198.19.") })
        // The extra hop of a strangled device has the longest name: its own and two characters.
        #expect(devices.allSatisfy { $0.name.utf8.count <= 13 })
    }

    @Test("a pair has two devices, never in one rack", arguments: [2, 4, 8])
    func pairs(_ size: Int) {
        let pairs = Dictionary(grouping: LabTopology(devicesPerGroup: size).devices, by: \.pair)
        for (pair, members) in pairs {
            #expect(members.count == 2, "\(pair)")
            #expect(Set(members.map(\.rack)).count == 2, "\(pair)")
            #expect(Set(members.map { "\($0.datacentre) \($0.range)" }).count == 1, "\(pair)")
        }
    }

    @Test("an uplink carries the doubled traffic of all its devices under 80 % of its capacity", arguments: sizes)
    func capacity(_ size: Int) {
        let topology = LabTopology(devicesPerGroup: size)
        let load = topology.devices.filter { $0.datacentre == "gra" }.map(\.bandwidth.value).reduce(0, +)
        #expect(Double(load * 2) < 0.8 * Double(topology.uplinkCapacity.value))
        #expect(Double(load * 2) > 0.6 * Double(topology.uplinkCapacity.value))
    }

    @Test(
        "a prefix that could name something else, and sizes without room, are refused",
        arguments: [
            LabTopology(prefix: ""), LabTopology(prefix: "a/b"), LabTopology(prefix: "../x"), LabTopology(prefix: "-r"),
            LabTopology(prefix: "averylongprefix"), LabTopology(prefix: "a b"), LabTopology(devicesPerGroup: 0),
            LabTopology(devicesPerGroup: 81), LabTopology(devicesPerGroup: -3),
        ])
    func refused(_ topology: LabTopology) {
        #expect(topology.complaint != nil)
    }

    @Test("no command touches the machine's own network: every interface is born in a namespace of the lab")
    func namespaces() {
        let topology = LabTopology()
        let commands = NetworkCommands(topology: topology)
        for line in commands.cables {
            let words = line.split(separator: " ").map(String.init)
            if words.starts(with: ["netns", "add"]) {
                #expect(topology.namespaces.contains(words[2]), "\(line)")
            } else {
                let ends = words.indices.filter { words[$0] == "netns" }.map { words[$0 + 1] }
                #expect(ends.count == 2 && ends.allSatisfy(topology.namespaces.contains), "\(line)")
            }
        }
        let others = commands.addresses.map(\.namespace) + commands.caps.map(\.namespace)
        #expect(Set(others) == Set(topology.namespaces))
    }
}
