/// What stands in braces in the commands of a definition: `commit timer {clock}`. Pure.
package enum Placeholders {
    /// What the driver fills in.
    package static let known: Set<String> = due.union([
        "interface", "unit", "service", "direction", "class", "any", "session", "mark", "minutes", "seconds", "clock",
        "rate",
        "burst",
        "policy",
    ]).union(wayBack)

    /// When a job has to run, by the device's own clock; all of two digits but the year.
    package static let due: Set<String> = [
        "due_year", "due_month", "due_day", "due_hour", "due_minute", "due_second",
    ]

    /// The lines back, in either form.
    package static let wayBack: Set<String> = [undoScript, undoOptions]

    /// The lines back, apart by semicolons, as they stand in a quoted string with backslashes.
    package static let undoScript = "undo_script"

    /// The lines back, each as an option of a shell's command: `-c 'no pir' -c 'exit'`.
    package static let undoOptions = "undo_options"

    /// The names in a command, in their order.
    package static func names(in command: String) -> [String] {
        var names: [String] = []
        forEachName(in: command) { names.append(String(decoding: $0, as: UTF8.self)) }
        return names
    }

    /// Whether a command holds a name.
    static func holds(_ name: StaticString, in command: String) -> Bool {
        var isFound = false
        forEachName(in: command) { found in
            isFound =
                isFound
                || found.count == name.utf8CodeUnitCount
                    && found.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        }
        return isFound
    }

    /// Every line of a configuration is held against rules with names in them: they are found where they stand.
    private static func forEachName(in command: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        var command = command
        command.withUTF8 { bytes in
            var start: Int?
            for (index, byte) in bytes.enumerated() {
                switch byte {
                case UInt8(ascii: "{"): start = index + 1
                case UInt8(ascii: "}"):
                    if let start, start < index { body(UnsafeBufferPointer(rebasing: bytes[start..<index])) }
                    start = nil
                case 0x61...0x7a, 0x5f: break
                default: start = nil
                }
            }
        }
    }

    /// The command with each name replaced. Braces around anything but a name of small letters stay.
    package static func filled(_ command: String, _ value: (String) -> String?) -> String {
        var result = ""
        var rest = command[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            let after = rest[rest.index(after: open)...]
            guard let close = after.firstIndex(of: "}"), close > after.startIndex,
                after[..<close].utf8.allSatisfy({ (0x61...0x7a).contains($0) || $0 == 0x5f }),
                let text = value(String(after[..<close]))
            else {
                result += "{"
                rest = after
                continue
            }
            result += text
            rest = after[after.index(after: close)...]
        }
        return result + rest
    }
}
