/// What a device answers to one request.
package struct NETCONFReply: Hashable, Sendable {
    /// What was read; nil when nothing was asked for.
    package let data: Markup?
    /// What went wrong.
    package let errors: [NETCONFError]
    /// What the device wants to be known, although it did what was asked.
    package let warnings: [NETCONFError]

    /// Reads an rpc-reply.
    ///
    /// - Parameter isOwn: Whether what was asked for may be answered in elements of its own: those are the data.
    /// - Throws: `NETCONFGarbled` when it says neither of success nor of failure.
    package init(_ reply: Markup, isOwn: Bool = false) throws(NETCONFGarbled) {
        let complaints = reply.children.filter { $0.name == "rpc-error" }.map(NETCONFError.init)
        errors = complaints.filter { !$0.isWarning }
        warnings = complaints.filter(\.isWarning)
        let others = reply.children.filter { $0.name != "rpc-error" }
        data = reply.child("data") ?? (isOwn && !others.isEmpty ? NETCONF.element("data", others) : nil)
        guard !complaints.isEmpty || data != nil || reply.child("ok") != nil else {
            throw NETCONFGarbled("its reply holds neither <ok>, <data> nor <rpc-error>")
        }
    }

    /// All that went wrong, in words; nil when nothing did.
    package var trouble: String? {
        guard let first = errors.first else { return nil }
        return first.description + (errors.count > 1 ? " (and \(errors.count - 1) more)" : "")
    }
}

/// One rpc-error (RFC 6241, section 4.3).
package struct NETCONFError: Hashable, Sendable, CustomStringConvertible {
    /// What kind of error it is: `lock-denied`, `invalid-value`.
    package var tag: String
    /// Whether it is only a warning.
    package var isWarning: Bool
    /// What the vendor calls it.
    package var appTag: String?
    /// The element in question.
    package var path: String?
    /// What happened, in the device's words.
    package var message: String?
    /// Who holds a lock: a session's number, 0 for who came another way.
    package var lockedBy: UInt32?

    /// Reads one.
    package init(_ error: Markup) {
        func text(_ name: String) -> String? {
            error.child(name).map { String($0.value.prefix(300)) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        tag = text("error-tag") ?? "no tag"
        isWarning = text("error-severity") == "warning"
        appTag = text("error-app-tag")
        path = text("error-path")
        message = text("error-message")
        lockedBy = error.child("error-info")?.child("session-id").flatMap { UInt32($0.value) }
    }

    /// `invalid-value (must-violation) at /qos/rate: too fast`.
    package var description: String {
        var text = tag
        if let appTag { text += " (\(appTag))" }
        if let path { text += " at \(path)" }
        if let message { text += ": \(message)" }
        return text
    }
}
