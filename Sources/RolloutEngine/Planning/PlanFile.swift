public import Foundation

/// A plan as bytes: a header line with its format and digest, then the plan as JSON with sorted keys.
///
/// The digest is over the JSON exactly as it stands, so that any change to the file is found.
public struct PlanFile: Sendable {
    /// The plan.
    public let plan: Plan
    /// The digest of its JSON.
    public let digest: Digest
    /// The whole file.
    public let bytes: Data

    /// Writes a plan.
    public init(_ plan: Plan) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = try encoder.encode(plan)
        self.plan = plan
        digest = Digest(of: body)
        bytes = Data("\(Self.magic) \(plan.format) sha256:\(digest.hexadecimal)\n".utf8) + body + Data("\n".utf8)
    }

    /// Reads a plan and proves that it is as it was written.
    ///
    /// - Throws: `InputError` when it is not a plan, was changed, or was written by a newer version.
    public init(_ bytes: Data, from path: String) throws(InputError) {
        let place = SourceLocation(file: path, line: 1)
        guard let lineEnd = bytes.firstIndex(of: UInt8(ascii: "\n")), lineEnd < bytes.startIndex + 200 else {
            throw InputError(at: place, "this is not a plan", remedy: "make one with: rollout plan CHANGE -o FILE")
        }
        let header = String(decoding: bytes[..<lineEnd], as: UTF8.self).split(separator: " ").map(String.init)
        guard header.count == 3, header[0] == Self.magic, let format = Int(header[1]), header[2].hasPrefix("sha256:")
        else {
            throw InputError(at: place, "this is not a plan", remedy: "make one with: rollout plan CHANGE -o FILE")
        }
        guard format <= Plan.currentFormat else {
            throw InputError(
                at: place, "the plan has format \(format), this version reads up to \(Plan.currentFormat)",
                remedy: "apply it with the version that made it, or plan again")
        }
        var body = bytes[(lineEnd + 1)...]
        if body.last == UInt8(ascii: "\n") { body.removeLast() }
        let found = Digest(of: body)
        guard header[2] == "sha256:\(found.hexadecimal)" else {
            throw InputError(
                at: place,
                "the plan was changed after it was made: its digest is \(found.short), the header says \(header[2])",
                remedy: "plans are immutable: plan again")
        }
        do {
            plan = try JSONDecoder().decode(Plan.self, from: Data(body))
        } catch {
            throw InputError(at: place, "the plan cannot be read: \(error)", remedy: "plan again")
        }
        // The digest is not over the header, so that it may lie.
        guard plan.format == format else {
            throw InputError(
                at: place, "the header says format \(format), the plan itself \(plan.format)", remedy: "plan again")
        }
        digest = found
        self.bytes = bytes
    }

    private static let magic = "rollout-plan"
}
