import RolloutEngine
import Testing

@testable import DeviceDrivers

@Suite("NETCONF: sessions", .timeLimit(.minutes(1)))
struct NETCONFSessionTests {
    private func session(
        _ peer: ScriptedPeer, within limit: Duration = .seconds(20), permit: Permit = .always,
        largestMessage: Int = 1 << 20
    ) -> NETCONFSession {
        NETCONFSession(
            peer, deadline: ContinuousClock.now + limit, permit: permit, largestMessage: largestMessage)
    }

    private func trouble(_ body: () async throws(DriverError) -> Void) async -> DriverError? {
        do throws(DriverError) { try await body() } catch { return error }
        return nil
    }

    @Test("both versions are spoken, in pieces of any size", arguments: [false, true], [1, 3, 1 << 20])
    func bothVersions(isChunked: Bool, size: Int) async throws {
        let peer = ScriptedPeer(
            hello: ScriptedPeer.hello(
                isChunked ? [ScriptedPeer.base10, ScriptedPeer.base11 + "?x=1"] : [ScriptedPeer.base10]), size: size,
            chunked: isChunked
        ) { request, id in
            let reply = ScriptedPeer.reply(
                id, request.children[0].name == "get-config" ? "<data><a>]]</a></data>" : "<ok/>")
            return [.say(isChunked ? ScriptedPeer.chunked(reply) : reply + "]]>]]>")]
        }
        let session = session(peer)
        let capabilities = try await session.greet()
        #expect(capabilities.sessionID == 7)
        #expect(capabilities.speaksChunks == isChunked)
        let reply = try await session.ask(NETCONF.getConfig(.running))
        #expect(reply.data?.child("a")?.text == "]]")
        #expect(try await session.ask(NETCONF.lock(.candidate)).errors == [])
        await session.close()
        #expect(peer.isClosed)
        #expect(peer.received.map(\.name) == ["hello", "rpc", "rpc", "rpc"])
        #expect(peer.received.last?.children.map(\.name) == ["close-session"])
        #expect(peer.received[1].attribute("message-id") == "1")
        let offered = peer.received[0].child("capabilities")?.children.map(\.value)
        #expect(offered == [ScriptedPeer.base10, ScriptedPeer.base11])
    }

    @Test(
        "replies to nobody, late replies and notifications are dropped; a reply without a number counts when it is an error"
    )
    func otherMessages() async throws {
        let peer = ScriptedPeer(hello: ScriptedPeer.hello([ScriptedPeer.base11])) { _, id in
            if id == 2 {
                return [
                    .say(
                        ScriptedPeer.chunked(
                            "<rpc-reply xmlns=\"\(NETCONF.base)\"><rpc-error><error-tag>malformed-message</error-tag></rpc-error></rpc-reply>"
                        ))
                ]
            }
            let words = [
                ScriptedPeer.reply(99, "<ok/>"),
                "<notification xmlns=\"urn:ietf:params:xml:ns:netconf:notification:1.0\"/>",
                ScriptedPeer.reply(0, "<data/>"), "<rpc-reply xmlns=\"\(NETCONF.base)\"><ok/></rpc-reply>",
                ScriptedPeer.reply(id, "<data><mine/></data>"),
            ]
            return words.map { .say(ScriptedPeer.chunked($0)) }
        }
        let session = session(peer)
        _ = try await session.greet()
        #expect(try await session.ask(NETCONF.getConfig(.running)).data?.child("mine") != nil)
        #expect(try await session.ask(NETCONF.validate).errors.map(\.tag) == ["malformed-message"])
    }

    @Test("an rpc-error is told with tag, path and message; a warning is none")
    func errors() async throws {
        let peer = ScriptedPeer(hello: ScriptedPeer.hello([ScriptedPeer.base11])) { _, id in
            let error = """
                <rpc-error><error-type>protocol</error-type><error-tag>lock-denied</error-tag>
                <error-severity>\(id == 1 ? "error" : "warning")</error-severity><error-app-tag>busy</error-app-tag>
                <error-path>/x:a</error-path><error-message xml:lang="en">
                  somebody was here
                </error-message><error-info><session-id>12</session-id></error-info></rpc-error>
                """
            return [.say(ScriptedPeer.chunked(ScriptedPeer.reply(id, error)))]
        }
        let session = session(peer)
        _ = try await session.greet()
        let error = await trouble { () async throws(DriverError) in try await session.demand(NETCONF.lock(.running)) }
        #expect(error?.code == .refused)
        #expect(error?.message == "the device refused <lock>: lock-denied (busy) at /x:a: somebody was here")
        let reply = try await session.demand(NETCONF.lock(.running))
        #expect(reply.warnings.first?.lockedBy == 12)
        #expect(reply.errors.isEmpty)
    }

