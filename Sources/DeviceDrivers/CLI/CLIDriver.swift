import ConfigTrees
public import RolloutEngine

/// Speaks to devices of one platform over their command line, as the platform's definition says.
///
/// Every call opens a session of its own. What is sent is the definition's commands and the lines of the change, each echo
/// checked; what is believed is what was read back. The revert timer is the platform's own.
public final class CLIDriver: DeviceDriver {
    /// The names of its platform.
    public var platforms: [PlatformName] { definition.names }
    /// Whether the platform has a revert timer. Without one, devices are changed only where the order says so.
    public var armsRevertTimer: Bool { definition.revertTimer != nil }
    /// How long the device takes to start, where that timer restarts it.
    public var restartTakes: Timespan? { definition.revertTimer?.restart }
    /// What the device can be told, rounded up.
    public func revertTimer(for span: Timespan) -> Timespan { definition.revertTimer?.longest(for: span) ?? span }

    private let kept: KeptDefinition
    var definition: PlatformDefinition { _read { yield kept.value } }
    let reader: DeviceReader
    private let transport: any ConsoleTransport
    private let secrets: any SecretSource
    let held = HeldConsoles()
    let windows = OpenWindows()
    private let settling: Timespan
    private let outputLimit: Int
    private let logs: DeviceLogs?

    /// A driver for the platform of a definition.
    ///
    /// - Parameters:
    ///   - settling: For how long a prompt must stand before it counts.
    ///   - outputLimit: The most that one command may print, in bytes.
    ///   - logs: Where it is said what is said to devices; nowhere if nil.
    /// - Throws: `DriverError` with `.unsupported` when the definition names a dialect that is not there.
    package init(
        _ definition: PlatformDefinition, over transport: any ConsoleTransport, secrets: any SecretSource,
        settling: Timespan = .milliseconds(60), outputLimit: Int = 64 << 20, logs: DeviceLogs? = nil
    ) throws(DriverError) {
        kept = KeptDefinition(definition)
        self.transport = transport
        self.secrets = secrets
        self.settling = settling
        self.outputLimit = outputLimit
        self.logs = logs
        reader = try DeviceReader(kept)
    }

    /// Only where the definition has `{burst}`.
    public func setsBurst(of interface: String) -> Bool {
        definition.shaping.contains { $0.holds("burst") }
    }

    /// What the intents name, and what begins like their lines.
    public func scope(of intents: [ResolvedIntent]) throws(DriverError) -> ConfigScope {
        var scope = ConfigScope(of: intents)
        let written = try written(intents)
        guard !written.isEmpty else { return scope }
        // What an interface is shaped by may be told by lines of the same section.
        guard scope.allInterfaces.isEmpty else {
            throw DriverError.unsupported(
                "\(definition.summary): lines are a change of their own; shape and police in another one")
        }
        scope.lines = reader.beginnings(of: written)
        return scope
    }

    private func written(_ intents: [ResolvedIntent]) throws(DriverError) -> [WrittenLines] {
        var written: [WrittenLines] = []
        for case .lines(let present, let absent) in intents {
            written.append(try reader.written(present: present, absent: absent))
        }
        return written
    }

