import Foundation
import Glibc

/// A network namespace of the test's own with its loopback up.
final class TestNamespace {
    static let isPossible: Bool = {
        guard geteuid() == 0, Tool.path("ip") != nil else { return false }
        return (try? TestNamespace()) != nil
    }()

    let name = "rollout-t-" + UUID().uuidString.prefix(8).lowercased()

    init() throws {
        try Tool.run("ip", "netns", "add", name)
        try Tool.run("ip", "-n", name, "link", "set", "lo", "up")
    }

    deinit { _ = try? Tool.run("ip", "netns", "del", name) }
}
