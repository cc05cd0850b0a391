internal import Foundation

/// What a rollout's facts were up to one of them, as a digest in the service journal: so that the chain tells when a fact of a
/// rollout was changed, too. Pure.
public struct JournalSeal: Hashable, Codable, Sendable {
    /// The last fact that it is about; 0 for none.
    public var through: Int64
    /// The digest of the seal before it and of the facts since.
    public var digest: Digest

    /// A seal as it is stored.
    public init(through: Int64, digest: Digest) {
        self.through = through
        self.digest = digest
    }

    /// Before the first fact.
    public static let none = JournalSeal(through: 0, digest: Digest(of: "rollout journal"))

    /// The seal over this one and the facts that follow it, in order.
    ///
    /// - Throws: `.corrupt` when they do not follow it without a gap, or cannot be written.
    public func over(_ entries: some Sequence<JournalEntry>) throws(StoreError) -> JournalSeal {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes = Array(digest.hexadecimal.utf8)
        var last = through
        for entry in entries {
            guard entry.sequence == last + 1 else {
                throw StoreError(.corrupt, "fact \(last + 1) is missing")
            }
            last = entry.sequence
            do {
                bytes.append(UInt8(ascii: "\n"))
                bytes += try encoder.encode(entry)
            } catch {
                throw StoreError(.corrupt, "fact \(entry.sequence) cannot be written: \(error)")
            }
        }
        return JournalSeal(through: last, digest: Digest(of: bytes))
    }
}
