import CLinux
import Glibc
import Synchronization

/// One thread that runs actors and waits for their sockets: epoll as a `SerialExecutor`.
///
/// An actor that returns a reactor as its executor does all its work on the reactor's thread, so foreign code that must not
/// be entered twice needs no locks, and thousands of sockets need one thread. Waits end by readiness, deadline, wake or
/// stop; each has a number that is never used again, so a late wake or deadline of one wait cannot end another. Sockets are
/// watched by level: a wait may end as ready a moment too early, never too late. Whoever closes a socket calls `forget` first.
package final class Reactor: SerialExecutor, @unchecked Sendable {
    // @unchecked: `tasks` is set up before anybody else has it, and everything below `inbox` is touched only by the loop's thread,
    // which `preconditionOnLoop` enforces.

    /// What a socket is waited for.
    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// Bytes, or the end of them, can be read.
        package static let read = Interest(rawValue: EPOLLIN.rawValue)
        /// Bytes can be written.
        package static let write = Interest(rawValue: EPOLLOUT.rawValue)
    }

    /// A socket and what it is waited for.
    package struct Source: Sendable {
        let fd: CInt
        let interest: Interest

        package init(_ fd: CInt, _ interest: Interest) {
            self.fd = fd
            self.interest = interest
        }
    }

    /// How a wait ended.
    package enum Outcome: Sendable {
        /// The socket is ready, or has an error that the next call on it will tell.
        case ready
        /// Somebody ended the wait by its number.
        case woken
        /// The deadline passed.
        case expired
        /// The reactor was stopped.
        case stopped
    }

    private struct Watch {
        var interest: Interest
        var registration: UInt64
    }

    private struct Job {
        var job: UnownedJob
        /// Set for steps of tasks that prefer to run here.
        var executor: UnownedTaskExecutor?
    }

    private struct Inbox {
        var jobs: [Job] = []
        var wakes: [UInt64] = []
        var isStopping = false
        var isAsleep = false
        var isEmpty: Bool { jobs.isEmpty && wakes.isEmpty && !isStopping }
    }

    /// For tasks that should run here from one step to the next, whatever actor they are at.
    package let tasks = Tasks()

    private let epoll: CInt
    private let bell: CInt
    private let name: String
    private let inbox = Mutex(Inbox())

    private var thread = pthread_t()
    private var jobs: [Job] = []
    /// Those that run now.
    private var batch: [Job] = []
    private var waiters: [UInt64: UnsafeContinuation<Outcome, Never>] = [:]
    private var deadlines = DeadlineQueue()
    /// By file descriptor, what epoll watches it for and who waits; nil when epoll does not have it.
    private var watched: [Watch?] = []
    private var lastRegistration: UInt64 = 0
    private var hasStopped = false
    /// A buffer for reads that are copied from at once.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 * 1024, alignment: 16)

    /// Starts the thread.
    package init(name: String) {
        self.name = name
        epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
        bell = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(
            epoll >= 0 && bell >= 0, "no epoll or eventfd: errno \(errno); is the limit of open files too low?")
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: 0))
        epoll_ctl(epoll, EPOLL_CTL_ADD, bell, &event)
        tasks.reactor = self

        // The thread holds the reactor for as long as it runs, which is until the process ends: actors on it hold an unowned
        // executor, and one that outlived its thread could never run again, not even to close its socket.
        let box = Unmanaged.passRetained(self)
        let status = inbox.withLock { _ in
            // The new thread begins by taking this lock: `thread` is set before either side uses it.
            pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<Reactor>.fromOpaque(argument).takeRetainedValue().run()
                }, box.toOpaque())
        }
        precondition(status == 0, "no thread for a reactor: error \(status)")
    }

    // MARK: Executor

    /// Takes a job from any thread.
    package func enqueue(_ job: consuming ExecutorJob) { take(Job(job: UnownedJob(job))) }

    /// A reactor as a task's preferred executor.
    ///
    /// Not the reactor itself, as that could not tell the two kinds of steps apart: one of a task that prefers to run here has to be
    /// run as such, or the task leaves its thread and comes back at each call of an actor.
    package final class Tasks: TaskExecutor, @unchecked Sendable {
        /// Its reactor, which lives until the process ends.
        fileprivate unowned(unsafe) var reactor: Reactor?

        /// Takes a step from any thread.
        package func enqueue(_ job: consuming ExecutorJob) {
            guard let reactor else { preconditionFailure("a step before there is a reactor") }
            reactor.take(Job(job: UnownedJob(job), executor: asUnownedTaskExecutor()))
        }
    }

    private func take(_ job: Job) {
        if isOnLoop {
            jobs.append(job)
            return
        }
        ring { $0.jobs.append(job) }
    }

    /// The reactor as an actor's executor.
    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Traps unless called on the loop's thread.
    package func checkIsolated() { preconditionOnLoop() }

    /// Traps unless called on the loop's thread.
    package func preconditionOnLoop() { precondition(isOnLoop, "off the reactor's thread") }

    private var isOnLoop: Bool { pthread_equal(pthread_self(), thread) != 0 }

    // MARK: Waiting

    /// Ends every wait, now and later, with `.stopped`. Jobs go on, so that actors can close what they hold.
    package func stop() { ring { $0.isStopping = true } }

    /// Ends one wait with `.woken`, from any thread; nothing if it has ended.
    package func wake(_ registration: UInt64) {
        if isOnLoop { finish(registration, .woken) } else { ring { $0.wakes.append(registration) } }
    }

    /// A number for the next wait. On the loop's thread only.
    package func makeRegistration() -> UInt64 {
        preconditionOnLoop()
        lastRegistration += 1
        return lastRegistration
    }

    /// Resumes the continuation once: when one of the sources is ready, when woken, or at the deadline.
    ///
    /// On the loop's thread only.
    package func park(
        _ continuation: UnsafeContinuation<Outcome, Never>, as registration: UInt64, sources: [Source],
        until deadline: Deadline
    ) {
        preconditionOnLoop()
        guard !hasStopped else { return continuation.resume(returning: .stopped) }
        waiters[registration] = continuation
        deadlines.insert(registration, at: deadline)
        for source in sources { arm(source, registration) }
    }

    /// Forgets a socket that is about to be closed. On the loop's thread only.
    package func forget(_ fd: CInt) {
        preconditionOnLoop()
        guard Int(fd) < watched.count, watched[Int(fd)] != nil else { return }
        watched[Int(fd)] = nil
        epoll_ctl(epoll, EPOLL_CTL_DEL, fd, nil)
    }

    /// Lets a wait hear of a socket. A socket stays in epoll from one wait to the next: most waits are for the same thing as
    /// the one before, and then cost no call.
    private func arm(_ source: Source, _ registration: UInt64) {
        let index = Int(source.fd)
        if index >= watched.count { watched.append(contentsOf: repeatElement(nil, count: index + 1 - watched.count)) }
        let before = watched[index]
        watched[index] = Watch(interest: source.interest, registration: registration)
        guard before?.interest != source.interest else { return }
        var event = epoll_event(events: source.interest.rawValue, data: epoll_data_t(u64: UInt64(index) + 1))
        // A socket that cannot be watched (closed under us) is "ready": the next call on it says what is wrong.
        if epoll_ctl(epoll, before == nil ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, source.fd, &event) != 0 {
            watched[index] = nil
            finish(registration, .ready)
        }
    }

    private func isReady(_ fd: Int) {
        guard let registration = watched[fd]?.registration else { return }
        // Nobody listens right now: epoll would say it again and again.
        if waiters[registration] == nil { forget(CInt(fd)) } else { finish(registration, .ready) }
    }

    private func finish(_ registration: UInt64, _ outcome: Outcome) {
        guard let waiter = waiters.removeValue(forKey: registration) else { return }
        waiter.resume(returning: outcome)
    }

    // MARK: The loop

    private func ring(_ change: (inout Inbox) -> Void) {
        let wasAsleep = inbox.withLock { inbox in
            change(&inbox)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        guard wasAsleep else { return }
        var one: UInt64 = 1
        _ = write(bell, &one, 8)
    }

    private func run() -> Never {
        inbox.withLock { _ in }
        clinux_name_thread(name)
        let capacity = 256
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
        while true {
            runJobs()
            let count = epoll_wait(epoll, events, CInt(capacity), sleepTime())
            if count > 0 {
                for index in 0..<Int(count) {
                    let mark = events[index].data.u64
                    if mark == 0 { silence() } else { isReady(Int(mark) - 1) }
                }
            }
            takeInbox()
            expire()
        }
    }

    /// Runs the jobs and those that they add, which are mostly the next steps of the same tasks, for some rounds: asking for
    /// sockets after every step would be a system call a step. Then sockets and deadlines have their turn.
    private func runJobs() {
        for _ in 0..<Self.roundsBetweenLooks where !jobs.isEmpty {
            swap(&jobs, &batch)
            defer { batch.removeAll(keepingCapacity: true) }
            for job in batch {
                if let executor = job.executor {
                    job.job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: executor)
                } else {
                    job.job.runSynchronously(on: asUnownedSerialExecutor())
                }
            }
        }
    }

    private static let roundsBetweenLooks = 32

    /// How long epoll may wait, in milliseconds: not at all while there is work, for ever when there is no deadline.
    private func sleepTime() -> CInt {
        guard jobs.isEmpty else { return 0 }
        let mayRest = inbox.withLock { inbox in
            inbox.isAsleep = inbox.isEmpty
            return inbox.isAsleep
        }
        guard mayRest else { return 0 }
        guard let next = deadlines.next else { return -1 }
        let now = Deadline.now().nanoseconds
        return next.nanoseconds > now ? CInt(clamping: (next.nanoseconds - now) / 1_000_000 + 1) : 0
    }

    private func takeInbox() {
        let taken = inbox.withLock { inbox in
            defer { inbox = Inbox() }
            return inbox
        }
        jobs.append(contentsOf: taken.jobs)
        for registration in taken.wakes { finish(registration, .woken) }
        guard taken.isStopping, !hasStopped else { return }
        hasStopped = true
        for registration in waiters.keys.sorted() { finish(registration, .stopped) }
    }

    private func expire() {
        guard deadlines.next != nil else { return }
        let now = Deadline.now()
        while let registration = deadlines.popExpired(at: now) { finish(registration, .expired) }
        guard deadlines.count > 64, deadlines.count > 4 * waiters.count else { return }
        deadlines.compact { waiters[$0] != nil }
    }

    private func silence() {
        var count: UInt64 = 0
        _ = read(bell, &count, 8)
    }
}
