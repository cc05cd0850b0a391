import RolloutEngine

/// BIRD on a Linux device: where it is asked, and which files are its configuration. Pure.
///
/// A change of its files is loaded with BIRD's own timer (`configure timeout`): it goes back to what it ran before unless it is
/// told to stay, whatever becomes of us. The files are put back by the revert timer that all of Linux has.
struct BirdDaemon: Hashable, Sendable {
    /// The control socket; nil for the one that `birdc` knows.
    let socket: String?
    /// The folder of its configuration.
    let folder: String

    /// What stands before the lines of a file that was changed after BIRD has read its files last.
    static let notLoaded = "not loaded by BIRD"

    /// BIRD where the variables `bird_socket` and `bird_folder` of a device say.
    ///
    /// - Throws: `DriverError` with `.unsupported` when one is not an absolute path.
    init(on device: Device) throws(DriverError) {
        func path(_ name: String) throws(DriverError) -> String? {
            guard let path = device.variables[name]?.description else { return nil }
            guard ShellText.isPath(path) else {
                throw DriverError(
                    .unsupported, "\(device.name): \(name) '\(path)' is not an absolute path", effect: .none)
            }
            return path
        }
        socket = try path("bird_socket")
        folder = try path("bird_folder") ?? "/etc/bird"
    }

    /// Whether a file is a part of its configuration.
    func owns(_ path: String) -> Bool { path.hasPrefix(folder + "/") }

    /// `bird`, `bird_load`.
    var functions: String {
        #"""
        # bird WORDS...: tells BIRD one command.
        bird() { birdc \#(socket.map { "-s \(ShellText.quoted($0)) " } ?? "")"$@"; }
        # bird_load [timeout SECONDS]: has BIRD read its files again, and waits until it runs them. Ends a timer of BIRD's own.
        bird_load() {
          heard=$(bird configure "$@" 2>&1); failed=$?
          printf '%s\n' "$heard" | grep -v -e '^BIRD .* ready\.$' -e '^Reading configuration from '
          [ "$failed" = 0 ] || return "$failed"
          tries=0
          until bird configure status | grep -q '^Daemon is up and running'; do
            tries=$((tries+1))
            if [ "$tries" -gt 100 ]; then echo 'it is still reconfiguring'; return 1; fi
            sleep 0.1 2>/dev/null || sleep 1
          done
        }
        """#
    }

    /// What a reading asks for, of its files in scope.
    func questions(_ files: [String]) -> [String] {
        [
            "ask 'bird status' bird show status", "ask 'bird timer' bird configure status",
            #"loaded=$(bird show status 2>/dev/null | sed -n 's/^Last reconfiguration on \(....-..-.. ..:..:..\).*/\1/p')"#,
            #"ask 'bird loaded' date -d "${loaded:-never}" +%s"#,
        ] + files.filter(owns).map { "ask \(ShellText.quoted("changed \($0)")) stat -c %Y \(ShellText.quoted($0))" }
    }
}

/// What BIRD said in one reading. Pure.
struct BirdReading: Hashable, Sendable {
    /// `BIRD 2.0.12`.
    let version: String?
    /// When it last read its files, in seconds since 1970.
    let loaded: UInt64
    /// How long until it goes back by itself; nil when nothing is unconfirmed.
    let undo: Timespan?

    /// The mark of its own timer when no timer of ours is beside it.
    static let foreignMark = "a reconfiguration of BIRD that nobody has confirmed"

    /// Understands the answers to `BirdDaemon.questions`.
    ///
    /// - Throws: `DriverError` with `.unsupported` when BIRD cannot be asked; `ShellReport.Garbled` for what it never says.
    init(_ report: ShellReport) throws {
        let (status, timer, loaded) = (
            try report.entry("bird status"), try report.entry("bird timer"), try report.entry("bird loaded")
        )
        for answer in [status, timer] where answer.status != 0 {
            throw DriverError(
                .unsupported,
                "birdc cannot ask BIRD (status \(answer.status)): \(answer.text.prefix(200)); needed are BIRD 2 running, and"
                    + " the rights to its control socket (bird_socket)", effect: .none)
        }
        guard loaded.status == 0, let seconds = UInt64(loaded.text) else {
            throw DriverError(
                .unsupported,
                "BIRD does not show when it read its files as 2026-01-31 12:00:00; needed is 'timeformat base iso long'",
                effect: .none)
        }
        self.loaded = seconds
        version = status.text.split(separator: "\n").map(String.init).last {
            $0.hasPrefix("BIRD ") && !$0.hasSuffix(" ready.")
        }
        let unconfirmed = timer.text.split(separator: "\n").first { $0.hasPrefix("Configuration unconfirmed") }
        guard let unconfirmed else {
            undo = nil
            return
        }
        let words = unconfirmed.split(separator: " ")
        guard words.count == 6, words.last == "s", let left = Double(words[4]), (0...1e9).contains(left) else {
            throw ShellReport.Garbled(what: "BIRD's timer cannot be read: \(unconfirmed.prefix(100))")
        }
        undo = .milliseconds(Int64(left * 1000))
    }

    /// Whether it has read a file since that was changed.
    ///
    /// - Throws: `ShellReport.Garbled` when the answer is no time.
    func hasLoaded(_ path: String, _ report: ShellReport) throws(ShellReport.Garbled) -> Bool {
        let changed = try report.entry("changed \(path)")
        guard changed.status == 0 else { return true }
        guard let seconds = UInt64(changed.text) else {
            throw ShellReport.Garbled(what: "\(path): its time cannot be read")
        }
        return seconds <= loaded
    }
}
