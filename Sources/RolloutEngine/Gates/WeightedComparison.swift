import Foundation

/// Compares a wave with untouched devices, each counting as much as it was calm on earlier nights. Pure.
///
/// Means with bounded reach: no interface moves the result by more than its reach, however wild it is.
struct WeightedComparison {
    /// One interface's change, as a logarithm, and how large its changes usually are.
    struct Member {
        var change: Double
        var deviation: Double
    }

    /// The change of the wave against that of the untouched ones, as a logarithm.
    let difference: Double
    /// The change of the untouched ones.
    let control: Double
    /// The usual size of `difference` where nothing was changed: by the history, or by how much the untouched ones differ now if
    /// that is more.
    let error: Double

    /// The change of the middle one of the wave against that of the untouched ones, each counting as in the mean: what a drop is in
    /// words that goes beyond the reach.
    let middle: Double

    /// However calm an interface was, it is not trusted beyond this.
    private static let floor = 0.1

    /// - Parameter reach: How far one interface may move the means, as a logarithm.
    init?(treated: [Member], control: [Member], reach: Double) {
        guard !treated.isEmpty, control.count >= 2, let centre = Median.of(control.map(\.change)) else {
            return nil
        }
        self.control = centre + Self.mean(control, around: centre, reach)
        difference = Self.mean(treated, around: self.control, reach)
        let untouched = self.control
        middle = Self.middle(treated) - untouched
        // How much more than usual the untouched ones differ tonight.
        let excess = Median.of(control.map { abs($0.change - untouched) / max(Self.floor, $0.deviation) }) ?? 1
        let usual = (Self.variance(treated) + Self.variance(control)).squareRoot()
        error = usual * max(1, excess * 1.4826)
    }

    private static func weight(_ member: Member) -> Double {
        1 / (member.deviation * member.deviation + floor * floor)
    }

    private static func mean(_ members: [Member], around centre: Double, _ reach: Double) -> Double {
        let total = members.reduce(0) { $0 + weight($1) }
        return members.reduce(0) { $0 + weight($1) * min(reach, max(-reach, $1.change - centre)) } / total
    }

    private static func middle(_ members: [Member]) -> Double {
        let sorted = members.sorted { $0.change < $1.change }
        let half = sorted.reduce(0) { $0 + weight($1) } / 2
        var sum = 0.0
        return sorted.first { member in
            sum += weight(member)
            return sum >= half
        }?.change ?? 0
    }

    private static func variance(_ members: [Member]) -> Double {
        let total = members.reduce(0) { $0 + weight($1) }
        let sum = members.reduce(0) { $0 + weight($1) * weight($1) * $1.deviation * $1.deviation }
        return sum / (total * total)
    }
}
