import Foundation
import RolloutEngine

/// Names the process that drives a rollout, so that another process on the same machine can tell whether it still lives.
struct LeaseHolder: CustomStringConvertible {
    /// The person.
    let user: String
    /// The machine.
    let machine: String
    /// The process.
    let process: Int32
    /// When the process began, in the kernel's clock ticks since boot: process numbers are used again.
    let startTicks: UInt64
    /// Since which boot and in which PID namespace the process number means anything.
    let place: String

    /// This process.
    static var current: LeaseHolder {
        let process = ProcessInfo.processInfo.processIdentifier
        return LeaseHolder(
            user: Wiring.user, machine: ProcessInfo.processInfo.hostName, process: process,
            startTicks: startTicks(of: process) ?? 0, place: herePlace)
    }

    private init(user: String, machine: String, process: Int32, startTicks: UInt64, place: String) {
        self.user = user
        self.machine = machine
        self.process = process
        self.startTicks = startTicks
        self.place = place
    }

    /// Reads what `description` writes; nil for anything else.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 5, words[1] == "pid", words[3] == "start", let process = Int32(words[2]),
            let cut = words[4].firstIndex(of: "@"), let ticks = UInt64(words[4][..<cut]),
            let at = words[0].lastIndex(of: "@")
        else { return nil }
        self.init(
            user: String(words[0][..<at]), machine: String(words[0][words[0].index(after: at)...]), process: process,
            startTicks: ticks, place: String(words[4][words[4].index(after: cut)...]))
    }

    /// `alice@bastion pid 4711 start 123456@9f3ac2d1`.
    var description: String { "\(user)@\(machine) pid \(process) start \(startTicks)@\(place)" }

    /// Whether the process is certainly gone: it was on this machine, since this boot and among these processes, and no such
    /// process lives here. Of a machine or container that merely has the same name nothing can be said.
    var isGone: Bool {
        guard machine == ProcessInfo.processInfo.hostName, place == Self.herePlace else { return false }
        if let ticks = Self.startTicks(of: process) { return ticks != startTicks }
        // What is not shown may only be hidden from us: processes of others are, where /proc is mounted with hidepid.
        return Self.isShown(process) || kill(process, 0) != 0 && errno == ESRCH
    }

    private static func isShown(_ process: Int32) -> Bool {
        FileManager.default.fileExists(atPath: "/proc/\(process)/stat")
    }

    /// proc(5) and pid_namespaces(7); of what cannot be read nothing is ever certain.
    private static var herePlace: String {
        guard let boot = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id"),
            let namespace = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        else { return UUID().uuidString }
        return String(Digest(of: boot + Data(namespace.utf8)).hexadecimal.prefix(8))
    }

    /// Field 22 of /proc/PID/stat (proc(5)); nil when there is no such process.
    private static func startTicks(of process: Int32) -> UInt64? {
        guard let stat = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return nil }
        // The second field, the program's name, may hold anything: count from its closing parenthesis.
        let fields = String(decoding: stat, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        // A zombie has ended; only its parent has not looked yet.
        guard fields.count > 19, fields[0] != "Z" else { return nil }
        return UInt64(fields[19])
    }
}

extension Lease {
    /// The lease if somebody may still hold it; nil when it ran out or its holder is certainly gone.
    func living(at now: Instant) -> Lease? {
        guard !hasRunOut(at: now), !(LeaseHolder(holder)?.isGone ?? false) else { return nil }
        return self
    }
}
