import RolloutEngine
import Synchronization

@testable import DeviceDrivers

/// A NETCONF device that shapes `e0`, in a few lines, with the oddities that a test wants.
final class ScriptedDevice: SubsystemTransport {
    /// What is odd about it.
    struct Oddities: Sendable {
        /// Its capabilities beside 1.1.
        var capabilities = ["candidate:1.0", "confirmed-commit:1.1", "validate:1.1"]
        /// How it refuses the lock of the running configuration while a commit is pending; nil when it does not.
        var refusal: String? = "in-use"
        /// Whether somebody's lock is in its list of locks.
        var listsLock = false
        /// Whether it tells of locks at all.
        var tellsOfLocks = false
        /// What it makes of a rate in an edit.
        var rounds: @Sendable (String) -> String = { $0 }
        /// Whether it answers a confirmation with ok and stays pending.
        var staysPending = false
        /// Whether commits are refused.
        var refusesCommits = false
        /// What waits in its candidate from the beginning, for which it refuses that one's lock as that of a session 0.
        var leftover: String?
        /// Whether what it starts with can be read.
        var readsStartup = true
        /// Whether it keeps what is copied to what it starts with.
        var keepsStartup = true
        /// What it answers to the operation `get-facts`, which it does not know otherwise.
        var facts: String?
    }

    private struct State {
        var running = "20000000"
        var candidate = "20000000"
        var startup = "20000000"
        var pending: String?
        var log: [String] = []
    }

    private let state = Mutex(State())
    private let oddities: Oddities

    init(_ oddities: Oddities = Oddities()) {
        self.oddities = oddities
        if let leftover = oddities.leftover { state.withLock { $0.candidate = leftover } }
    }

    /// The operations that were asked for, in their order.
    var log: [String] { state.withLock { $0.log } }
    var running: String { state.withLock { $0.running } }
    var candidate: String { state.withLock { $0.candidate } }
    var startup: String { state.withLock { $0.startup } }

    func openSubsystem(_ name: String, on device: Device, within limit: Timespan) async throws(DriverError)
        -> any ConsoleSession
    {
        let uris =
            [ScriptedPeer.base11] + oddities.capabilities.map { "urn:ietf:params:netconf:capability:\($0)" }
            + (oddities.tellsOfLocks ? [NETCONF.monitoring + "?revision=2010-10-04"] : [])
        return ScriptedPeer(hello: ScriptedPeer.hello(uris), size: 7) { [self] request, _ in
            let id = Int(request.attribute("message-id") ?? "") ?? 0
            return [.say(ScriptedPeer.chunked(ScriptedPeer.reply(id, answer(request.children[0]))))]
        }
    }

    private func answer(_ operation: Markup) -> String {
        state.withLock { state in
            state.log.append(operation.name)
            switch operation.name {
            case "get-facts":
                return oddities.facts ?? "<rpc-error><error-tag>operation-not-supported</error-tag></rpc-error>"
            case "get":
                guard operation.xml.contains("netconf-state") else {
                    return #"<data><system xmlns="urn:rollout:shaping"><hostname>gra-eco-01</hostname></system></data>"#
                }
                let lock =
                    "<locks><global-lock><locked-by-session>9</locked-by-session></global-lock></locks>"
                return """
                    <data><netconf-state xmlns="\(NETCONF.monitoring)"><datastores><datastore><name>running</name>\
                    \(oddities.listsLock ? lock : "")</datastore></datastores></netconf-state></data>
                    """
            case "get-config" where operation.xml.contains("<startup/>") && !oddities.readsStartup:
                return "<rpc-error><error-tag>operation-not-supported</error-tag></rpc-error>"
            case "get-config":
                let rate =
                    operation.xml.contains("<candidate/>")
                    ? state.candidate : operation.xml.contains("<startup/>") ? state.startup : state.running
                return """
                    <data><interfaces xmlns="urn:rollout:shaping"><interface><name>e0</name><shaping><rate>\(rate)</rate>\
                    <burst>16384</burst></shaping></interface></interfaces></data>
                    """
            case "edit-config":
                let rate = operation.xml.split(separator: "<rate>").last?.prefix { $0 != "<" } ?? ""
                state.candidate = oddities.rounds(String(rate))
            case "lock" where operation.xml.contains("running") && state.pending != nil && oddities.refusal != nil:
                return "<rpc-error><error-tag>\(oddities.refusal ?? "")</error-tag></rpc-error>"
            case "lock" where operation.xml.contains("candidate") && state.candidate != state.running:
                return """
                    <rpc-error><error-tag>lock-denied</error-tag><error-info><session-id>0</session-id></error-info></rpc-error>
                    """
            case "commit" where oddities.refusesCommits:
                return "<rpc-error><error-tag>operation-failed</error-tag></rpc-error>"
            case "commit" where oddities.staysPending && state.pending != nil: break
            case "commit":
                state.pending = operation.child("persist")?.value
                state.running = state.candidate
            case "copy-config" where oddities.keepsStartup: state.startup = state.running
            case "discard-changes": state.candidate = state.running
            default: break
            }
            return "<ok/>"
        }
    }
}
