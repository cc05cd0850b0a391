internal import Foundation

/// The end of the service journal, to which the next entry is tied: so that an entry that was changed, left out or put in
/// between shows in every later one.
///
/// The digest needs no key. Whoever can rewrite the whole store can make a new chain; that shows only beside an end that was
/// noted elsewhere.
public struct ServiceChain: Hashable, Sendable {
    /// The sequence of the last entry; 0 before the first.
    public var sequence: Int64
    /// The digest of the last entry.
    public var digest: Digest

    /// The end after an entry.
    public init(sequence: Int64, digest: Digest) {
        self.sequence = sequence
        self.digest = digest
    }

    /// Before the first entry.
    public static let start = ServiceChain(sequence: 0, digest: Digest(of: "rollout service journal"))

    /// The next entry, tied to this end.
    ///
    /// - Throws: `.corrupt` for a fact that cannot be written.
    public func entry(_ fact: ServiceFact, by actor: String, reason: String?, at now: Instant) throws(StoreError)
        -> ServiceEntry
    {
        var entry = ServiceEntry(
            sequence: sequence + 1, at: now, by: actor, reason: reason, fact: fact, chain: digest)
        entry.chain = try tied(entry)
        return entry
    }

    /// Takes in the next entry.
    ///
    /// - Returns: Why it is not the one that was written after this end; nil when it is.
    /// - Throws: `.corrupt` for a fact that cannot be written again.
    public mutating func take(_ entry: ServiceEntry) throws(StoreError) -> ChainBreak? {
        guard entry.sequence == sequence + 1 else { return .missing(sequence + 1) }
        guard try tied(entry) == entry.chain else { return .changed(entry.sequence) }
        self = ServiceChain(sequence: entry.sequence, digest: entry.chain)
        return nil
    }

    /// The digest of this end and of what an entry says, written with sorted keys.
    private func tied(_ entry: ServiceEntry) throws(StoreError) -> Digest {
        let content = Content(
            sequence: entry.sequence, at: entry.at, by: entry.by, reason: entry.reason, fact: entry.fact)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Digest(of: Array(digest.hexadecimal.utf8) + (try encoder.encode(content)))
        } catch {
            throw StoreError(.corrupt, "entry \(entry.sequence) of the service journal cannot be written: \(error)")
        }
    }

    /// All of an entry but its digest.
    private struct Content: Encodable {
        let sequence: Int64
        let at: Instant
        let by: String
        let reason: String?
        let fact: ServiceFact
    }
}

/// Where the service journal is not what was written.
public enum ChainBreak: Hashable, Sendable, CustomStringConvertible {
    /// This entry is not there, or not in its place.
    case missing(Int64)
    /// This entry, or the one before it, says something else than was written.
    case changed(Int64)

    /// In words.
    public var description: String {
        switch self {
        case .missing(let sequence): "entry \(sequence) is missing, or another one is in its place"
        case .changed(let sequence): "entry \(sequence) is not what was written after entry \(sequence - 1)"
        }
    }
}
