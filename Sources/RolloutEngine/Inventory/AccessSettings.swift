/// How a device is reached over SSH.
public struct SSHSettings: Hashable, Codable, Sendable {
    /// Who speaks SSH for us.
    public enum Client: String, Codable, CaseIterable, Sendable {
        /// The library that is built in (libssh2).
        case builtIn = "built-in"
        /// The machine's own OpenSSH client.
        case openSSH = "openssh"
        /// The library that is built in, and the machine's OpenSSH client for devices that it cannot talk to.
        case either
    }

    /// Who speaks SSH; nil for what is built in.
    public var client: Client?
    /// The TCP port.
    public var port: Int
    /// The account.
    public var user: String
    /// A private key file in OpenSSH or PEM format: ed25519 or ECDSA (libssh2 1.10 cannot sign rsa-sha2).
    public var keyFile: String?
    /// The key's passphrase, or the account's password when there is no key.
    public var keyPassphrase: SecretReference?
    /// The account's password, for password and keyboard-interactive authentication.
    public var password: SecretReference?
    /// The password that a command line asks for before configuration may be changed (`enable`); nil for none.
    public var enablePassword: SecretReference?
    /// The file of host keys that are trusted, in OpenSSH's format.
    public var knownHosts: String?
    /// A device (by name in this inventory) or `user@host:port` through which the connection goes.
    public var jump: String?
    /// How long a connection may take from the first packet to an authenticated session.
    public var connectTimeout: Timespan
    /// How long one command may take.
    public var commandTimeout: Timespan
    /// The network namespace (`ip netns`) that the connection is made in, as a management VRF is; nil for the process's own.
    public var namespace: String?

    /// What the account is let in with: `password`, or `keyPassphrase` where there is no key that it could open.
    public var accountPassword: SecretReference? { password ?? (keyFile == nil ? keyPassphrase : nil) }
    /// What opens the key; nil when there is none, or it needs nothing.
    public var keyFilePassphrase: SecretReference? { keyFile == nil ? nil : keyPassphrase }

    /// OpenSSH's defaults where there are any.
    public init(
        port: Int = 22, user: String = "root", keyFile: String? = nil, keyPassphrase: SecretReference? = nil,
        password: SecretReference? = nil, knownHosts: String? = nil, jump: String? = nil,
        connectTimeout: Timespan = .seconds(10), commandTimeout: Timespan = .seconds(30), namespace: String? = nil,
        enablePassword: SecretReference? = nil, client: Client? = nil
    ) {
        self.client = client
        self.port = port
        self.user = user
        self.keyFile = keyFile
        self.keyPassphrase = keyPassphrase
        self.password = password
        self.enablePassword = enablePassword
        self.knownHosts = knownHosts
        self.jump = jump
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        self.namespace = namespace
    }
}