    @Test(
        "a hello that cannot be used is refused with a reason, and nothing was changed",
        arguments: [
            (ScriptedPeer.hello(["urn:other"]), "neither NETCONF 1.0 nor 1.1"),
            (ScriptedPeer.hello([ScriptedPeer.base11], session: ""), "session-id"),
            (ScriptedPeer.hello([ScriptedPeer.base11], session: "<session-id>0</session-id>"), "session-id"),
            ("<a/>]]>]]>", "not a NETCONF hello"), ("garbage]]>]]>", "outside of the document"),
            ("<!DOCTYPE a><a/>]]>]]>", "document type"),
            ("SSH banner\r\n" + ScriptedPeer.hello([ScriptedPeer.base11]), "outside"),
        ])
    func hellos(_ hello: String, _ reason: String) async {
        let session = session(ScriptedPeer(hello: hello))
        let error = await trouble { () async throws(DriverError) in _ = try await session.greet() }
        #expect(error?.code == .garbledOutput)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test(
        "garbage, broken chunks, huge replies, silence and hanging up end the call, and say what may have happened",
        arguments: [
            ([ScriptedPeer.Act.say("garbage")], DriverError.Code.garbledOutput),
            ([.say("\n#3\n<a>\n##\n")], .garbledOutput), ([.say("\n#4\n<a/>\n##\n")], .garbledOutput),
            ([.say(ScriptedPeer.chunked(ScriptedPeer.reply(1, "")))], .garbledOutput),
            ([.say("\n#4000000\n")], .outputTooLarge),
            ([.say("\n#9\n<rpc-repl")], .timeout), ([], .timeout), ([.hangUp], .connectionLost),
            ([.say("\n#9\n<rpc-repl"), .hangUp], .connectionLost),
        ], [false, true])
    func faults(_ fault: ([ScriptedPeer.Act], DriverError.Code), mayChange: Bool) async throws {
        let session = session(
            ScriptedPeer(hello: ScriptedPeer.hello([ScriptedPeer.base11])) { _, _ in fault.0 },
            within: fault.1 == .timeout ? .milliseconds(300) : .seconds(20))
        _ = try await session.greet()
        let error = await trouble { () async throws(DriverError) in
            _ = try await session.ask(NETCONF.discardChanges, mayChange: mayChange)
        }
        #expect(error?.code == fault.1, "\(error?.description ?? "")")
        #expect(error?.effect == (mayChange ? .possible : DriverError.Effect.none))
    }

    @Test("nothing that may change a device is sent without the permit, or when no time is left")
    func permits() async throws {
        let peer = ScriptedPeer(hello: ScriptedPeer.hello([ScriptedPeer.base11])) { _, id in
            [.say(ScriptedPeer.chunked(ScriptedPeer.reply(id, "<ok/>")))]
        }
        let refused = session(peer, permit: Permit { false })
        _ = try await refused.greet()
        _ = try await refused.ask(NETCONF.lock(.candidate))
        let error = await trouble { () async throws(DriverError) in
            _ = try await refused.ask(NETCONF.discardChanges, mayChange: true)
        }
        #expect(error?.code == .leaseOver)
        #expect(error?.effect == DriverError.Effect.none)
        #expect(peer.received.count == 2)

        let late = session(peer, within: .zero)
        #expect(
            await trouble { () async throws(DriverError) in _ = try await late.ask(NETCONF.validate) }?.code == .timeout
        )
        #expect(peer.received.count == 2)
    }

    @Test("a device that cannot go back by itself over a fresh session is named as such")
    func requirements() throws {
        func missing(_ names: [String]) throws -> String? {
            let uris = [ScriptedPeer.base11] + names.map { "urn:ietf:params:netconf:capability:\($0)" }
            let hello = ScriptedPeer.hello(uris).replacing("]]>]]>", with: "")
            return try NETCONFCapabilities(hello: try MarkupReader.read(Array(hello.utf8))).missing
        }
        #expect(try missing(["candidate:1.0", "confirmed-commit:1.1"]) == nil)
        #expect(try missing(["candidate:1.0", "confirmed-commit:1.0"])?.contains("end with their session") == true)
        #expect(try missing(["candidate:1.0"])?.contains("no confirmed commit") == true)
        #expect(try missing(["confirmed-commit:1.1"])?.contains("no candidate") == true)
    }
}
