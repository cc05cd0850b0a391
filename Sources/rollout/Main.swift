import ArgumentParser
import Foundation

/// The process.
@main
enum Main {
    static func main() async {
        // A reader that goes away (`rollout apply … | head`) is no reason to leave devices alone.
        signal(SIGPIPE, SIG_IGN)
        // What is in memory are also communities and passphrases, which a core file would keep.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        raiseOpenFiles()
        await Rollout.main()
    }

    /// As many files at once as may be had, up to 65,536: shells and systemd allow 1,024 unless asked, and each session is one.
    private static func raiseOpenFiles() {
        var files = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 else { return }
        files.rlim_cur = max(files.rlim_cur, min(files.rlim_max, 65_536))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
    }
}

/// The command line.
struct Rollout: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout",
        abstract: "Change the bandwidth of a whole fleet in waves, watched by its own traffic.",
        version: Wiring.version,
        groupedSubcommands: [
            CommandGroup(
                name: "Prepare",
                subcommands: [
                    DoctorCommand.self, InventoryCommand.self, LintCommand.self, HostkeyCommand.self, PlanCommand.self,
                    ShowCommand.self, RehearseCommand.self, GateCommand.self, PlatformsCommand.self,
                ]),
            CommandGroup(
                name: "Carry out",
                subcommands: [
                    ApplyCommand.self, WatchCommand.self, PauseCommand.self, ResumeCommand.self, PromoteCommand.self,
                    ApproveCommand.self, RetryCommand.self, RollbackCommand.self, AbortCommand.self,
                    StopTheLineCommand.self,
                    ReleaseTheLineCommand.self,
                ]),
            CommandGroup(
                name: "Unattended", subcommands: [ScheduleCommand.self, ServeCommand.self, ForecastCommand.self]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    StatusCommand.self, ListCommand.self, EventsCommand.self, HistoryCommand.self, ExplainCommand.self,
                    DriftCommand.self, LockCommand.self, AuditCommand.self,
                ]),
            CommandGroup(name: "Serve", subcommands: [WebCommand.self, TokenCommand.self, NotifyCommand.self]),
            CommandGroup(name: "Keep", subcommands: [DatabaseCommand.self, StoreCommand.self]),
            CommandGroup(name: "Beside", subcommands: [LabCommand.self, CompletionCommand.self, VersionCommand.self]),
        ])
}
