import Testing

@testable import rollout

@Suite("Memory of the service")
struct StartupCodeTests {
    @Test("only code of files is given back, never what was written to")
    func maps() {
        let maps = """
            55d0a0000000-55d0a0200000 r--p 00000000 08:01 131 /usr/bin/rollout
            55d0a0200000-55d0a2000000 r-xp 00200000 08:01 131 /usr/bin/rollout
            55d0a2000000-55d0a2100000 r--p 02000000 08:01 131 /usr/bin/rollout
            55d0a2100000-55d0a2200000 rw-p 02100000 08:01 131 /usr/bin/rollout
            7f0000000000-7f0000001000 r-xp 00000000 00:00 0
            7f0000002000-7f0000003000 rwxp 00000000 08:01 132 /usr/lib/patched.so
            7f0000004000-7f0000005000 r-xp 00001000 08:01 133 /usr/lib/with a space.so
            7fff00000000-7fff00001000 r-xp 00000000 00:00 0 [vdso]
            garbage
            """
        #expect(
            StartupCode.code(inMaps: maps) == [
                0x55d0_a020_0000..<0x55d0_a200_0000, 0x7f00_0000_4000..<0x7f00_0000_5000,
            ])
        #expect(StartupCode.code(inMaps: "").isEmpty)
    }

    @Test("what was given back comes back when it is run")
    func back() {
        StartupCode.giveBack()
        #expect((0..<1000).map { "\($0 * $0)" }.joined().count > 1000)
    }
}
