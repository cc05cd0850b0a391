import Foundation
import FuzzTargets
import Testing

@testable import DeviceDrivers

/// libsnmp belongs on its thread, in tests too.
private actor AgentThread {
    nonisolated var unownedExecutor: UnownedSerialExecutor { SNMPPoller.reactor.asUnownedSerialExecutor() }

    func run(_ target: FuzzTarget, _ bytes: [UInt8]) throws(BrokenPromise) { try target.run(bytes) }
}

/// Every input that was chosen or found, played again; see docs/fuzzing.md.
@Suite("Fuzz corpus", .timeLimit(.minutes(10)))
struct FuzzCorpusTests {
    @Test("what is promised of hostile input holds for the whole corpus, whole and cut", arguments: FuzzTarget.allCases)
    func corpus(_ target: FuzzTarget) async throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let folder = tests.appending(path: "Fuzz/Corpus/\(target.rawValue)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(!names.isEmpty)
        for name in names {
            let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
            for length in Set(stride(from: 0, to: bytes.count, by: max(1, bytes.count / 30))).union([bytes.count]) {
                await check(target, Array(bytes.prefix(length)), "\(name), \(length) bytes")
            }
        }
    }

    private func check(_ target: FuzzTarget, _ bytes: [UInt8], _ what: String) async {
        do throws(BrokenPromise) {
            if target.needsAgentThread { try await AgentThread().run(target, bytes) } else { try target.run(bytes) }
        } catch { Issue.record("\(target.rawValue)/\(what): \(error)") }
    }
}
