import ConsoleDevices
import Foundation
import Testing

@Suite struct FolderTests {
    private let path = NSTemporaryDirectory() + "console-\(UUID().uuidString)"

    private func folder(_ platform: ConsolePlatform) throws -> ConsoleFolder {
        try ConsoleFolder.make(path, device: Bench.device(platform))
    }

    @Test func aDeviceIsTheSameForEverySessionAndAfterAll() throws {
        let folder = try folder(.ciscoIOSXR)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var bench = try Bench(at: folder)
        try bench.say(["configure", "hostname other", "commit confirmed 60"])
        try bench.terminal.close(at: bench.now)
        #expect(try folder.device().hostname == "other")
        #expect(try ConsoleFolder(path).device() == folder.device())
        try folder.tick(at: bench.now.after(seconds: 60))
        #expect(try folder.device().hostname == "edge-1")
        #expect(throws: ConsoleError.self) { try ConsoleFolder.make(path, device: Bench.device(.aristaEOS)) }
    }

    @Test func faultsAreSetFromOutside() throws {
        let folder = try folder(.aristaEOS)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var bench = try Bench(at: folder)
        try #"{"hostname":"elsewhere","foreignEdits":[{"atCommand":9,"lines":["hostname x"]}]}"#.write(
            toFile: path + "/faults.json", atomically: true, encoding: .utf8)
        #expect(try bench.say("show version").hasSuffix("elsewhere>"))
        try folder.set(ConsoleFaults())
        #expect(try bench.say("show version").hasSuffix("edge-1>"))
    }

    @Test func aDeviceThatCannotBeReadSaysWhichFile() throws {
        _ = try folder(.aristaEOS)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "{".write(toFile: path + "/device.json", atomically: true, encoding: .utf8)
        let error = #expect(throws: ConsoleError.self) { try ConsoleFolder(path).device() }
        #expect(error?.description.hasPrefix("\(path)/device.json cannot be read") ?? false)
    }

    @Test func processesShareTheDevice() throws {
        let folder = try folder(.ciscoIOSXR)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let session = try ConsoleProcess(path)
        #expect(try session.read(until: "edge-1#").hasSuffix("RP/0/RP0/CPU0:edge-1#"))
        session.type("configure\rhostname other\rcommit\rend\r")
        _ = try session.read(until: "CPU0:other#")
        let other = try ConsoleProcess(path, "show configuration commit list 1")
        #expect(try other.read(until: "\u{4}").contains("1000000002"))
        #expect(other.status() == 0)
        session.hangUp()
        #expect(session.status() == 0)
        #expect(try folder.device().sessions.isEmpty)
    }

    /// Each line reads the whole device and writes it anew: without the lock, lines of the other would be lost.
    @Test func linesOfTwoProcessesAtOnceAreAllKept() throws {
        let folder = try folder(.ciscoIOSXE)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let sessions = try [ConsoleProcess(path), ConsoleProcess(path)]
        for (number, session) in sessions.enumerated() {
            session.type("enable\renable\rconfigure terminal\r")
            for line in 1...40 { session.type("ntp server 10.\(number + 1).0.\(line)\r") }
            session.type("end\rexit\r")
        }
        for session in sessions {
            _ = try session.read(until: "#exit")
            #expect(session.status() == 0)
        }
        let lines = try folder.device().runningText.split(separator: "\n").filter { $0.hasPrefix("ntp server") }
        // With the one that was there.
        #expect(lines.count == 81)
    }

    @Test func aPtyGivesItsSizeAndLeavesTheEchoToTheDevice() throws {
        _ = try folder(.juniperJunos)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let session = try ConsoleProcess(path, rows: 12)
        _ = try session.read(until: "admin@edge-1> ")
        session.type("show configuration\r")
        let page = try session.read(until: "---(more)---")
        #expect(page.hasPrefix("show configuration\r\n"))
        #expect(page.split(separator: "\r\n", omittingEmptySubsequences: false).count == 13)
        session.type("q")
        _ = try session.read(until: "admin@edge-1> ")
        session.type("exit\r")
        #expect(session.status() == 0)
    }

    /// Killed again and again amid its writes, a session leaves a device that is whole: one state or the next.
    @Test func whoeverIsKilledLeavesTheDeviceWhole() throws {
        let folder = try folder(.ciscoIOSXE)
        defer { try? FileManager.default.removeItem(atPath: path) }
        for round in 1...8 {
            let session = try ConsoleProcess(path)
            session.type("enable\renable\rconfigure terminal\r")
            for number in 0..<400 { session.type("hostname r\(round)-\(number)\r") }
            // Whoever reads meanwhile finds a whole device, too: one that is half written cannot be read.
            var done = 0
            while done < round * 3 {
                let name = try folder.device().hostname.split(separator: "-")
                done = name.first == "r\(round)" ? Int(name[1]) ?? 0 : 0
            }
            session.kill()
            let hostname = try folder.device().hostname
            #expect(hostname.hasPrefix("r\(round)-"))
            #expect(hostname != "r\(round)-399")
        }
        var bench = try Bench(at: folder)
        try bench.say("show clock")
        // Those who were killed could not say so.
        #expect(try folder.device().sessions.count == 1)
    }

    @Test func theLockOfOneWhoWasKilledIsFree() throws {
        _ = try folder(.juniperJunos)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let session = try ConsoleProcess(path)
        session.type("configure exclusive\rset system domain-name lost\rrun show system uptime\r")
        _ = try session.read(until: "Current time")
        var bench = try Bench(at: ConsoleFolder(path))
        #expect(try bench.say("configure exclusive").hasPrefix("error: configuration database locked by:"))
        session.kill()
        #expect(try bench.say("configure exclusive").contains("Entering configuration mode"))
        #expect(try bench.say("show | compare") == "\r\n[edit]\r\nadmin@edge-1# ")
    }
}
