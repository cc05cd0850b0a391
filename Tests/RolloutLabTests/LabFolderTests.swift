import Foundation
import Testing

@testable import RolloutLab

@Suite("What is written down about a lab")
struct LabFolderTests {
    /// Runs a test in a folder of its own.
    private func inFolder(_ body: (LabFolder) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "rollout-lab-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(LabFolder(path))
    }

    @Test("what was written down is read back")
    func record() async throws {
        try await inFolder { folder in
            #expect(try folder.record() == nil)
            let record = LabRecord(topology: LabTopology(prefix: "mine"), kind: .namespaces, boot: "b")
            try folder.write(record)
            #expect(try folder.record() == record)
        }
    }

    @Test("a record that cannot be understood is an error, never no lab")
    func damaged() async throws {
        try await inFolder { folder in
            try folder.write("lab.json", "{\"topology\": ")
            #expect(throws: LabError.self) { try folder.record() }
        }
    }

    @Test("a process counts only while it is the one that wrote itself down: a number that was used again does not")
    func reusedNumber() async throws {
        try await inFolder { folder in
            let me = try #require(ProcessTable.entry(getpid()))
            try folder.write("run/a.pid", "\(me.pid) \(me.start)\n")
            try folder.write("run/b.pid", "\(me.pid) \(me.start + 1)\n")
            try folder.write("run/c.new", "\(me.pid) \(me.start)\n")
            for (index, text) in ["", "0 1", "1 \(me.start)", "-1 5", "x y", "\(me.pid)"].enumerated() {
                try folder.write("run/bad\(index).pid", text)
            }
            #expect(folder.keepers().keys.sorted() == ["a", "c"])
        }
    }

    @Test("clearing leaves alone what the lab did not write")
    func foreignFiles() async throws {
        try await inFolder { folder in
            try folder.write("lab.json", "{}")
            try folder.write("bin/keeper", "x")
            try folder.write("notes.txt", "mine")
            folder.clear()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["notes.txt"])
        }
    }

    @Test("a second command in the same folder is refused while the first works", .timeLimit(.minutes(10)))
    func locked() async throws {
        try await inFolder { folder in
            let wasRefused = try await folder.locked { () async throws(LabError) -> Bool in
                do throws(LabError) {
                    return try await folder.locked { () throws(LabError) -> Bool in false }
                } catch {
                    return error.code == .refused
                }
            }
            #expect(wasRefused)
            let isFree = try await folder.locked { () throws(LabError) -> Bool in true }
            #expect(isFree)
        }
    }

    @Test("ending a lab that is not there does nothing, and leaves no folder behind")
    func nothingThere() async throws {
        try await inFolder { folder in
            let wasThere = try await Lab(folder).down()
            #expect(!wasThere)
            #expect(!FileManager.default.fileExists(atPath: folder.path))
        }
    }
}
