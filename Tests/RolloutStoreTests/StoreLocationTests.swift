import RolloutEngine
import Testing

@testable import RolloutStore

@Suite("Where the store is")
struct StoreLocationTests {
    @Test(
        "a URL, a path or nothing names the file",
        arguments: [
            ("sqlite:///var/lib/rollout/x.db", "/var/lib/rollout/x.db"), ("/srv/x.db", "/srv/x.db"), ("x.db", "x.db"),
            (nil, "/home/ada/.local/state/rollout/rollout.db"),
        ] as [(String?, String)])
    func names(_ url: String?, _ expected: String) throws {
        #expect(try StoreLocation.path(url, ["HOME": "/home/ada"]) == expected)
    }

    @Test("the XDG state folder comes first, unless it is relative")
    func stateFolder() throws {
        #expect(try StoreLocation.path(nil, ["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/rollout/rollout.db")
        let relative = try StoreLocation.path(nil, ["XDG_STATE_HOME": "s", "HOME": "/h"])
        #expect(relative == "/h/.local/state/rollout/rollout.db")
        #expect(throws: StoreError.self) { try StoreLocation.path(nil, [:]) }
    }

    @Test("a store that cannot be is refused")
    func refused() throws {
        for url in ["mysql://x", "sqlite://relative", "sqlite://", ""] {
            #expect(throws: StoreError.self) { try StoreLocation.open(url) }
        }
    }

    @Test(
        "a server's URL is named without its password, and refused without it",
        arguments: [
            "postgres://ada:hunter2@db.example.net:5433/rollout",
            "postgresql://ada@/rollout?host=/tmp&password=hunter2",
        ])
    func withoutPassword(_ url: String) throws {
        let location = try PostgresLocation(url)
        #expect(location.name.hasPrefix("postgres://"))
        #expect(!"\(location)".contains("hunter2"))
        #expect(location.tame("no \"hunter2\"\n here") == "no \"***\"; here")
    }

    @Test(
        "a URL that cannot be understood is refused without its password",
        arguments: [
            "postgres://ada:hunter2@db/rollout?%zz", "postgres://ada:x@hunter2@db/rollout",
            "postgres://db/rollout?nonsense=hunter2", "postgres://db/rollout?password=hunter2&port",
        ])
    func misunderstood(_ url: String) throws {
        let error = #expect(throws: StoreError.self) { try PostgresLocation(url) }
        #expect(error?.message.contains("hunter2") == false)
    }
}
