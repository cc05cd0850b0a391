// Appends facts to a rollout until it is killed or has appended as many as it was asked for, and prints the sequence of each
// one that the store acknowledged.
//
//     store-crash-writer STORE ROLLOUT FENCE COUNT [operator]
//
// With `operator` it records requests, which need no lease.
internal import Foundation
internal import RolloutEngine
internal import RolloutStore

@main struct Main {
    static func main() async {
        do {
            try await append()
        } catch {
            // A test says what it expects of the end: the exit status is all it needs.
            exit((error as? StoreError)?.code == .leaseLost ? 6 : 1)
        }
    }

    private static func append() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 5, let number = Int64(arguments[2]), let fence = Int64(arguments[3]),
            let count = Int(arguments[4])
        else { exit(64) }
        let store = try SQLiteJournalStore(path: arguments[1])
        let id = RolloutID(number)
        let start = Instant(milliseconds: 1_000_000)
        let lease = Lease(rollout: id, holder: "crash writer", fence: fence, expiresAt: start + .minutes(60))
        for index in 0..<count {
            let sequence: Int64
            if arguments.count > 5 {
                let request = OperatorRequest(.pause, by: "\(getpid())", reason: "\(index)")
                sequence = try await store.record(request, for: id, at: start).sequence
            } else {
                let step = DeviceStep(device: "gra-eco-01", kind: .push, attempt: index + 1)
                sequence =
                    try await store.append(
                        [.intent(step)], to: id, under: lease, claiming: [], releasing: [], at: start
                    )[0].sequence
            }
            // One write, so that a kill cannot leave half a line.
            FileHandle.standardOutput.write(Data("\(sequence)\n".utf8))
        }
    }
}
