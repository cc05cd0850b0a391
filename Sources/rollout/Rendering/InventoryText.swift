import RolloutEngine

/// Inventories as lines of text.
enum InventoryText {
    /// A line a device.
    static func list(_ devices: [Device]) -> [String] {
        var table = TextTable(["DEVICE", "ADDRESS", "PLATFORM", "RANGE", "DC", "DOMAINS", "LINKS", "TAGS"])
        for device in devices {
            table.add([
                device.name.rawValue, device.address, device.platform.rawValue, device.range.rawValue,
                device.datacentre.rawValue, device.domains.map { "\($0.kind)=\($0.value)" }.joined(separator: " "),
                device.links.map(\.rawValue).joined(separator: " "), device.tags.joined(separator: " "),
            ])
        }
        return table.lines
    }

    /// Every setting of a device.
    static func show(_ device: Device) -> [String] {
        var table = TextTable(["SETTING", "VALUE"])
        func add(_ setting: String, _ value: String?) {
            if let value, !value.isEmpty { table.add([setting, value]) }
        }
        add("name", device.name.rawValue)
        add("address", device.address)
        add("hostname", device.hostname)
        add("serial", device.serial)
        add("platform", device.platform.rawValue)
        add("range", device.range.rawValue)
        add("datacentre", device.datacentre.rawValue)
        for domain in device.domains { add("domains.\(domain.kind)", domain.value) }
        add("links", device.links.map(\.rawValue).joined(separator: " "))
        add("interfaces", device.interfaces.joined(separator: " "))
        add("groups", device.groups.map(\.rawValue).joined(separator: " "))
        add("tags", device.tags.joined(separator: " "))
        add("ssh.client", device.ssh.client?.rawValue)
        add("ssh.port", String(device.ssh.port))
        add("ssh.user", device.ssh.user)
        add("ssh.key_file", device.ssh.keyFile)
        add("ssh.key_passphrase", device.ssh.keyPassphrase?.description)
        add("ssh.password", device.ssh.password?.description)
        add("ssh.enable_password", device.ssh.enablePassword?.description)
        add("ssh.known_hosts", device.ssh.knownHosts)
        add("ssh.jump", device.ssh.jump)
        add("ssh.connect_timeout", device.ssh.connectTimeout.description)
        add("ssh.command_timeout", device.ssh.commandTimeout.description)
        add("ssh.namespace", device.ssh.namespace)
        add("snmp.port", String(device.snmp.port))
        add("snmp.version", device.snmp.isGiven ? device.snmp.spoken.rawValue : nil)
        add("snmp.community", device.snmp.community?.description)
        add("snmp.user", device.snmp.user)
        add("snmp.auth", device.snmp.auth?.rawValue)
        add("snmp.auth_key", device.snmp.authKey?.description)
        add("snmp.priv", device.snmp.priv?.rawValue)
        add("snmp.priv_key", device.snmp.privKey?.description)
        add("snmp.context", device.snmp.context)
        add("snmp.any_source", device.snmp.anySource == true ? "true" : nil)
        add("snmp.timeout", device.snmp.timeout.description)
        add("snmp.retries", String(device.snmp.retries))
        add("snmp.namespace", device.snmp.namespace)
        for (name, value) in device.variables.sorted(by: { $0.key < $1.key }) { add("vars.\(name)", value.description) }
        return table.lines
    }

    /// Where each setting of a device comes from, and below it what it replaced.
    static func explain(_ origins: [SettingOrigin]) -> [String] {
        var table = TextTable(["SETTING", "VALUE", "FROM", "WRITTEN AT"])
        for origin in origins {
            table.add([origin.setting, origin.value, origin.level.description, origin.location.description])
            for before in origin.overridden {
                table.add(["", "not " + before.value, before.level.description, before.location.description])
            }
        }
        return table.lines
    }

    /// What an inventory holds, in a line.
    static func summary(_ inventory: Inventory) -> String {
        let perDatacentre = inventory.datacentres.map { datacentre in
            let count = inventory.devices.count { $0.datacentre == datacentre.name }
            return "\(datacentre.name) \(count)"
        }.joined(separator: ", ")
        return SafeText.line(
            "inventory \(inventory.name): \(inventory.devices.count) devices (\(perDatacentre)), \(inventory.links.count) links"
        )
    }
}
