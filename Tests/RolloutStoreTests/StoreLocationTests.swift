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

    @Test("a store that cannot be is refused in clear words, without the URL's password")
    func refused() throws {
        let error = #expect(throws: StoreError.self) { try StoreLocation.open("postgres://ada:hunter2@db/rollout") }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("not built yet") == true)
        #expect(error?.message.contains("hunter2") == false)
        for url in ["mysql://x", "sqlite://relative", "sqlite://", ""] {
            #expect(throws: StoreError.self) { try StoreLocation.open(url) }
        }
    }
}
