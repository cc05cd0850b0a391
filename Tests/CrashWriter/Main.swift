// Writes until it is killed or has written as often as it was asked to, and prints a line for each write that was
// acknowledged.
//
//     crash-writer driver STORE ROLLOUT FENCE COUNT    appends facts under a lease, prints their sequences
//     crash-writer operator STORE ROLLOUT COUNT        records requests, which need no lease, prints their sequences
//     crash-writer fleet FOLDER DEVICE COUNT           edits a simulated device, prints the number of each edit
internal import Foundation
internal import RolloutEngine
internal import RolloutSimulation
internal import RolloutStore

@main struct Main {
    /// When everything happens.
    private static let start = Instant(milliseconds: 1_000_000)

    static func main() async {
        do {
            try await write(Array(CommandLine.arguments.dropFirst()))
        } catch {
            // A test says what it expects of the end: the exit status is all it needs.
            exit((error as? StoreError)?.code == .leaseLost ? 6 : 1)
        }
    }

    private static func write(_ words: [String]) async throws {
        guard words.count >= 4, let count = words.last.flatMap({ Int($0) }) else { exit(64) }
        switch words[0] {
        case "driver": try await drive(words[1], RolloutID(Int64(words[2]) ?? 0), fence: Int64(words[3]) ?? 0, count)
        case "operator": try await ask(words[1], RolloutID(Int64(words[2]) ?? 0), count)
        case "fleet": try edit(words[1], DeviceName(rawValue: words[2]), count)
        default: exit(64)
        }
    }

    private static func drive(_ path: String, _ id: RolloutID, fence: Int64, _ count: Int) async throws {
        let store = try StoreLocation.open(path)
        let lease = Lease(rollout: id, holder: "crash writer", fence: fence, expiresAt: start + .minutes(60))
        for index in 0..<count {
            let step = DeviceStep(device: "gra-eco-01", kind: .push, attempt: index + 1)
            let added = try await store.append(
                [.intent(step)], to: id, under: lease, claiming: [], releasing: [], at: start)
            acknowledge(added[0].sequence)
        }
    }

    private static func ask(_ path: String, _ id: RolloutID, _ count: Int) async throws {
        let store = try StoreLocation.open(path)
        for index in 0..<count {
            let request = OperatorRequest(.pause, by: "\(getpid())", reason: "\(index)")
            acknowledge(try await store.record(request, for: id, at: start).sequence)
        }
    }

    private static func edit(_ folder: String, _ device: DeviceName, _ count: Int) throws {
        let fleet = try SimulatedFleet.open(folder: folder, clock: ManualClock(at: start))
        for index in 0..<count {
            try fleet.edit(device, section: "file /edits/\(device)", lines: ["\(index + 1)"])
            acknowledge(Int64(index) + 1)
        }
    }

    /// One write, so that a kill cannot leave half a line.
    private static func acknowledge(_ number: Int64) {
        FileHandle.standardOutput.write(Data("\(number)\n".utf8))
    }
}
