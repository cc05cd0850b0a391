/// What stands in braces in the commands of a definition: `commit timer {clock}`. Pure.
package enum Placeholders {
    /// What the driver fills in.
    package static let known: Set<String> = due.union([
        "interface", "unit", "service", "direction", "class", "any", "session", "mark", "minutes", "seconds", "clock",
        "rate",
        "burst",
        "policy", undoScript,
    ])

    /// When a job has to run, by the device's own clock; all of two digits but the year.
    package static let due: Set<String> = [
        "due_year", "due_month", "due_day", "due_hour", "due_minute", "due_second",
    ]

    /// The lines back, apart by semicolons, as they stand in a quoted string with backslashes.
    package static let undoScript = "undo_script"

    /// The names in a command, in their order.
    package static func names(in command: String) -> [String] {
        var names: [String] = []
        _ = filled(command) { name in
            names.append(name)
            return ""
        }
        return names
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
