import Foundation
public import RolloutEngine

/// What can be made to go wrong in a lab.
public enum LabFault: Hashable, Sendable {
    /// The SSH server stops, with all its sessions.
    case drop
    /// The SSH server starts anew with another host key.
    case hostKey
    /// The SNMP agent keeps silent.
    case silence
    /// Management packets vanish: neither SSH nor SNMP, and nobody says so.
    case cut
    /// Every command takes two seconds longer.
    case slow
    /// The traffic meets a second cap behind the device, which nothing on the device shows.
    case strangle(BitsPerSecond)
}

extension Lab {
    /// Sets a fault on a device, or on all: `all`.
    ///
    /// - Throws: `LabError` when there is no such lab or device, or it cannot be done.
    public func set(_ fault: LabFault, on name: String) async throws(LabError) {
        try await each(name) { device, topology, survey throws(LabError) in
            try set(fault, on: device, topology, survey)
        }
        // With every device, the agents of the uplinks fall silent, too.
        if name == "all", fault == .silence { try signalRouters(SIGSTOP) }
    }

    /// Takes all faults away from a device, or from all.
    ///
    /// - Throws: `LabError` when there is no such lab or device, or it cannot be done.
    public func clearFaults(on name: String) async throws(LabError) {
        try await each(name) { device, topology, survey throws(LabError) in
            try clear(device, topology, survey)
        }
        if name == "all" { try signalRouters(SIGCONT) }
    }

    private func each(
        _ name: String, _ work: (LabDevice, LabTopology, Survey) throws(LabError) -> Void
    ) async throws(LabError) {
        let (_, topology) = try running()
        let devices = topology.devices.filter { name == "all" || $0.name == name }
        guard !devices.isEmpty else {
            throw LabError(
                .badInput, "there is no device '\(name)' in the lab: see `rollout lab status\(folder.options)`")
        }
        try await folder.locked { () throws(LabError) in
            let survey = Survey(folder: folder, topology: topology)
            for device in devices { try work(device, topology, survey) }
        }
    }

    private func signalRouters(_ signal: Int32) throws(LabError) {
        let (_, topology) = try running()
        let survey = Survey(folder: folder, topology: topology)
        for datacentre in topology.datacentres {
            for agent in survey.agents(topology.router(datacentre)) { kill(agent.pid, signal) }
        }
    }

    private func set(
        _ fault: LabFault, on device: LabDevice, _ topology: LabTopology, _ survey: Survey
    ) throws(LabError) {
        let place = try inside(device, survey)
        switch fault {
        case .drop:
            try write("", to: place + Self.hold)
            killSSH(device, survey)
        case .hostKey:
            let key = place + Self.hostKey
            if access(key + ".own", F_OK) != 0 { try move(key, to: key + ".own") }
            unlink(key)
            unlink(key + ".pub")
            try Tool.succeed("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "another", "-f", key])
            killSSH(device, survey)
        case .silence:
            for agent in survey.agents(device.namespace) { kill(agent.pid, SIGSTOP) }
        case .cut:
            try Tool.succeed("ip", ["-n", topology.core, "link", "set", device.name, "down"])
        case .slow:
            try write(
                ServiceFiles.passwd.replacingOccurrences(of: "/bin/sh", with: Self.slowShell), to: place + Self.passwd)
        case .strangle(let rate):
            let router = topology.router(device.datacentre)
            if !isStrangled(device, topology) {
                try batch("ip", ["-n", router], NetworkCommands.strangle(device.name))
            }
            let cap = NetworkCommands.cap(NetworkCommands.strangled(device.name), rate)
            try batch("tc", ["-n", router], [cap])
        }
    }

    private func clear(_ device: LabDevice, _ topology: LabTopology, _ survey: Survey) throws(LabError) {
        let place = try inside(device, survey)
        let key = place + Self.hostKey
        if access(key + ".own", F_OK) == 0 {
            try move(key + ".own", to: key)
            killSSH(device, survey)
        }
        unlink(place + Self.hold)
        for agent in survey.agents(device.namespace) { kill(agent.pid, SIGCONT) }
        try write(ServiceFiles.passwd, to: place + Self.passwd)
        try Tool.succeed("ip", ["-n", topology.core, "link", "set", device.name, "up"])
        if isStrangled(device, topology) {
            try batch("ip", ["-n", topology.router(device.datacentre)], NetworkCommands.release(device.name))
        }
    }

    /// The faults that are set on a device, as they are found there.
    func faults(of device: LabDevice, _ survey: Survey, _ topology: LabTopology) -> [String] {
        guard let seen = survey.devices[device.name] else { return ["gone"] }
        let place = "/proc/\(seen.first)/root"
        var faults: [String] = []
        if access(place + Self.hold, F_OK) == 0 { faults.append("drop") }
        if access(place + Self.hostKey + ".own", F_OK) == 0 { faults.append("hostkey") }
        if seen.isSilent { faults.append("snmp") }
        if isCut(device, survey, topology) { faults.append("cut") }
        if (readSmallFile(place + Self.passwd) ?? "").contains(Self.slowShell) { faults.append("slow") }
        if isStrangled(device, survey, topology) { faults.append("strangle") }
        return faults
    }

    private static let hold = "/run/rollout-lab/hold-sshd"
    private static let hostKey = "/etc/ssh/host_key"
    private static let passwd = "/etc/passwd"
    private static let slowShell = "/etc/rollout-lab/slow-shell"

    /// A device's files, as they are seen from outside.
    private func inside(_ device: LabDevice, _ survey: Survey) throws(LabError) -> String {
        guard let pid = survey.first[device.namespace] else {
            throw LabError(
                .failed, "\(device.name) is gone: build the lab anew with `rollout lab up\(folder.options)`")
        }
        return "/proc/\(pid)/root"
    }

    private func killSSH(_ device: LabDevice, _ survey: Survey) {
        for server in survey.processes("sshd", in: device.namespace) { kill(server.pid, SIGKILL) }
    }

    private func isStrangled(_ device: LabDevice, _ topology: LabTopology) -> Bool {
        isStrangled(device, Survey(folder: folder, topology: topology), topology)
    }

    private func isStrangled(_ device: LabDevice, _ survey: Survey, _ topology: LabTopology) -> Bool {
        guard let pid = survey.first[topology.router(device.datacentre)] else { return false }
        return (readSmallFile("/proc/\(pid)/net/dev") ?? "").contains("\(NetworkCommands.strangled(device.name)):")
    }

    /// A cut cable has no carrier at the device's end.
    private func isCut(_ device: LabDevice, _ survey: Survey, _ topology: LabTopology) -> Bool {
        guard let pid = survey.first[device.namespace] else { return false }
        let path = "/proc/\(pid)/root/sys/class/net/\(LabDevice.managementInterface)/carrier"
        return readSmallFile(path)?.hasPrefix("0") ?? false
    }

    private func write(_ text: String, to path: String) throws(LabError) {
        guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) else {
            throw LabError(.failed, "\(path) cannot be written")
        }
    }

    private func move(_ path: String, to other: String) throws(LabError) {
        guard rename(path, other) == 0 else {
            throw LabError(.failed, "\(path) cannot be moved: \(String(cString: strerror(errno)))")
        }
    }
}
