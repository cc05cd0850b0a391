/// How the counters of a device or link are read over SNMP.
public struct SNMPSettings: Hashable, Codable, Sendable {
    /// The UDP port.
    public var port: Int
    /// The version as written; nil when the other settings decide.
    public var version: Version?
    /// The community of v1 and v2c. A reference, as it is a secret.
    public var community: SecretReference?
    /// The user of v3 (RFC 3414).
    public var user: String?
    /// How v3 proves who asks and who answers; nil for not at all.
    public var auth: Authentication?
    /// The password from which the key of `auth` is made.
    public var authKey: SecretReference?
    /// How v3 hides what is asked and answered; nil for not at all.
    public var priv: Privacy?
    /// The password from which the key of `priv` is made; nil for that of `auth`.
    public var privKey: SecretReference?
    /// The context of v3 in which objects are looked for, as a VRF or VLAN may have one of its own; nil for the usual one.
    public var context: String?
    /// How long one request may wait for its answer.
    public var timeout: Timespan
    /// How often a request is sent again before the reading is unknown.
    public var retries: Int
    /// The network namespace (`ip netns`) that requests are sent in; nil for the process's own.
    public var namespace: String?
    /// Whether answers count that come from another address than the one that was asked, as those of some devices with
    /// several do; nil for no.
    public var anySource: Bool?

    /// 1 s and one retry: a gate that waits longer learns nothing in time.
    public init(
        port: Int = 161, version: Version? = nil, community: SecretReference? = nil, user: String? = nil,
        auth: Authentication? = nil, authKey: SecretReference? = nil, priv: Privacy? = nil,
        privKey: SecretReference? = nil, context: String? = nil, timeout: Timespan = .seconds(1), retries: Int = 1,
        namespace: String? = nil, anySource: Bool? = nil
    ) {
        self.port = port
        self.version = version
        self.community = community
        self.user = user
        self.auth = auth
        self.authKey = authKey
        self.priv = priv
        self.privKey = privKey
        self.context = context
        self.timeout = timeout
        self.retries = retries
        self.namespace = namespace
        self.anySource = anySource
    }

    /// The versions of SNMP.
    public enum Version: String, CaseIterable, Codable, Sendable {
        /// RFC 1157: no 64-bit counters, and one bad object spoils an answer.
        case v1 = "1"
        /// RFC 1901 and 3416.
        case v2c = "2c"
        /// RFC 3410 to 3418.
        case v3 = "3"
    }

    /// How a v3 message proves who sent it: RFC 3414 (MD5, SHA-1) and RFC 7860 (SHA-2).
    public enum Authentication: String, CaseIterable, Codable, Sendable {
        case md5, sha1, sha224, sha256, sha384, sha512
    }

    /// How a v3 message is hidden: RFC 3414 (DES), RFC 3826 (AES-128), and what agents do beyond: keys stretched as
    /// draft-blumenthal-aes-usm says (`aes192`, `aes256`) or as Cisco does (`aes192c`, `aes256c`).
    public enum Privacy: String, CaseIterable, Codable, Sendable {
        case des, aes128, aes192, aes256, aes192c, aes256c
    }

    /// The version that is spoken: as written, or 3 where a user is given and no community is.
    public var spoken: Version { version ?? (user != nil && community == nil ? .v3 : .v2c) }

    /// Whether there is enough to ask with. Without it the device has no SNMP, and cannot be watched.
    public var isGiven: Bool { spoken == .v3 ? user != nil : community != nil }
}
