/// Why a line was not understood.
enum Misreading: Equatable, Sendable {
    /// Nothing fits from that word on.
    case invalid(word: Int)
    /// The line ended too soon.
    case incomplete
    /// A shortened word, the one with that number, stands for several.
    case ambiguous(word: Int)
}

/// Picks the one pattern that a line agrees with.
enum Choice {
    /// The chosen pattern's place in the list, and how the line agrees with it.
    struct Chosen: Sendable {
        let index: Int
        let agreement: Pattern.Agreement
    }

    /// Reads from a word on. `mayContinue` tells of each pattern whether words may follow it.
    static func pick(
        _ patterns: [Pattern], _ reading: Reading, from start: Int = 0, keyOnly: Bool = false,
        mayContinue: (Int) -> Bool = { _ in false }
    ) -> Result<Chosen, MisreadingError> {
        let tried = patterns.enumerated().map { index, pattern in
            Chosen(index: index, agreement: pattern.read(reading, from: start, keyOnly: keyOnly))
        }
        let whole = tried.filter {
            $0.agreement.isWhole && ($0.agreement.consumed == reading.words.count || mayContinue($0.index))
        }
        let short = tried.filter { $0.agreement.isShort && !$0.agreement.isWhole && start < reading.words.count }
        // A keyword that is written out is meant, whatever longer ones it begins.
        let most = (whole + short).map(\.agreement.exact).max() ?? 0
        let meant = (whole + short).filter { $0.agreement.exact == most }
        if let word = disagreement(meant, patterns, start) { return .failure(.init(.ambiguous(word: word))) }
        let finalists = whole.filter { $0.agreement.exact == most }
        // Of several, the one that leaves the least unread, then the first.
        if let longest = finalists.map(\.agreement.consumed).max(),
            let best = finalists.first(where: { $0.agreement.consumed == longest })
        {
            return .success(best)
        }
        if !meant.isEmpty { return .failure(.init(.incomplete)) }
        if start >= reading.words.count { return .failure(.init(.incomplete)) }
        let furthest = tried.map(\.agreement.consumed).max() ?? start
        return .failure(.init(.invalid(word: min(furthest, reading.words.count - 1))))
    }

    /// The first word that is a different keyword for different candidates.
    private static func disagreement(_ candidates: [Chosen], _ patterns: [Pattern], _ start: Int) -> Int? {
        guard let first = candidates.first else { return nil }
        for (place, word) in first.agreement.canonical.enumerated() {
            for other in candidates.dropFirst() where place < other.agreement.canonical.count {
                guard patterns[first.index].isKeyword(at: place), patterns[other.index].isKeyword(at: place) else {
                    continue
                }
                if other.agreement.canonical[place] != word { return start + place }
            }
        }
        return nil
    }
}

/// A misreading, thrown.
struct MisreadingError: Error, Equatable {
    let misreading: Misreading
    init(_ misreading: Misreading) { self.misreading = misreading }
}
