import Foundation

/// A fleet of real Linux hosts in network namespaces of this machine.
public struct Lab: Sendable {
    /// Where it is written down.
    public let folder: LabFolder
    /// Says what is being done.
    let say: @Sendable (String) -> Void

    /// What plays routers and switches: the program `rollout`; nil for the one that is running.
    private let program: String?

    /// The lab of a folder.
    public init(
        _ folder: LabFolder, program: String? = nil, say: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.folder = folder
        self.program = program
        self.say = say
    }

    /// The machine's boot, by the name that the kernel gave it.
    public static var boot: String {
        readSmallFile("/proc/sys/kernel/random/boot_id")?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    }

    /// What `up` found or did.
    public enum Outcome: Sendable {
        /// It was built.
        case built
        /// It was there already, whole and the same.
        case unchanged
    }

    // MARK: Up

    /// Builds the lab and waits until all of it answers. A half-built one is taken away first; a whole one is left alone.
    ///
    /// - Throws: `LabError`. Whatever was built until then is taken away again.
    public func up(_ topology: LabTopology) async throws(LabError) -> Outcome {
        if let complaint = topology.complaint { throw LabError(.badInput, complaint) }
        try Permission.need(topology.devices.map(\.kind.runs))
        return try await folder.locked { () throws(LabError) in
            if let old = try folder.record() {
                if old.isWhole, old.kind == .namespaces, old.topology == topology, isComplete(old) { return .unchanged }
                guard !old.isWhole || !isComplete(old) else {
                    throw LabError(
                        .refused,
                        "another lab is up in \(folder.path): end it first with `rollout lab down\(folder.options)`")
                }
                say("taking away what is left of an earlier lab")
                try await takeAway(old)
            }
            let record = LabRecord(topology: topology, kind: .namespaces, boot: Self.boot)
            try claim(record)
            do throws(LabError) {
                try await build(record)
            } catch {
                try? await takeAway(record)
                throw error
            }
            return .built
        }
    }

    /// Whether every keeper of a lab is alive.
    func isComplete(_ record: LabRecord) -> Bool {
        if record.kind == .simulated { return FileManager.default.fileExists(atPath: folder.fleet) }
        let keepers = folder.keepers()
        return record.boot == Self.boot && record.topology.namespaces.allSatisfy { keepers[$0] != nil }
    }

    /// Takes the names: the core's namespace is made by one only.
    private func claim(_ record: LabRecord) throws(LabError) {
        let taken = record.topology.namespaces.filter(Self.isNamespace)
        guard taken.isEmpty else { throw Self.taken(taken, folder) }
        try folder.write(record)
        let claim = try Tool.run("ip", ["netns", "add", record.topology.core])
        guard claim.status == 0 else {
            folder.clear()
            if Self.isNamespace(record.topology.core) { throw Self.taken([record.topology.core], folder) }
            throw LabError(
                .unavailable, "network namespaces cannot be made here: \(claim.complaint). \(Permission.other)")
        }
    }

    private static func taken(_ names: [String], _ folder: LabFolder) -> LabError {
        LabError(
            .refused,
            "there are namespaces already of which \(folder.path) knows nothing: \(names.prefix(3).joined(separator: ", "))"
                + "\(names.count > 3 ? ", …" : ""). End the lab that made them with `rollout lab down --dir ITS-FOLDER`, "
                + "or choose other names with --prefix NAME")
    }

    static func isNamespace(_ name: String) -> Bool { access("/run/netns/\(name)", F_OK) == 0 }

    private func build(_ record: LabRecord) async throws(LabError) {
        var record = record
        let topology = record.topology
        say("building \(topology.devices.count) devices in \(topology.datacentres.count) datacentres")
        try writeFiles(topology)
        try lay(topology)
        say("starting an SSH server, an SNMP agent and traffic on each")
        for (namespace, words) in KeeperScripts.arguments(topology) {
            try Tool.launch(
                "sh", ["\(folder.path)/bin/keeper", folder.path, namespace] + words,
                log: "\(folder.path)/log/\(namespace).log")
        }
        try await waitUntilReady(topology)
        try trustHosts(topology)
        record.isWhole = true
        try folder.write(record)
    }

    private func writeFiles(_ topology: LabTopology) throws(LabError) {
        for name in ["bin", "etc", "log", "own", "run"] { try folder.makeFolder(name) }
        try folder.write("bin/keeper", KeeperScripts.outer)
        try folder.write("bin/inside", KeeperScripts.inner)
        let community = Self.anySecret()
        try folder.write("community", community + "\n", mode: 0o600)
        try folder.write("etc/snmpd.conf", ServiceFiles.snmpd(community: community), mode: 0o600)
        try folder.write("etc/sshd_config", ServiceFiles.sshd)
        try folder.write("etc/sshd_modern", ServiceFiles.modernSSHD)
        try folder.write("etc/passwd", ServiceFiles.passwd)
        try folder.write("etc/shadow", ServiceFiles.shadow, mode: 0o600)
        try folder.write("etc/group", ServiceFiles.group)
        try folder.write("etc/nsswitch.conf", ServiceFiles.nameService)
        try folder.write("etc/bird.conf", ServiceFiles.bird(routes: ["192.0.2.0/25"]))
        try folder.write("etc/frr.conf", ServiceFiles.frr(hostname: "HOSTNAME", routes: ["192.0.2.0/25"]))
        try folder.write("etc/slow-shell", ServiceFiles.slowShell, mode: 0o755)
        try Tool.succeed(
            "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "rollout-lab", "-f", "\(folder.path)/key"])
        if topology.isMixed {
            let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
            try Tool.succeed("ln", ["-s", self.program ?? program, "\(folder.path)/bin/rollout"])
            try folder.write("enable", Self.anySecret() + "\n", mode: 0o600)
        }
        try writeInputs(topology, isSimulated: false)
    }

    private static func anySecret() -> String {
        (0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 36) }.joined()
    }

