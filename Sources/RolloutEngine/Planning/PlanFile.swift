public import Foundation

/// A plan as bytes: a header line with its format and digest, a line with the plan but for its devices, a line with what devices
/// have in common, and a line for each device, all of them JSON with sorted keys. So the devices of a large fleet are read and
/// written on every core, and what they share is there once.
///
/// The digest is over the lines exactly as they stand, so that any change to the file is found. Format 2 had every device whole,
/// format 1 had them in the plan's own line; both are still read.
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
            var shared: SharedValues?
            if plan.format > 2 {
                let commons = PlanCommons(of: plan.devices)
                body.append(UInt8(ascii: "\n"))
                body.append(try Self.encoder.encode(commons))
                shared = commons.values(for: .writing)
            }
            let lines = try onEveryCore(plan.devices, atOnce: Self.linesAtOnce) { [shared] devices in
                let encoder = Self.encoder
                encoder.userInfo = shared?.userInfo ?? [:]
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
        var lines = Self.lines(of: body)[...]
        do {
            var plan = try JSONDecoder().decode(Plan.self, from: body[lines.removeFirst()])
            var shared: SharedValues?
            if format > 2, let line = lines.popFirst() {
                shared = try JSONDecoder().decode(PlanCommons.self, from: body[line]).values(for: .reading)
            }
            plan.devices += try onEveryCore(lines, atOnce: Self.linesAtOnce) { [shared, body] lines in
                let decoder = JSONDecoder()
                decoder.userInfo = shared?.userInfo ?? [:]
                // As one list, which costs half of what they cost one by one.
                var list = Data("[".utf8)
                for line in lines {
                    if list.count > 1 { list.append(UInt8(ascii: ",")) }
                    list.append(body[line])
                }
                list.append(UInt8(ascii: "]"))
                return try decoder.decode([PlannedDevice].self, from: list)
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

    /// Where the lines are, at least one. Data's own `split` looks at each byte through three calls.
    private static func lines(of body: Data) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        body.withUnsafeBytes { bytes in
            var start = 0
            while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
                lines.append(body.startIndex + start..<body.startIndex + end)
                start = end + 1
            }
            lines.append(body.startIndex + start..<body.endIndex)
        }
        return lines
    }

    private static let magic = "rollout-plan"
    private static let linesAtOnce = 500

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
