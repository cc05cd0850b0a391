import ConsoleDevices
import Testing

/// What devices keep on record of who changed them, and of sessions whose wire was cut.
@Suite struct RecordTests {
    @Test func eosLogsWhoConfiguredAndWhoseSessionsThereWere() throws {
        var bench = try Bench(.aristaEOS)
        try bench.say(["enable", "enable", "configure terminal", "ntp server 10.9.9.9", "end"])
        try bench.say(["configure session tonight", "hostname edge-1", "commit"])
        let log = try bench.say("show logging last 4 hours").split(separator: "\r\n").filter { $0.contains("SYS-5") }
        #expect(log.count == 4)
        #expect(log[0].contains(" edge-1 ConfigAgent: %SYS-5-CONFIG_I: Configured from console by admin on vty1 "))
        #expect(log[1].contains("SESSION_ENTERED: User admin entered configuration session tonight on "))
        #expect(log[2].contains("COMMIT_SUCCESS: User admin committed configuration session tonight successfully on "))
        #expect(log[3].contains("SESSION_EXITED"))
    }

    @Test func nxosAccountsForEachLineWithItsPlace() throws {
        var bench = try Bench(.ciscoNXOS)
        try bench.say([
            "configure terminal", "interface Ethernet1/1", "description x", "nonsense", "end", "checkpoint c",
        ])
        let log = try bench.say("show accounting log").split(separator: "\r\n").filter { $0.contains("type=update") }
        #expect(
            log.map { $0.split(separator: ":").last.map(String.init) ?? "" } == [
                "cmd=configure terminal ; interface Ethernet1/1 (SUCCESS)",
                "cmd=configure terminal ; interface Ethernet1/1 ; description x (SUCCESS)",
                "cmd=checkpoint c (SUCCESS)",
            ])
        #expect(log.allSatisfy { $0.contains(":user=admin:") })
    }

    @Test func routerOSHasItsHistoryTheNewestFirst() throws {
        var bench = try Bench(.mikrotikRouterOS)
        try bench.say(["/system script add name=s source=x", "/system script remove [find name=s]"])
        let history = try bench.say("/system history print without-paging").split(separator: "\r\n")
            .filter { $0.hasPrefix("U ") }
        #expect(history == ["U system script item removed  admin  write", "U system script item added  admin  write"])
    }

    @Test func aSessionThatWasCutOffKeepsItsLockUntilTheDeviceNotices() throws {
        var faults = ConsoleFaults()
        faults.dropAtCommand = 2
        faults.dropTimes = 1
        faults.lingers = 20
        var bench = try Bench(.juniperJunos, faults: faults)
        try bench.say(["configure exclusive", "set system domain-name x"])
        var other = try bench.another()
        #expect(try other.say("configure exclusive").contains("admin terminal p1"))
        other.pass(seconds: 19)
        #expect(try other.say("configure exclusive").contains("admin terminal p1"))
        other.pass(seconds: 1)
        #expect(try other.say("configure exclusive").contains("Entering configuration mode"))
    }
}
