public import Foundation

/// A plan as bytes: a header line with its format and digest, a line with the plan but for its devices, and a line for each
/// device, all of them JSON with sorted keys. So the devices of a large fleet are read and written on every core.
///
/// The digest is over the lines exactly as they stand, so that any change to the file is found. Format 1 had the devices in
/// the plan's own line; it is still read.
public struct PlanFile: Sendable {
    /// The plan.
    public let plan: Plan
    /// The digest of its JSON.
    public let digest: Digest
    /// The whole file.
    public let bytes: Data

    /// Writes a plan.
    public init(_ plan: Plan) throws {
        var head = plan
        if plan.format > 1 { head.devices = [] }
        var body = try Self.encoder.encode(head)
        if plan.format > 1 {
            let lines = try onEveryCore(plan.devices, atOnce: Self.linesAtOnce) { devices in
                let encoder = Self.encoder
                var lines = Data()
                for device in devices {
                    lines.append(UInt8(ascii: "\n"))
                    lines.append(try encoder.encode(device))
                }
                return [lines]
            }
            for line in lines { body.append(line) }
        }
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
        let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        do {
            var plan = try JSONDecoder().decode(Plan.self, from: lines[0])
            plan.devices += try onEveryCore(lines.dropFirst(), atOnce: Self.linesAtOnce) { lines in
                let decoder = JSONDecoder()
                return try lines.map { try decoder.decode(PlannedDevice.self, from: $0) }
            }
            self.plan = plan
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
    private static let linesAtOnce = 500

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