    /// What the device would hold if the intents were true: interfaces and classes shaped, and policed, as far as the definition
    /// says how.
    public func render(_ intents: [ResolvedIntent], onto base: DeviceConfig, for device: Device) throws(DriverError)
        -> DeviceConfig
    {
        var config = base
        for intent in intents {
            switch intent {
            case .shape(let interface, let rate, let burst, let trafficClass):
                let ways = try ShapingWays(shapingOf: definition)
                let whole = trafficClass == nil ? rate : nil
                try change("shaping \(interface)", of: &config, to: whole) { section throws(DriverError) in
                    let text = try ways.text(of: interface, in: section)
                    let found = ShapingText.Found(in: section)
                    guard let trafficClass else { return try text.shaped(found, to: rate, burst: burst) }
                    do throws(DriverError) {
                        return try text.shaped(found, class: trafficClass, to: rate, burst: burst)
                    } catch {
                        throw DriverError.unsupported("\(definition.summary): \(error.message)")
                    }
                }
            case .police(let interface, let direction, let rate, let burst):
                let ways = try ShapingWays(policing: direction, of: definition)
                if let other = definition.shaping.flatMap(\.lines).first(where: { sharesPolicy($0, direction) }),
                    intents.contains(where: { if case .shape(interface, _, _, _) = $0 { true } else { false } })
                {
                    throw DriverError.unsupported(
                        "\(definition.summary): \(interface) cannot be shaped and policed on its \(direction.rawValue) by"
                            + " policies of their own: both are said with '\(other[other.count - 1])'")
                }
                try change(DeviceConfig.policing(of: interface, direction), of: &config, to: rate) {
                    section throws(DriverError) in
                    let text = try ways.text(of: interface, in: section)
                    return try text.shaped(ShapingText.Found(in: section), to: rate, burst: burst)
                }
            case .lines: continue
            case .file:
                throw DriverError.unsupported("\(definition.summary): files are not written over a command line")
            }
        }
        let written = try written(intents)
        if !written.isEmpty { config = try reader.writing(written, into: config) }
        // Proves that there is a way there and back before anybody plans with it.
        try check(reader.commands(from: base, to: config) + reader.commands(from: config, to: base))
        return config
    }

    /// Refuses commands that cannot say what they should, or that no timer would guard.
    private func check(_ commands: [String]) throws(DriverError) {
        if let command = commands.first(where: { $0.contains(DeviceReader.kept) }) {
            throw DriverError.unsupported(
                "\(definition.summary): the way there or back says '\(command)', a secret that was not read: lines beside it can be"
                    + " changed, it cannot")
        }
        let only = definition.change.only
        if !only.isEmpty, let command = commands.first(where: { command in !only.contains { $0.isFound(in: command) } })
        {
            throw DriverError.unsupported(
                "\(definition.summary): '\(command)' is not among the lines that its candidate is known to hold back: it may take effect at"
                    + " once, without the timer")
        }
    }

    /// Makes a section what a rate makes of it.
    private func change(
        _ name: String, of config: inout DeviceConfig, to rate: BitsPerSecond?,
        _ made: (DeviceConfig.Section) throws(DriverError) -> [String]
    ) throws(DriverError) {
        guard let index = config.sections.firstIndex(where: { $0.name == name }) else {
            throw DriverError.unsupported("'\(name)' was not read with the base")
        }
        let section = config.sections[index]
        let lines = try made(section)
        config.sections[index] = .init(name: name, lines: lines, shapedRate: rate ?? section.shapedRate)
    }

    /// Whether a path of shaping names a policy at the same place as one of policing.
    private func sharesPolicy(_ path: [String], _ direction: TrafficDirection) -> Bool {
        guard let last = path.last, Placeholders.holds("policy", in: last) else { return false }
        return definition.policing.contains { $0.directed(direction)?.lines.contains(path) == true }
    }

    /// Reads identity, configuration in scope, and a pending revert timer.
    public func observe(_ device: Device, scope: ConfigScope, within limit: Timespan) async throws(DriverError)
        -> Observation
    {
        try await withSession(to: device, within: limit) { line throws(DriverError) in
            var observation = try await read(scope, on: line).observation
            // Many platforms show who set a timer, not what for. One of our own user may be ours.
            if definition.revertTimer?.showsMark == false, observation.pendingRevert?.mark == device.ssh.user {
                observation.pendingRevert?.mark = PendingRevert.unsigned
            }
            if definition.save != nil { observation.isSaved = false }
            return observation
        }
    }

