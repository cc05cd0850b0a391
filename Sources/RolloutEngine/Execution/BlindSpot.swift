/// Why too little is seen of a device or link to judge a change by it.
public enum BlindSpot: Hashable, Sendable {
    /// Its last two polls brought nothing; the first of them was then.
    case silent(UnknownReason, since: Instant)
    /// It is heard, but not long enough for a "before"; in words.
    case scarce(String)
}
