/// The settings that one level of an inventory gives: whatever is nil or empty is left to the levels before it.
struct DeviceSettings: Sendable {
    var address: String?
    var hostname: String?
    var platform: PlatformName?
    var range: RangeName?
    var datacentre: DatacentreName?
    var links: [LinkName]?
    var interfaces: [String]?
    var groups: [GroupName]?
    /// Tags add up over the levels.
    var tags: [String] = []
    /// One value a kind, sorted by kind.
    var domains: [FailureDomain] = []
    var ssh = SSHPatch()
    var snmp = SNMPPatch()
    var variables: [String: Variable] = [:]

    struct SSHPatch: Sendable {
        var port: Int?
        var user: String?
        var keyFile: String?
        var keyPassphrase: SecretReference?
        var password: SecretReference?
        var knownHosts: String?
        var jump: String?
        var connectTimeout: Timespan?
        var commandTimeout: Timespan?
        var namespace: String?
    }

    struct SNMPPatch: Sendable {
        var port: Int?
        var community: SecretReference?
        var timeout: Timespan?
        var retries: Int?
        var namespace: String?
    }

    /// Lays a more particular level over this one: maps merge key by key, tags add up, everything else is replaced.
    mutating func merge(_ over: DeviceSettings) {
        address = over.address ?? address
        hostname = over.hostname ?? hostname
        platform = over.platform ?? platform
        range = over.range ?? range
        datacentre = over.datacentre ?? datacentre
        links = over.links ?? links
        interfaces = over.interfaces ?? interfaces
        groups = over.groups ?? groups
        for tag in over.tags where !tags.contains(tag) { tags.append(tag) }
        for domain in over.domains { set(domain) }
        ssh.merge(over.ssh)
        snmp.merge(over.snmp)
        if variables.isEmpty {
            variables = over.variables
        } else if !over.variables.isEmpty {
            variables.merge(over.variables) { $1 }
        }
    }

    /// Puts a device into a failure domain, and out of any other of the same kind.
    mutating func set(_ domain: FailureDomain) {
        if let index = domains.firstIndex(where: { $0.kind >= domain.kind }) {
            if domains[index].kind == domain.kind {
                domains[index] = domain
            } else {
                domains.insert(domain, at: index)
            }
        } else {
            domains.append(domain)
        }
    }
}

extension DeviceSettings.SSHPatch {
    mutating func merge(_ over: Self) {
        port = over.port ?? port
        user = over.user ?? user
        keyFile = over.keyFile ?? keyFile
        keyPassphrase = over.keyPassphrase ?? keyPassphrase
        password = over.password ?? password
        knownHosts = over.knownHosts ?? knownHosts
        jump = over.jump ?? jump
        connectTimeout = over.connectTimeout ?? connectTimeout
        commandTimeout = over.commandTimeout ?? commandTimeout
        namespace = over.namespace ?? namespace
    }

    /// Settings with the usual values for what no level gives.
    var complete: SSHSettings {
        var settings = SSHSettings()
        settings.port = port ?? settings.port
        settings.user = user ?? settings.user
        settings.keyFile = keyFile
        settings.keyPassphrase = keyPassphrase
        settings.password = password
        settings.knownHosts = knownHosts
        settings.jump = jump
        settings.connectTimeout = connectTimeout ?? settings.connectTimeout
        settings.commandTimeout = commandTimeout ?? settings.commandTimeout
        settings.namespace = namespace
        return settings
    }
}

extension DeviceSettings.SNMPPatch {
    mutating func merge(_ over: Self) {
        port = over.port ?? port
        community = over.community ?? community
        timeout = over.timeout ?? timeout
        retries = over.retries ?? retries
        namespace = over.namespace ?? namespace
    }

    /// Settings with the usual values for what no level gives.
    var complete: SNMPSettings {
        var settings = SNMPSettings()
        settings.port = port ?? settings.port
        settings.community = community
        settings.timeout = timeout ?? settings.timeout
        settings.retries = retries ?? settings.retries
        settings.namespace = namespace
        return settings
    }
}
