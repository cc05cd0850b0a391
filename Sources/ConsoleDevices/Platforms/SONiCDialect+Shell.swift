/// The Linux beneath: one-shot commands of `sonic-cli`, and transient timers of systemd.
///
/// Source: systemd-run(1), systemctl(1). What else a shell can do is not there.
extension SONiCDialect {
    static func shell(_ line: String, _ turn: inout Turn) {
        let words = words(of: line, user: turn.session.user)
        switch words.prefix(2) {
        case ["sonic-cli"]: turn.session.mode = .privileged
        case ["exit"], ["logout"]: turn.hangUp()
        case ["sonic-cli", "-c"]: obey(options("-c", in: words), &turn)
        case ["sudo", "-n"]: act(Array(words.dropFirst(2)), &turn)
        case ["systemctl", "list-timers"]: listTimers(&turn)
        case ["systemctl", "show"]: show(words, &turn)
        default: turn.fail("-bash: \(words.first ?? ""): command not found")
        }
    }

    /// What only root may do.
    private static func act(_ words: [String], _ turn: inout Turn) {
        guard !turn.isRefused("sudo \(words.joined(separator: " "))") else {
            return turn.fail("sudo: a password is required")
        }
        switch words.prefix(2) {
        case ["true"]: break
        case ["systemctl", "stop"]:
            let unit = words.last ?? ""
            guard turn.device.jobs.contains(where: { "\($0.name).timer" == unit }) else {
                return turn.fail("Failed to stop \(unit): Unit \(unit) not loaded.")
            }
            turn.device.jobs.removeAll { "\($0.name).timer" == unit }
        case ["systemctl", "start"]:
            let unit = words.last ?? ""
            guard let job = turn.device.jobs.first(where: { "\($0.name).service" == unit }) else {
                return turn.fail("Failed to start \(unit): Unit \(unit) not found.")
            }
            turn.dialect.run(job, &turn.device, at: turn.now)
        default:
            guard words.first == "systemd-run" else {
                return turn.fail("sudo: \(words.first ?? ""): command not found")
            }
            schedule(words, &turn)
        }
    }

    private static func schedule(_ words: [String], _ turn: inout Turn) {
        func value(_ option: String) -> String? {
            words.first { $0.hasPrefix("--\(option)=") }.map { String($0.dropFirst(option.count + 3)) }
        }
        guard let unit = value("unit"), let seconds = value("on-active").flatMap({ Int($0) }),
            let command = words.firstIndex(of: "env"), words.contains("sonic-cli")
        else { return turn.fail("Failed to parse arguments") }
        guard !turn.device.jobs.contains(where: { $0.name == unit }) else {
            return turn.fail("Failed to start transient timer unit: Unit \(unit).timer already exists.")
        }
        switch turn.scheduling() {
        case .refused: return turn.fail("Failed to start transient timer unit: Access denied")
        case .lost: break
        case .kept:
            turn.device.jobs.append(
                ScheduledJob(
                    name: unit, start: turn.clock.after(seconds: seconds), seconds: 0,
                    script: words[command...].joined(separator: "\n")))
        }
        turn.say("Running timer as unit: \(unit).timer", "Will run service as unit: \(unit).service")
    }

    private static func listTimers(_ turn: inout Turn) {
        for job in turn.device.jobs {
            turn.say(SystemdTimers.row(of: job.name, due: job.start, at: turn.clock, past: "n/a n/a"))
        }
    }

    private static func show(_ words: [String], _ turn: inout Turn) {
        guard let job = turn.device.jobs.first(where: { "\($0.name).service" == words[2] }) else {
            return turn.say("ExecStart=")
        }
        let arguments = job.script.replacing("\n", with: " ")
        turn.say("ExecStart={ path=/usr/bin/env ; argv[]=/usr/bin/\(arguments) ; ignore_errors=no ; pid=0 }")
    }

    // MARK: Jobs

    var schedulerCounts: Bool { true }

    func schedules(of device: ConsoleDevice) -> [ScheduledJob] { device.jobs.filter { $0.lastRun == nil } }

    func run(_ job: ScheduledJob, _ device: inout ConsoleDevice, at moment: Moment) {
        let session = ConsoleSession(id: 0, user: "admin", restarts: device.restarts, width: 0, height: 0)
        var turn = Turn(device: device, session: session, now: moment, faults: ConsoleFaults())
        let words = job.script.split(separator: "\n").map(String.init)
        Self.obey(Self.options("-c", in: words), &turn)
        device = turn.device
        device.note("\(job.name).service ran", by: "system", at: moment)
    }

    /// What `sonic-cli` is told by its options, one after another; a mistake does not keep it from the next.
    private static func obey(_ lines: [String], _ turn: inout Turn) {
        let mode = turn.session.mode
        turn.session.mode = .privileged
        // It makes pages all the same: drivers have to bear either.
        for line in lines { turn.command(line.replacing(" | no-more", with: "")) }
        turn.session.mode = mode
        turn.session.levels = []
    }

    private static func options(_ name: String, in words: [String]) -> [String] {
        zip(words, words.dropFirst()).filter { $0.0 == name }.map(\.1)
    }

    /// The words of a line as a shell takes it apart: by blanks, but for those in quotes.
    private static func words(of line: String, user: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in line.replacing("$(id -un)", with: user) {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " ", quote == nil {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}
