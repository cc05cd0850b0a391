public import Foundation

/// What the facts of a journal come to, up to one of them: whoever goes on with a long rollout reads only those after it.
///
/// It says nothing that the journal does not say: one that cannot be read, or that another version wrote, is as good as none.
///
/// Its bytes are a line of JSON, and a line for each device that went as it should: see `PlainDevice`.
public struct StateSnapshot: Hashable, Sendable {
    /// The version of what this program writes: of its form, and of what facts come to. Raised with every change of either, so
    /// that none is trusted which was reached in another way.
    public static let version = 6

    /// The version of the program's that wrote it.
    public var version: Int
    /// The sequence of the last fact that is in it.
    public var sequence: Int64
    /// What it says.
    public var bytes: Data

    /// A snapshot as a store kept it.
    public init(version: Int, sequence: Int64, bytes: Data) {
        self.version = version
        self.sequence = sequence
        self.bytes = bytes
    }

    /// A snapshot of what is known.
    ///
    /// - Throws: What the JSON encoder throws.
    public init(of state: RolloutState) throws {
        var lines: [UInt8] = []
        var count = 0
        var rest = state
        rest.takeOut { name, device in
            let isPlain = PlainDevice.append(name, device, to: &lines)
            if isPlain { count += 1 }
            return isPlain || PlantedBug.isPlanted(.snapshotForgets) && device.isUnsettled
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes = try encoder.encode(Head(plainDevices: count, rest: rest))
        bytes.append(PlainDevice.lineFeed)
        bytes.append(contentsOf: lines)
        self.init(version: Self.version, sequence: state.sequence, bytes: bytes)
    }

    /// Whether a store that has so many facts takes it in place of what it kept: it came of more of them, or another version wrote
    /// the kept one, which is of no use to this one. Every store keeps snapshots by this rule.
    public func replaces(_ kept: (version: Int, sequence: Int64)?, where facts: Int64) -> Bool {
        guard sequence <= facts else { return false }
        guard let kept else { return true }
        return version != kept.version || sequence > kept.sequence
    }

    /// What it says; nil when this program does not understand it.
    public var state: RolloutState? {
        guard version == Self.version, let end = bytes.firstIndex(of: PlainDevice.lineFeed),
            let head = try? JSONDecoder().decode(Head.self, from: bytes[..<end]),
            let devices = bytes[(end + 1)...].withUnsafeBytes({ PlainDevice.read($0, count: head.plainDevices) })
        else { return nil }
        var state = head.rest
        state.putBack(devices)
        return state.sequence == sequence ? state : nil
    }

    private struct Head: Codable {
        var plainDevices: Int
        var rest: RolloutState
    }
}

extension JournalStore {
    /// What is known of a rollout.
    public func state(of id: RolloutID) async throws(StoreError) -> RolloutState {
        var state = try await snapshot(of: id)?.state ?? RolloutState()
        for entry in try await entries(of: id, after: state.sequence) { state.apply(entry) }
        return state
    }
}
