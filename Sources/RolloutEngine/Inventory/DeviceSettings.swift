/// The settings that one level of an inventory gives: whatever is nil or empty is left to the levels before it.
struct DeviceSettings: Sendable {
    var address: String?
    var hostname: String?
    var serial: String?
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
        var client: SSHSettings.Client?
        var port: Int?
        var user: String?
        var keyFile: String?
        var keyPassphrase: SecretReference?
        var password: SecretReference?
        var enablePassword: SecretReference?
        var knownHosts: String?
        var jump: String?
        var connectTimeout: Timespan?
        var commandTimeout: Timespan?
        var namespace: String?
    }

    struct SNMPPatch: Sendable {
        var port: Int?
        var version: SNMPSettings.Version?
        var community: SecretReference?
        var user: String?
        var auth: SNMPSettings.Authentication?
        var authKey: SecretReference?
        var priv: SNMPSettings.Privacy?
        var privKey: SecretReference?
        var context: String?
        var timeout: Timespan?
        var retries: Int?
        var namespace: String?
        var anySource: Bool?
    }

    /// Lays a more particular level over this one: maps merge key by key, tags add up, everything else is replaced.
    mutating func merge(_ over: DeviceSettings) {
        address = over.address ?? address
        hostname = over.hostname ?? hostname
        serial = over.serial ?? serial
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
        client = over.client ?? client
        port = over.port ?? port
        user = over.user ?? user
        keyFile = over.keyFile ?? keyFile
        keyPassphrase = over.keyPassphrase ?? keyPassphrase
        password = over.password ?? password
        enablePassword = over.enablePassword ?? enablePassword
        knownHosts = over.knownHosts ?? knownHosts
        jump = over.jump ?? jump
        connectTimeout = over.connectTimeout ?? connectTimeout
        commandTimeout = over.commandTimeout ?? commandTimeout
        namespace = over.namespace ?? namespace
    }

    /// Settings with the usual values for what no level gives.
    var complete: SSHSettings {
        var settings = SSHSettings()
        settings.client = client
        settings.port = port ?? settings.port
        settings.user = user ?? settings.user
        settings.keyFile = keyFile
        settings.keyPassphrase = keyPassphrase
        settings.password = password
        settings.enablePassword = enablePassword
        settings.knownHosts = knownHosts
        settings.jump = jump
        settings.connectTimeout = connectTimeout ?? settings.connectTimeout
        settings.commandTimeout = commandTimeout ?? settings.commandTimeout
        settings.namespace = namespace
        return settings
    }
}

extension DeviceSettings.SNMPPatch {
    /// Settings as a level's.
    init(_ settings: SNMPSettings) {
        self.init(
            port: settings.port, version: settings.version, community: settings.community, user: settings.user,
            auth: settings.auth, authKey: settings.authKey, priv: settings.priv, privKey: settings.privKey,
            context: settings.context, timeout: settings.timeout, retries: settings.retries,
            namespace: settings.namespace, anySource: settings.anySource)
    }

    mutating func merge(_ over: Self) {
        port = over.port ?? port
        version = over.version ?? version
        community = over.community ?? community
        user = over.user ?? user
        auth = over.auth ?? auth
        authKey = over.authKey ?? authKey
        priv = over.priv ?? priv
        privKey = over.privKey ?? privKey
        context = over.context ?? context
        timeout = over.timeout ?? timeout
        retries = over.retries ?? retries
        namespace = over.namespace ?? namespace
        anySource = over.anySource ?? anySource
    }

    /// Settings with the usual values for what no level gives.
    var complete: SNMPSettings {
        let usual = SNMPSettings()
        return SNMPSettings(
            port: port ?? usual.port, version: version, community: community, user: user, auth: auth,
            authKey: authKey, priv: priv, privKey: privKey, context: context, timeout: timeout ?? usual.timeout,
            retries: retries ?? usual.retries, namespace: namespace, anySource: anySource)
    }
}
