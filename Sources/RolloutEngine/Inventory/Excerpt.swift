/// A piece of somebody's text in quotes, short and without anything that a terminal would obey.
package func excerpt(_ text: String) -> String {
    var result = "'"
    var length = 0
    for scalar in text.unicodeScalars {
        if length == 60 {
            result += "…"
            break
        }
        length += 1
        if scalar.isSilent {
            result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result + "'"
}

/// The candidate that `word` was probably meant to be; nil when none is near.
func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    let wanted = Array(word.lowercased().utf8.prefix(64))
    // Of one or two letters, everything is near.
    let limit = wanted.count < 3 ? 0 : max(1, wanted.count / 3)
    var best: (distance: Int, text: String)?
    for candidate in candidates {
        let bytes = Array(candidate.lowercased().utf8)
        guard abs(bytes.count - wanted.count) <= limit else { continue }
        let distance = editDistance(wanted, bytes)
        guard distance <= limit else { continue }
        if let best, best.distance <= distance { continue }
        best = (distance, candidate)
    }
    return best?.text
}

/// `did you mean 'range'?`, or what there is to choose from when nothing is near and there is not too much.
package func suggestion(for word: String, among candidates: [String], noun: String) -> String? {
    if let near = nearest(to: word, in: candidates.prefix(20_000)) { return "did you mean '\(near)'?" }
    guard !candidates.isEmpty else { return nil }
    return candidates.count <= 24 ? "\(noun): \(candidates.joined(separator: ", "))" : nil
}

/// How many single letters must be put in, taken out, exchanged or swapped with their neighbour.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in 0..<left.count {
        var current = [i + 1]
        for j in 0..<right.count {
            let change = left[i] == right[j] ? 0 : 1
            var best = min(last[j + 1] + 1, current[j] + 1, last[j] + change)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                best = min(best, beforeLast[j - 1] + 1)
            }
            current.append(best)
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}