    /// Writes the inventory and the policies.
    ///
    /// - Throws: `LabError` when they cannot be written.
    public func writeInputs(_ topology: LabTopology, isSimulated: Bool) throws(LabError) {
        let text = LabInventory(topology, folder: folder.written, isSimulated: isSimulated).text
        try folder.write("inventories/lab/inventory.yaml", text)
        for (name, text) in LabPolicies.files(for: topology) { try folder.write("policies/\(name)", text) }
    }

    private func lay(_ topology: LabTopology) throws(LabError) {
        let commands = NetworkCommands(topology: topology)
        try batch("ip", [], commands.cables)
        for (namespace, lines) in commands.addresses { try batch("ip", ["-n", namespace], lines) }
        for (namespace, line) in commands.caps { try batch("tc", ["-n", namespace], [line]) }
        for (namespace, words) in commands.checksums {
            try Tool.succeed("ip", ["netns", "exec", namespace, "ethtool"] + words)
        }
    }

    func batch(_ tool: String, _ options: [String], _ lines: [String]) throws(LabError) {
        try folder.write("script", lines.joined(separator: "\n") + "\n")
        let output = try Tool.run(tool, options + ["-batch", "\(folder.path)/script"])
        guard output.status == 0 else {
            throw LabError(.failed, "\(tool) \(options.joined(separator: " ")) failed: \(output.complaint)")
        }
    }

    private func waitUntilReady(_ topology: LabTopology) async throws(LabError) {
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        var said = 0
        while true {
            let survey = Survey(folder: folder, topology: topology)
            let ready = topology.devices.filter { survey.devices[$0.name]?.isReady ?? false }.count
            let routers = topology.datacentres.filter { survey.hasAgent(topology.router($0)) }.count
            if ready == topology.devices.count, routers == topology.datacentres.count { return }
            if ready >= said + 8 {
                said = ready
                say("\(ready) of \(topology.devices.count) devices answer")
            }
            guard ContinuousClock.now < deadline, !Task.isCancelled else {
                let late = topology.devices.first { !(survey.devices[$0.name]?.isReady ?? false) }
                let log = late.flatMap { folder.read("log/\($0.namespace).log") } ?? ""
                throw LabError(
                    .failed,
                    "only \(ready) of \(topology.devices.count) devices came up; \(late?.name ?? "a router") says: "
                        + (log.isEmpty ? "nothing" : String(log.suffix(500))))
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    /// The devices' own keys, as they wrote them down: nothing is trusted on first sight.
    private func trustHosts(_ topology: LabTopology) throws(LabError) {
        var lines: [String] = []
        for device in topology.devices {
            let words = (folder.read("run/\(device.name).pub") ?? "").split(whereSeparator: \.isWhitespace)
            guard words.count >= 2 else { throw LabError(.failed, "\(device.name) has no host key") }
            lines.append("\(device.management) \(words[0]) \(words[1])")
        }
        try folder.write("known_hosts", lines.joined(separator: "\n") + "\n")
    }

    // MARK: Down

    /// Ends everything that the lab of this folder started, and removes what it wrote. Without a lab, nothing happens.
    ///
    /// - Returns: whether there was one.
    /// - Throws: `LabError` when something cannot be ended.
    @discardableResult
    public func down() async throws(LabError) -> Bool {
        guard FileManager.default.fileExists(atPath: folder.path) else { return false }
        return try await folder.locked { () throws(LabError) in
            guard let record = try folder.record() else {
                folder.clear()
                return false
            }
            if record.kind == .namespaces { try Permission.needRoot() }
            try await takeAway(record)
            return true
        }
    }

    private func takeAway(_ record: LabRecord) async throws(LabError) {
        guard record.kind == .namespaces else { return folder.clear() }
        // Twice: what was on its way between the first look and the end of its namespace is found by the second.
        for _ in 0..<2 {
            try await end(folder.keepers().values.map(\.self))
            let left = record.topology.namespaces.filter(Self.isNamespace)
            if !left.isEmpty { try batch("ip", ["-force"], left.map { "netns del \($0)" }) }
        }
        folder.clear()
    }

    /// Kills keepers, and waits until they and all that they kept are gone.
    private func end(_ keepers: [KeeperRecord]) async throws(LabError) {
        let table = ProcessTable()
        // Killing a keeper ends the first process of its namespace, and that ends all others there.
        let below = keepers.flatMap { keeper in table.descendants(of: keeper.pid) }
        for keeper in keepers { kill(keeper.pid, SIGKILL) }
        var left = below.map { ($0.pid, $0.start) } + keepers.map { ($0.pid, $0.start) }
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        while true {
            left = left.filter { pid, start in ProcessTable.entry(pid)?.start == start }
            if left.isEmpty { return }
            guard ContinuousClock.now < deadline else {
                throw LabError(.failed, "\(left.count) processes of the lab do not end, such as \(left[0].0)")
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}
