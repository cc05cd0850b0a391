/// Something that happened and that somebody wants to hear of, in words.
public struct Notice: Hashable, Codable, Sendable {
    /// Where it was read: the same for the same fact, whenever and however often it is told.
    public var place: NoticePlace
    /// When it happened.
    public var at: Instant
    /// What kind of thing, for programs.
    public var kind: Kind
    /// How much it matters.
    public var severity: Severity
    /// In words, of one line.
    public var text: String
    /// The device that it is about, where it is about one.
    public var device: DeviceName?
    /// What to do next, as it is typed.
    public var command: String?

    /// Something that happened.
    public init(
        place: NoticePlace, at: Instant, kind: Kind, severity: Severity, text: String, device: DeviceName? = nil,
        command: String? = nil
    ) {
        (self.place, self.at, self.kind, self.severity) = (place, at, kind, severity)
        (self.text, self.device, self.command) = (text, device, command)
    }

    /// How much a notice matters.
    public enum Severity: String, Codable, Sendable, CaseIterable, Comparable {
        /// It goes on as it should.
        case detail
        /// A milestone, or something that a person did.
        case info
        /// Somebody should look.
        case warning
        /// Nothing goes on without a person, or it goes back.
        case critical

        /// The one that matters less first.
        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// The kinds of notice.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Its first wave begins.
        case started
        /// Another wave begins.
        case waveStarted = "wave_started"
        /// A wave passed.
        case wavePassed = "wave_passed"
        /// It stands still.
        case paused
        /// A person asked for something.
        case asked
        /// A gate did not let a wave through, or an alarm went off.
        case gate
        /// Something is put back.
        case rollingBack = "rolling_back"
        /// A device failed.
        case deviceFailed = "device_failed"
        /// It is not known what a device holds.
        case deviceUnconfirmed = "device_unconfirmed"
        /// A device can neither be put back nor asked.
        case deviceStranded = "device_stranded"
        /// A cohort is held.
        case cohortHeld = "cohort_held"
        /// Somebody else drives, as whoever drove lost the lease or gave it up.
        case driverChanged = "driver_changed"
        /// It ended.
        case finished
        /// The line was stopped.
        case lineStopped = "line_stopped"
        /// The line was released.
        case lineReleased = "line_released"
        /// A schedule was passed over.
        case schedulePassedOver = "schedule_passed_over"

        /// What is said of so many of them at once; nil for those that are always said one by one.
        func words(for count: Int) -> String? {
            switch self {
            case .deviceFailed: "\(count.counted("device")) failed"
            case .deviceUnconfirmed: "what \(count.counted("device")) hold\(count == 1 ? "s" : "") is not known"
            case .deviceStranded:
                "\(count.counted("device")) \(count == 1 ? "is" : "are") stranded, a person has to look"
            default: nil
            }
        }
    }
}

/// A fact that a notice comes from.
public struct NoticePlace: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    /// The rollout in whose journal it stands; nil for the service journal.
    public var rollout: RolloutID?
    /// Its sequence there.
    public var sequence: Int64

    /// A fact.
    public init(rollout: RolloutID?, sequence: Int64) {
        self.rollout = rollout
        self.sequence = sequence
    }

    /// `217/45`, or `service/12`.
    public var description: String { "\(rollout.map { "\($0.number)" } ?? "service")/\(sequence)" }

    /// By journal, then by sequence.
    public static func < (left: Self, right: Self) -> Bool {
        let (one, other) = (left.rollout?.number ?? 0, right.rollout?.number ?? 0)
        return one == other ? left.sequence < right.sequence : one < other
    }
}
