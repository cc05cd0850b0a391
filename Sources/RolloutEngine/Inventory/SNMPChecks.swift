/// Checks that SNMP settings from several levels make sense together.
struct SNMPChecks {
    let complaints: ComplaintList

    /// What does not go together: the setting to look at, what is wrong, and what helps.
    struct Mistake: Hashable {
        var path: String
        var problem: String
        var remedy: String
    }

    /// - Parameter place: Where a device's setting is written.
    func run(
        _ devices: [Device], links: [Link], sections: InventorySections, place: (String, Device) -> SourceLocation
    ) {
        // One mistake in the defaults is one mistake, however many devices have it.
        var told: Set<SourceLocation> = []
        for device in devices {
            guard let mistake = Self.mistake(in: device.snmp) else { continue }
            let place = place(mistake.path, device)
            guard told.insert(place).inserted else { continue }
            complaints.error(at: place, "\(mistake.problem), in device \(device.name)", remedy: mistake.remedy)
        }
        for link in links {
            guard let mistake = Self.mistake(in: link.counters.snmp),
                let place = sections.links.first(where: { $0.name == link.name })?.place
            else { continue }
            complaints.error(
                at: place, "\(mistake.problem), in the counters of link \(link.name)", remedy: mistake.remedy)
        }
    }

    /// The first thing that does not go together.
    static func mistake(in snmp: SNMPSettings) -> Mistake? {
        func mistake(_ setting: String, _ problem: String, _ remedy: String) -> Mistake {
            Mistake(path: "snmp.\(setting)", problem: problem, remedy: remedy)
        }
        if snmp.version == .v3, snmp.user == nil {
            return mistake("version", "snmp.version 3 needs a user", "add snmp.user")
        }
        if snmp.spoken != .v3 {
            let spoken = "SNMP \(snmp.spoken.rawValue) is spoken"
            let switching = "say snmp.version: 3, or leave it out"
            if snmp.user != nil, snmp.version == nil {
                return mistake(
                    "user", "snmp has a community and a user", "say which counts: snmp.version: 2c or snmp.version: 3")
            }
            if snmp.user == nil, snmp.version == nil {
                let needed = "add snmp.user, which SNMP v3 needs"
                if snmp.auth != nil { return mistake("auth", "snmp.auth is for SNMP v3, and there is no user", needed) }
                if snmp.priv != nil { return mistake("priv", "snmp.priv is for SNMP v3, and there is no user", needed) }
                if snmp.context != nil {
                    return mistake("context", "snmp.context is for SNMP v3, and there is no user", needed)
                }
            } else if snmp.version != nil {
                if snmp.user == nil, snmp.auth != nil {
                    return mistake("auth", "snmp.auth is for version 3, and \(spoken)", switching)
                }
                if snmp.user == nil, snmp.priv != nil {
                    return mistake("priv", "snmp.priv is for version 3, and \(spoken)", switching)
                }
                if snmp.user != nil, snmp.community == nil {
                    return mistake("version", "snmp has a user, and \(spoken), which needs a community", switching)
                }
            }
            return nil
        }
        if snmp.auth != nil, snmp.authKey == nil {
            return mistake(
                "auth", "snmp.auth has no key", "add snmp.auth_key as env:NAME or file:PATH, the password of the user")
        }
        if snmp.auth == nil, snmp.authKey != nil {
            return mistake("auth_key", "snmp.auth_key is given without snmp.auth", "add snmp.auth, such as sha256")
        }
        if snmp.priv != nil, snmp.auth == nil {
            return mistake(
                "priv", "snmp.priv is given without snmp.auth",
                "SNMP v3 hides nothing that is not signed: add snmp.auth")
        }
        if snmp.priv == nil, snmp.privKey != nil {
            return mistake("priv_key", "snmp.priv_key is given without snmp.priv", "add snmp.priv, such as aes128")
        }
        return nil
    }
}