    /// Evidence of the definition, each command's answer as it came.
    public func collectEvidence(_ device: Device, scope: ConfigScope, within limit: Timespan) async -> Evidence {
        do {
            try check(scope)
            return try await withSession(to: device, within: limit) { line throws(DriverError) in
                var items: [Evidence.Item] = []
                for command in definition.evidence {
                    for filled in Self.filled(command, scope) {
                        let answer = try await line.ask(filled, tolerating: true, keepingChatter: true)
                        items.append(.init(title: filled, output: answer.text))
                    }
                }
                if let window = windows[device.name],
                    let now = try? await read(ConfigScope(interfaces: []), on: line).running
                {
                    let difference = reader.difference(from: window.reading.running, to: now)
                    items.append(
                        .init(title: "what changed since our change was read back", output: difference ?? "nothing"))
                }
                return Evidence(items: items)
            }
        } catch {
            return Evidence(items: [.init(title: "evidence", output: "could not be collected: \(error)")])
        }
    }

    /// Opens a session, hands it over at home with paging off, and closes it whatever came of it.
    ///
    /// - Parameter body: Runs where the session runs: each command would cost two switches of threads otherwise.
    func withSession<Result: Sendable>(
        to device: Device, within limit: Timespan, _ permit: Permit = .always,
        _ body: (isolated CommandLine) async throws(DriverError) -> Result
    ) async throws(DriverError) -> Result {
        let secret = try enableSecret(of: device)
        return try await withTaskExecutorPreference(transport.executor(for: device)) { () async throws(DriverError) in
            let line = try await open(to: device, within: limit, permit, secret)
            do throws(DriverError) {
                let result = try await body(line)
                await line.close()
                return result
            } catch {
                await line.close()
                throw error
            }
        }
    }

    /// Works on whole configurations, which may take long: not on the thread that all sessions share, unless they are so short
    /// that changing threads would take longer.
    ///
    /// - Parameter lines: How many lines the configuration has.
    func apart<Result: Sendable>(
        _ lines: Int, isolation: isolated (any Actor)? = #isolation,
        _ work: @Sendable () throws(DriverError) -> Result
    ) async throws(DriverError) -> Result {
        lines < 500 ? try work() : try await ThreadPool.run(work)
    }

    /// What `enable` of a device asks for. Reads a file, perhaps.
    func enableSecret(of device: Device) throws(DriverError) -> Secret? {
        try device.ssh.enablePassword.map { reference throws(DriverError) in try secrets.resolve(reference) }
    }

    /// Opens a session and brings it home, with paging off.
    func open(to device: Device, within limit: Timespan, _ permit: Permit, _ secret: Secret?) async throws(DriverError)
        -> CommandLine
    {
        let deadline = ContinuousClock.now + limit.duration
        let log = logs?[device]
        let session = try await DeviceLog.opening(log) { () async throws(DriverError) in
            try await transport.openConsole(
                to: device, width: definition.width, within: min(limit, device.ssh.connectTimeout))
        }
        let line = CommandLine(
            session, kept, deadline: deadline, commandLimit: device.ssh.commandTimeout, settling: settling,
            permit: permit, secret: secret, user: device.ssh.user, outputLimit: outputLimit, log: log)
        do {
            try await line.begin()
            return line
        } catch {
            await session.close()
            throw error
        }
    }

    /// Refuses names that could say something else to a command line.
    private func check(_ scope: ConfigScope) throws(DriverError) {
        for name in scope.allInterfaces where !Self.isInterface(name) {
            throw DriverError.unsupported(
                "'\(name)' is not sent as the name of an interface: expected letters, digits, and / - _ . : only")
        }
    }

    /// Whether a command line can take a name for nothing but a name.
    static func isInterface(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 100
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/-_.:".contains($0)) }
    }

    /// A command once for each interface, where it names one.
    static func filled(_ command: String, _ scope: ConfigScope) -> [String] {
        guard Placeholders.holds("interface", in: command) else { return [command] }
        return scope.allInterfaces.map { name in Placeholders.filled(command) { $0 == "interface" ? name : nil } }
    }
}

