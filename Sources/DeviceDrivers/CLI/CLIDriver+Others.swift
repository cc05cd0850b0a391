import RolloutEngine

// What somebody else changes while a change of ours waits for its confirmation.
extension CLIDriver {
    /// Stops when somebody else changed the configuration in the window: it would be confirmed, and saved, together with ours.
    func refuseOthers(_ reading: DeviceReading, _ order: PushOrder, on line: isolated CommandLine)
        async throws(DriverError)
    {
        guard let others = try await others(reading, order, on: line) else { return }
        // That is said once.
        windows.close(order)
        let along = definition.revertTimer?.undoesOthers == true ? "; going back takes that back as well" : ""
        throw DriverError(.interfered, others + along, effect: .none)
    }

    /// Who else changed the configuration since our change was made, and what, in words; nil when nobody did, as far as is known.
    ///
    /// What was read back is compared as a whole. Where that is not known, or was not what our change alone would have made,
    /// the device's own record decides.
    func others(_ reading: DeviceReading, _ order: PushOrder, on line: isolated CommandLine) async throws(DriverError)
        -> String?
    {
        let window = windows[order]
        let difference = window.flatMap { reader.difference(from: $0.reading.running, to: reading.running) }
        let last = reading.changedBy.flatMap { $0 == order.device.ssh.user ? nil : $0 }
        if difference == nil, last == nil, window?.isOursAlone == true { return nil }
        var who = last
        if who == nil { who = try await changer(since: order, on: line) }
        if let difference {
            return
                "\(who.map { "user '\($0)'" } ?? "somebody") changed the configuration while this change was unconfirmed: "
                + difference.prefix(600)
        }
        return who.map { "user '\($0)' changed the configuration while this change was unconfirmed" }
    }

    /// Who else is in the device's own record of changes since ours.
    private func changer(since order: PushOrder, on line: isolated CommandLine) async throws(DriverError) -> String? {
        guard let record = definition.changeRecord else { return nil }
        try await line.go(to: definition.home)
        // What it complains of is part of a log, or that there is none.
        let lines = try await line.ask(record.command, tolerating: true, keepingChatter: true).lines
        return DeviceReader.changer(
            record, in: lines, since: Self.names(of: order)["mark"] ?? "", of: order.device.ssh.user)
    }
}

extension DeviceReader {
    /// Who else changed the configuration after the last entry that a change of ours left; nil when nobody did, or when the record
    /// does not go back to it.
    static func changer(
        _ record: PlatformDefinition.ChangeRecord, in lines: [String], since mark: String, of user: String
    ) -> String? {
        let lines = record.isNewestFirst ? lines.reversed() : lines
        let start = lines.lastIndex { line in
            record.ours.firstMatch(in: line)?["value"].map { $0 == mark || $0 == user } ?? false
        }
        guard var start else { return nil }
        if let read = record.read {
            start = lines[..<start].lastIndex { read.firstMatch(in: $0)?["value"] == user } ?? start
        }
        return lines[(start + 1)...].lazy.compactMap { record.by.firstMatch(in: $0)?["value"] }.first { $0 != user }
    }
}
