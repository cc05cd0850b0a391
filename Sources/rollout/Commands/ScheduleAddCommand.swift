import ArgumentParser
import Foundation
import RolloutEngine

/// `rollout schedule add`: sets a schedule, in place of one of the same name.
struct ScheduleAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Set a schedule, in place of one of the same name.",
        discussion: """
            rollout schedule add tonight --plan tonight.plan --at '2026-11-27 22:00' --zone Europe/Paris
            rollout schedule add nightly --change policies/double.yaml -i inventories/gra --cron '30 22 * * mon-fri' \\
                --zone Europe/Paris --devices 40

            With --plan exactly that plan is carried out. With --change a plan is made anew each time, and carried out only if it \
            reaches no further than you approve now: no more devices, and no other datacentres and product ranges, than are \
            selected now. Waves keep to the windows and blackouts of their datacentres either way.
            """)

    @Argument(help: "A name for it.") var name: String
    @Option(help: "Carry out this plan file.", completion: .file()) var plan: String?
    @Option(help: "Make a plan from this change file each time.", completion: .file(extensions: ["yaml", "yml"]))
    var change: String?
    @OptionGroup var inventory: InventoryOptions
    @Option(help: "With --change: the most devices that may change; as many as are selected unless given.")
    var devices: Int?
    @Option(help: "Five fields: minute hour day-of-month month day-of-week.") var cron: String?
    @Option(help: "Once, at this local time: '2026-11-27 22:00'; or 'now'.") var at: String?
    @Flag(help: "Once, when the next window of a datacentre opens.") var inWindows = false
    @Option(help: "The time zone of --cron and --at, by its IANA name such as Europe/Paris.") var zone: String?
    @Option(help: "How late it may begin, if nobody could begin it in time.") var late = "1h"
    @Option(help: "Why; it is recorded with your name.") var reason: String?
    @Flag(name: .shortAndLong, help: "Do not ask.") var yes = false
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (plan == nil) != (change == nil) else { throw ValidationError("give --plan or --change") }
        guard [cron != nil, at != nil, inWindows].filter({ $0 }).count == 1 else {
            throw ValidationError("say when: --cron, --at or --in-windows")
        }
        guard devices == nil || change != nil else { throw ValidationError("--devices is for --change") }
    }

    func run() async throws {
        try await Command.run(output) {
            guard TextFormat<String>.name.parse(name) != nil else {
                throw CommandFailure(
                    .usage, "'\(SafeText.line(name))' is no name, expected \(TextFormat<String>.name.expected)")
            }
            guard let lateness = Timespan(late), lateness > .zero, lateness <= .minutes(7 * 24 * 60) else {
                throw CommandFailure(
                    .usage, "--late is '\(SafeText.line(late))', expected a length of time up to 7d such as 1h")
            }
            let now = SystemClock().now()
            let (meant, radius, places) = try work()
            let schedule = Schedule(
                name: ScheduleName(rawValue: name), work: meant, timing: try timing(places, now), lateness: lateness)
            try approve(schedule, radius)
            let store = try store.open()
            let entry = try await store.append(
                .scheduleSet(schedule), by: Wiring.user, reason: reason, after: nil, at: now)
            let its = ScheduleState(schedule: schedule, setAt: entry.at, setBy: entry.by)
            if output.json {
                show(try JSONOutput.pretty(its))
            } else if let first = its.nextOccurrence {
                show(
                    SafeText.line(
                        "schedule \(name) is due \(ScheduleText.clock(first, of: schedule)), if `rollout serve` runs then"
                    ))
            } else {
                say("schedule \(SafeText.line(name)) is never due")
            }
            return .done
        }
    }

    /// What is carried out, how far it reaches, and where.
    private func work() throws -> (Schedule.Work, BlastRadius, [Datacentre]) {
        if let plan {
            let file = try PlanIO.read(plan)
            if let refusal = file.plan.refusal { throw CommandFailure(.refused, refusal) }
            guard !file.plan.waves.isEmpty else {
                throw CommandFailure(.badInput, "\(SafeText.line(plan)): nothing to change")
            }
            return (
                .plan(path: Self.absolute(plan), digest: file.digest), BlastRadius(of: file.plan), file.plan.datacentres
            )
        }
        let change = change ?? ""
        let loaded = try inventory.load().inventory
        let file = try ChangeFile.load(change)
        var selected = try inventory.devices(of: loaded)
        if let selection = file.change.devices {
            let meant = Set(try loaded.devices(matching: selection).map(\.name))
            selected.removeAll { !meant.contains($0.name) }
        }
        guard !selected.isEmpty else {
            throw CommandFailure(
                .badInput, "no device is both in the change's selection and in -l: see rollout inventory list")
        }
        if let devices, devices < 1 { throw CommandFailure(.usage, "--devices is \(devices), expected at least 1") }
        let places = Set(selected.map(\.datacentre))
        let approved = BlastRadius(
            devices: devices ?? selected.count, datacentres: places.sorted(),
            ranges: Set(selected.map(\.range)).sorted())
        let inputs = PlanInputs(
            change: Self.absolute(change), inventory: Self.absolute(try inventory.folder()), limit: inventory.limit)
        var datacentres = loaded.datacentres.filter { places.contains($0.name) }
        for index in datacentres.indices {
            datacentres[index].blackouts = (datacentres[index].blackouts ?? []) + (file.policy.freezes ?? [])
        }
        return (.anew(inputs, approved: approved), approved, datacentres)
    }

    private func timing(_ places: [Datacentre], _ now: Instant) throws -> Schedule.Timing {
        if inWindows { return .windows(places) }
        if at == "now" { return .once(now) }
        guard let zone, TimeZone(identifier: zone) != nil else {
            throw CommandFailure(
                .usage,
                zone.map { "there is no time zone '\(SafeText.line($0))', expected an IANA name such as Europe/Paris" }
                    ?? "say in which time zone: --zone Europe/Paris")
        }
        if let cron {
            do { return .cron(try CronExpression(cron), zone: zone) } catch {
                throw CommandFailure(.usage, "--cron: \(error)")
            }
        }
        let text = at ?? ""
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 2, let day = CalendarDay(words[0]),
            let minute = TextFormat<Int>.minuteOfDay.parse(words[1]),
            let instant = MaintenanceCalendar.instant(of: day, minute: minute, in: zone)
        else {
            throw CommandFailure(
                .usage, "--at is '\(SafeText.line(text))', expected a local time such as '2026-11-27 22:00', or now")
        }
        guard instant > now else {
            throw CommandFailure(.usage, "--at is '\(SafeText.line(text))', which is over: it was \(instant)")
        }
        return .once(instant)
    }

    /// Shows what is at stake and asks for the number of devices, so that nobody says yes to something else.
    private func approve(_ schedule: Schedule, _ radius: BlastRadius) throws {
        say(SafeText.line("\(schedule.name): \(ScheduleText.work(schedule)), \(ScheduleText.timing(schedule))"))
        let places = radius.datacentres.map(\.rawValue).joined(separator: ", ")
        let ranges = radius.ranges.map(\.rawValue).joined(separator: ", ")
        say(SafeText.line("at most \(radius.devices) devices in \(places), of \(ranges), with nobody looking on"))
        if yes { return }
        guard Terminal.canAsk else {
            throw CommandFailure(.refused, "nobody can be asked here: give --yes to schedule without asking")
        }
        FileHandle.standardError.write(Data("Type the number of devices to go on: ".utf8))
        guard readLine()?.trimmingCharacters(in: .whitespaces) == "\(radius.devices)" else {
            throw CommandFailure(.refused, "not scheduled: the answer was not \(radius.devices)")
        }
    }

    private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}
