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

    /// This process.
    static var current: LeaseHolder {
        let process = ProcessInfo.processInfo.processIdentifier
        return LeaseHolder(
            user: Wiring.user, machine: ProcessInfo.processInfo.hostName, process: process,
            startTicks: startTicks(of: process) ?? 0)
    }

    private init(user: String, machine: String, process: Int32, startTicks: UInt64) {
        self.user = user
        self.machine = machine
        self.process = process
        self.startTicks = startTicks
    }

    /// Reads what `description` writes; nil for anything else.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 5, words[1] == "pid", words[3] == "start", let process = Int32(words[2]),
            let ticks = UInt64(words[4]), let at = words[0].lastIndex(of: "@")
        else { return nil }
        self.init(
            user: String(words[0][..<at]), machine: String(words[0][words[0].index(after: at)...]), process: process,
            startTicks: ticks)
    }

    /// `alice@bastion pid 4711 start 123456`.
    var description: String { "\(user)@\(machine) pid \(process) start \(startTicks)" }

    /// Whether the process is certainly gone: it was on this machine, and no such process lives here.
    var isGone: Bool {
        guard machine == ProcessInfo.processInfo.hostName else { return false }
        return Self.startTicks(of: process) != startTicks
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
