import Foundation

/// What this process used so far.
public struct ProcessUsage {
    /// CPU seconds of all its threads.
    public let cpuSeconds: Double
    /// The most memory it had, in KiB.
    public let peakKilobytes: Int

    /// Reads it now. Not by getrusage: its type depends on what else was imported.
    public init() {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        cpuSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        peakKilobytes = peak?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }

    /// A number with so many digits after the point.
    public static func shown(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
