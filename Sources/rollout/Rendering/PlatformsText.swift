import DeviceDrivers
import RolloutEngine

/// Platforms as lines of text.
enum PlatformsText {
    /// One platform.
    struct Row: Encodable {
        var names: [PlatformName]
        var summary: String
        var revertTimer: String
        var definition: String

        init(_ definition: PlatformDefinition) {
            names = definition.names
            summary = definition.summary
            revertTimer =
                definition.revertTimer.map { "\($0.least) to \($0.most)" + ($0.restart == nil ? "" : ", a restart") }
                ?? "none"
            self.definition = PlatformLibrary.ships(definition.place) ? "built in" : definition.place.file
        }

        init(_ model: NETCONFModel) {
            names = model.names
            summary = model.summary
            revertTimer = "confirmed commits"
            definition = PlatformLibrary.ships(model.place) ? "built in" : model.place.file
        }
    }

    /// All platforms that are data, in the order of their names.
    static func rows(_ library: PlatformLibrary) -> [Row] {
        (library.definitions.map(Row.init) + library.models.map(Row.init)).sorted {
            $0.names.first ?? "" < $1.names.first ?? ""
        }
    }

    /// A line a platform. Linux, and what runs on it, has a driver of its own.
    static func list(_ library: PlatformLibrary) -> [String] {
        var table = TextTable(["PLATFORM", "WHAT", "REVERT TIMER", "DEFINITION"])
        table.add(["linux", "Linux with tc and /bin/sh", "a process of ours on it", "built in"])
        table.add(["bird", "Linux with BIRD 2", "BIRD's own, and a process of ours", "built in"])
        table.add(["openvswitch", "Linux with Open vSwitch", "a process of ours on it", "built in"])
        for row in rows(library) {
            table.add([
                row.names.map(\.rawValue).joined(separator: ", "), row.summary, row.revertTimer, row.definition,
            ])
        }
        return table.lines
    }
}
