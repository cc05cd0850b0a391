import CLinux
import Glibc
import Synchronization

/// The one thread on which everything of libsnmp happens: a serial executor that also waits for datagrams and deadlines.
///
/// libsnmp has no locks and keeps state in global variables, so this is one thread for the whole process, however many
/// counter sources there are. It starts with the first and never ends.
final class SNMPThread: SerialExecutor {
    /// The thread.
    static let shared = SNMPThread()

    private struct Watcher: Sendable {
        var descriptor: Int32
        var onReadable: @Sendable () -> Void
    }

    private struct Alarm: Sendable {
        var owner: ObjectIdentifier
        var at: UInt64
        var onDue: @Sendable () -> Void
    }

    private struct Inbox: Sendable {
        var jobs: [UnownedJob] = []
        var watchers: [Watcher] = []
        var alarms: [Alarm] = []
        /// Whether the thread may be asleep, so that news has to ring the bell.
        var isAsleep = false
    }

    private let inbox = Mutex(Inbox())
    /// Wakes the thread. When the process is out of descriptors there is none, and the thread looks by itself, often.
    private let bell: Int32
    private let thread = Atomic<UInt>(0)

    private init() {
        bell = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        var handle = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(
            &handle, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<SNMPThread>.fromOpaque(context).takeRetainedValue().run()
            }, context)
        precondition(status == 0, "no thread for SNMP: \(String(cString: strerror(status)))")
        pthread_detach(handle)
    }

    // MARK: Executor

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        tell { $0.jobs.append(job) }
    }

    func checkIsolated() { precondition(isCurrent, "libsnmp is used off its thread") }

    func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    // MARK: Descriptors and deadlines

    /// Calls `onReadable` on this thread whenever there is something to read, until `unwatch`.
    func watch(_ descriptor: Int32, onReadable: @escaping @Sendable () -> Void) {
        tell { $0.watchers.append(Watcher(descriptor: descriptor, onReadable: onReadable)) }
    }

    /// Forgets a descriptor. Call it before the descriptor is closed.
    func unwatch(_ descriptor: Int32) { tell { $0.watchers.removeAll { $0.descriptor == descriptor } } }

    /// Calls `onDue` on this thread once, at `instant` on `monotonicNow`'s scale. Replaces the owner's earlier alarm.
    func setAlarm(of owner: ObjectIdentifier, at instant: UInt64, onDue: @escaping @Sendable () -> Void) {
        tell {
            $0.alarms.removeAll { $0.owner == owner }
            $0.alarms.append(Alarm(owner: owner, at: instant, onDue: onDue))
        }
    }

    /// Forgets an owner's alarm.
    func clearAlarm(of owner: ObjectIdentifier) { tell { $0.alarms.removeAll { $0.owner == owner } } }

    /// Nanoseconds of a clock that nobody sets.
    static var monotonicNow: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Changes the inbox, and wakes the thread when it may not look by itself.
    private func tell(_ change: (inout Inbox) -> Void) {
        let mustWake = inbox.withLock { inbox in
            change(&inbox)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        guard mustWake, bell >= 0 else { return }
        var one: UInt64 = 1
        _ = write(bell, &one, MemoryLayout<UInt64>.size)
    }

    // MARK: Loop

    private func run() -> Never {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        var polled: [pollfd] = []
        while true {
            for job in takeJobs() { job.runSynchronously(on: asUnownedSerialExecutor()) }
            let (watchers, wait) = prepareToWait()
            polled.removeAll(keepingCapacity: true)
            polled.append(pollfd(fd: bell, events: Int16(POLLIN), revents: 0))
            for watcher in watchers {
                polled.append(pollfd(fd: watcher.descriptor, events: Int16(POLLIN), revents: 0))
            }
            let ready = poll(&polled, nfds_t(polled.count), wait)
            inbox.withLock { $0.isAsleep = false }
            if ready > 0 {
                if polled[0].revents != 0 {
                    var rings: UInt64 = 0
                    _ = read(bell, &rings, MemoryLayout<UInt64>.size)
                }
                for (watcher, event) in zip(watchers, polled.dropFirst()) where event.revents != 0 {
                    watcher.onReadable()
                }
            }
            for alarm in takeDueAlarms() { alarm.onDue() }
        }
    }

    private func takeJobs() -> [UnownedJob] {
        inbox.withLock { inbox in
            var jobs: [UnownedJob] = []
            swap(&jobs, &inbox.jobs)
            return jobs
        }
    }

    /// What to wait for, and for how many milliseconds; not at all when there is work.
    private func prepareToWait() -> ([Watcher], Int32) {
        inbox.withLock { inbox in
            guard inbox.jobs.isEmpty else { return (inbox.watchers, 0) }
            inbox.isAsleep = true
            guard let first = inbox.alarms.map(\.at).min() else { return (inbox.watchers, bell < 0 ? 10 : -1) }
            let now = Self.monotonicNow
            let milliseconds = first <= now ? 0 : Int32(clamping: (first - now + 999_999) / 1_000_000)
            return (inbox.watchers, bell < 0 ? min(milliseconds, 10) : milliseconds)
        }
    }

    private func takeDueAlarms() -> [Alarm] {
        inbox.withLock { inbox in
            guard !inbox.alarms.isEmpty else { return [] }
            let now = Self.monotonicNow
            let due = inbox.alarms.filter { $0.at <= now }
            if !due.isEmpty { inbox.alarms.removeAll { $0.at <= now } }
            return due
        }
    }
}
