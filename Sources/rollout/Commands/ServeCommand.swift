import ArgumentParser
import DeviceDrivers
import Foundation
import RolloutEngine
import RolloutStore
import RolloutWeb

/// `rollout serve`: the service that carries out schedules and drives rollouts.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Carry out schedules, and drive every rollout that wants driving, until told to end.",
        discussion: """
            SIGTERM and Ctrl-C finish what is under way on devices, write it down, give the leases back, and leave with 0. \
            Started by systemd, it says when it is ready and that it lives; see deploy/systemd.
            """)

    @Flag(help: "Serve the web page and the HTTP interface too; see `rollout web --help`.") var page = false
    @Option(
        help: "Tell what happens over the channels in this file; see docs/notifications.md.",
        completion: .file(extensions: ["yaml", "yml"]))
    var notify: String?
    @OptionGroup var web: WebOptions
    @OptionGroup var retention: RetentionOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let maintenance = try self.store.maintenance()
            let store = try store.open()
            let holder = LeaseHolder.current.description
            let clock = SystemClock()
            let verbosity = output.verbose
            let served = page ? try WebServer(store: store, settings: try web.settings(), clock: clock) : nil
            let log: @Sendable (String) -> Void = { say(SafeText.line($0)) }
            var components: [any ServedComponent] = served.map { [ServedPage(server: $0)] } ?? []
            if let wanted = retention.wanted, maintenance.keepsDays {
                components.append(
                    ServedRetention(maintenance: maintenance, retention: wanted, clock: clock, log: log))
            }
            if let notify {
                components.append(
                    NoticeTeller(
                        store: store, clock: clock, holder: holder, settings: try NoticeChannels.load(notify),
                        sender: HookSender(secrets: EnvironmentAndFileSecrets()), log: log))
            }
            let daemon = ServeDaemon(
                store: store, clock: clock, settings: ServeDaemon.Settings(holder: holder),
                starter: ScheduleStarter(store: store, clock: clock, holder: holder) { inputs in
                    try await PlanMaker(options: PlanCommand.parse(inputs.arguments)).make()
                },
                reach: { plan, earliest in
                    try Wiring.fleet(
                        plan.policy.management, devices: plan.devices.map(\.device), notBefore: earliest,
                        verbosity: verbosity)
                },
                components: components,
                notifier: SystemdNotifier(ProcessInfo.processInfo.environment),
                log: log)
            let interrupts = Interrupts { count in
                if count > 1 { Foundation.exit(ExitStatus.detached.rawValue) }
                say("ending: what is under way on devices is finished first; once more to end at once")
                daemon.stop()
            }
            defer { interrupts.stop() }
            let started = Task {
                try await Task.sleep(for: .seconds(5))
                StartupCode.giveBack()
            }
            defer { started.cancel() }
            say("serving as \(SafeText.line(holder))")
            if let served { say("the page is at http://\(web.host):\(served.port)/") }
            try await daemon.run()
            return .done
        }
    }
}

extension PlanInputs {
    /// As `rollout plan` takes them.
    var arguments: [String] { [change, "--inventory", inventory] + (limit.map { ["--limit", $0] } ?? []) }
}
