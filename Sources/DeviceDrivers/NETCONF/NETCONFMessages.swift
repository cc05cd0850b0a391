/// The messages of NETCONF (RFC 6241) as elements. Pure.
package enum NETCONF {
    /// The namespace of the protocol's own elements.
    package static let base = "urn:ietf:params:xml:ns:netconf:base:1.0"
    /// The namespace of ietf-netconf-monitoring (RFC 6022).
    package static let monitoring = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"

    /// Where configurations are.
    package enum Datastore: String, Sendable {
        /// What the device runs.
        case running
        /// What a commit makes the running configuration; shared by all sessions.
        case candidate
        /// What the device starts with, where that is kept apart.
        case startup
    }

    /// An element of the protocol.
    package static func element(_ name: String, text: String = "", _ children: [Markup] = []) -> Markup {
        Markup(name, in: base, text: text, children)
    }

    /// Our hello: both versions.
    static let hello = element(
        "hello",
        [
            element(
                "capabilities",
                ["1.0", "1.1"].map { element("capability", text: "urn:ietf:params:netconf:base:\($0)") })
        ]
    )

    static func rpc(_ operation: Markup, id: Int) -> Markup {
        Markup("rpc", in: base, attributes: [.init("message-id", "\(id)")], [operation])
    }

    // MARK: Operations

    /// Reads a configuration; only what the filter selects.
    package static func getConfig(_ source: Datastore, filter: [Markup] = []) -> Markup {
        element("get-config", [place("source", source)] + subtree(filter))
    }

    /// Reads state and configuration; only what the filter selects.
    package static func get(filter: [Markup]) -> Markup { element("get", subtree(filter)) }

    /// Merges into the candidate what operation attributes in it do not say otherwise of.
    ///
    /// - Parameters:
    ///   - tests: Whether the device is asked to validate before it sets.
    ///   - undoes: Whether the device is asked to leave the candidate as it was when any of it fails.
    package static func editConfig(_ config: [Markup], tests: Bool, undoes: Bool) -> Markup {
        element(
            "edit-config",
            [place("target", .candidate), element("default-operation", text: "merge")]
                + (tests ? [element("test-option", text: "test-then-set")] : [])
                + (undoes ? [element("error-option", text: "rollback-on-error")] : []) + [element("config", config)])
    }

    /// An element with what edit-config shall do with it: `replace`, `remove`.
    package static func marked(_ element: Markup, operation: String) -> Markup {
        Markup(
            element.name, in: element.namespace,
            attributes: element.attributes + [.init("operation", operation, namespace: base)], text: element.text,
            element.children)
    }

    /// Checks the candidate.
    package static var validate: Markup { element("validate", [place("source", .candidate)]) }
    /// Takes a lock, which ends with the session.
    package static func lock(_ target: Datastore) -> Markup { element("lock", [place("target", target)]) }
    /// Gives a lock back.
    package static func unlock(_ target: Datastore) -> Markup { element("unlock", [place("target", target)]) }
    /// Makes the candidate what the running configuration is.
    package static var discardChanges: Markup { element("discard-changes") }
    /// Ends the session in good order.
    package static var closeSession: Markup { element("close-session") }

    /// Commits the candidate; the device reverts by itself unless it is confirmed in time, whatever becomes of this session.
    package static func commit(revertingAfter seconds: Int64, persist: String) -> Markup {
        element(
            "commit",
            [
                element("confirmed"), element("confirm-timeout", text: "\(seconds)"), element("persist", text: persist),
            ])
    }

    /// Confirms what was committed under a name, from any session. It commits what is in the candidate by then, too.
    package static func confirm(_ persistID: String) -> Markup {
        element("commit", [element("persist-id", text: persistID)])
    }

    /// Takes back what was committed under a name and is not yet confirmed, from any session.
    package static func cancelCommit(_ persistID: String) -> Markup {
        element("cancel-commit", [element("persist-id", text: persistID)])
    }

    /// Makes what runs what the device starts with.
    package static var saveRunning: Markup {
        element("copy-config", [place("target", .startup), place("source", .running)])
    }

    private static func place(_ name: String, _ datastore: Datastore) -> Markup {
        element(name, [element(datastore.rawValue)])
    }

    private static func subtree(_ filter: [Markup]) -> [Markup] {
        filter.isEmpty ? [] : [Markup("filter", in: base, attributes: [.init("type", "subtree")], filter)]
    }
}

/// What a device can do, as it says in its hello.
package struct NETCONFCapabilities: Hashable, Sendable {
    /// The URIs as they came, without white space around them.
    package let uris: [String]
    /// The number that the device gave the session.
    package let sessionID: UInt32

    /// Reads a hello.
    package init(hello: Markup) throws(NETCONFGarbled) {
        guard hello.name == "hello", hello.namespace == NETCONF.base else {
            throw NETCONFGarbled("its first message is <\(hello.name.prefix(60))>, not a NETCONF hello")
        }
        uris = hello.child("capabilities")?.children.filter { $0.name == "capability" }.map(\.value) ?? []
        guard let number = hello.child("session-id").flatMap({ UInt32($0.value) }), number > 0 else {
            throw NETCONFGarbled("its hello has no session-id")
        }
        sessionID = number
        guard has("urn:ietf:params:netconf:base:1.0") || speaksChunks else {
            throw NETCONFGarbled("its hello names neither NETCONF 1.0 nor 1.1")
        }
    }

    /// Whether messages are chunked after the hello.
    package var speaksChunks: Bool { has("urn:ietf:params:netconf:base:1.1") }
    /// Whether it validates on request.
    package var validates: Bool { can("validate:1.0") || can("validate:1.1") }
    /// Whether an edit that fails leaves no trace.
    package var undoesFailedEdits: Bool { can("rollback-on-error:1.0") }
    /// Whether what it starts with is kept apart from what it runs: no commit outlives a restart there until it is copied.
    package var hasStartup: Bool { can("startup:1.0") }
    /// Whether it tells of its sessions and locks (RFC 6022).
    package var tellsOfLocks: Bool { has(NETCONF.monitoring) }

    /// What a device must be able to do, and what for, when it cannot; nil when it can.
    package var missing: String? {
        if !can("candidate:1.0") {
            return
                "it has no candidate configuration (:candidate); a change cannot be prepared and checked before it is made"
        }
        if can("confirmed-commit:1.1") { return nil }
        if can("confirmed-commit:1.0") {
            return
                "its confirmed commits end with their session (:confirmed-commit:1.0); a change that is confirmed over a"
                + " fresh session needs :confirmed-commit:1.1 (RFC 6241, persist)"
        }
        return
            "it has no confirmed commit (:confirmed-commit:1.1), so it would not go back by itself when a change cuts it off"
    }

    private func can(_ name: String) -> Bool { has("urn:ietf:params:netconf:capability:\(name)") }

    private func has(_ uri: String) -> Bool {
        uris.contains { isSame(String($0.prefix { $0 != "?" }), uri) }
    }
}
