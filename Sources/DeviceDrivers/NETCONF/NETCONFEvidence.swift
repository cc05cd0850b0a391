import RolloutEngine

/// What an engineer would want to see of a device in trouble, over NETCONF. Only reads.
enum NETCONFEvidence {
    static func collect(on work: NETCONFWork, _ interfaces: [String]) async -> Evidence {
        var items = [
            Evidence.Item(
                title: "session \(work.capabilities.sessionID), capabilities",
                output: work.capabilities.uris.joined(separator: "\n"))
        ]
        for datastore in [NETCONF.Datastore.running, .candidate] {
            for interface in interfaces {
                guard let (_, subtree) = try? work.rendering.place(of: interface) else { continue }
                items.append(
                    await item(
                        "\(datastore.rawValue) configuration of \(interface)",
                        NETCONF.getConfig(datastore, filter: [subtree.root]), on: work))
            }
        }
        if work.capabilities.tellsOfLocks {
            let state = ["datastores", "sessions"].map { Markup($0, in: NETCONF.monitoring) }
            items.append(
                await item(
                    "sessions and locks",
                    NETCONF.get(filter: [Markup("netconf-state", in: NETCONF.monitoring, state)]), on: work))
        }
        return Evidence(items: items).kept
    }

    private static func item(_ title: String, _ operation: Markup, on work: NETCONFWork) async -> Evidence.Item {
        do {
            let reply = try await work.session.ask(operation)
            let lines = reply.data?.canonicalLines(keys: work.rendering.model.keys) ?? []
            return Evidence.Item(title: title, output: reply.trouble ?? lines.joined(separator: "\n"))
        } catch {
            return Evidence.Item(title: title, output: "\(error)")
        }
    }
}