// Reading.
extension CLIDriver {
    /// Reads all there is to know, at home. Changes nothing.
    ///
    /// - Parameters:
    ///   - earlier: What was read on the same session in the same scope: who the device is stays the same, and its prompts show it.
    ///   - known: What was read on another. A configuration that is the same line by line is not made out anew.
    func read(
        _ scope: ConfigScope, on line: isolated CommandLine, after earlier: DeviceReading? = nil,
        like known: DeviceReading? = nil
    ) async throws(DriverError) -> DeviceReading {
        try check(scope)
        try await line.go(to: definition.home)
        var answers: [String: [String]] = [:]
        func answer(_ command: String, tolerating: Bool = false, on line: isolated CommandLine)
            async throws(DriverError) -> [String]
        {
            if let known = answers[command] { return known }
            let said = try await line.ask(command, tolerating: tolerating)
            guard said.complaint == nil else { return [] }
            answers[command] = said.lines
            return said.lines
        }
        func value(
            _ finding: PlatformDefinition.Finding?, tolerating: Bool = false, on line: isolated CommandLine
        ) async throws(DriverError) -> String? {
            guard let finding else { return nil }
            return DeviceReader.value(
                finding, in: try await answer(finding.command, tolerating: tolerating, on: line))
        }
        let effect = line.effect
        var observation: Observation
        if let earlier {
            observation = earlier.observation
        } else {
            guard let hostname = try await value(definition.identity.hostname, on: line) else {
                throw DriverError(
                    .garbledOutput, "'\(definition.identity.hostname?.command ?? "")' does not say its hostname",
                    effect: effect)
            }
            observation = Observation(hostname: hostname, config: DeviceConfig(sections: []))
            observation.firmware = try await value(definition.identity.firmware, on: line)
            observation.model = try await value(definition.identity.model, on: line)
            // Not every device of a platform has the command, nor every account the right to it.
            observation.serial = try await value(definition.identity.serial, tolerating: true, on: line)
        }
        var lines: [String] = []
        for command in definition.running {
            for filled in Self.filled(command, scope) { lines += try await answer(filled, on: line) }
        }
        let tree: ConfigTree
        if let same = [earlier, known].compactMap(\.self).first(where: { $0.lines == lines }) {
            (tree, observation.config) = (same.running, same.observation.config)
        } else {
            (tree, observation.config) = try await apart(lines.count) { [lines] () throws(DriverError) in
                let tree = try reader.tree(lines, effect: effect)
                do throws(DriverError) {
                    return (tree, try reader.sections(scope, of: tree))
                } catch {
                    throw DriverError(error.code, error.message, effect: effect)
                }
            }
        }
        let timer = try await pendingTimer(on: line)
        observation.pendingRevert = timer.map {
            PendingRevert(mark: $0.who ?? PendingRevert.unsigned, remaining: $0.remaining)
        }
        let changedBy = try await value(definition.changedBy, on: line)
        return DeviceReading(
            observation: observation, running: tree, lines: lines, timer: timer, changedBy: changedBy)
    }

    /// The timer that is pending; nil when the device says that none is.
    func pendingTimer(on line: isolated CommandLine) async throws(DriverError) -> PendingTimer? {
        guard let rules = definition.revertTimer else { return nil }
        let answer = try await line.run(rules.query, tolerating: true)
        if let timer = reader.timer(in: answer.lines) { return try await timed(timer, on: line) }
        if let complaint = answer.complaint, rules.none.map({ !$0.isFound(in: complaint) }) ?? true {
            throw DriverError(
                .refused,
                "whether a revert timer is pending cannot be known: to"
                    + " '\(rules.query.commands.last ?? "")' the device said \(complaint)", effect: line.effect)
        }
        return nil
    }
}
