import RolloutEngine

/// A user of SNMP v3 with the keys that the passwords stand for, before any engine is known (Ku of RFC 3414, A.2).
///
/// Making such a key hashes a mebibyte, some milliseconds: it is done once a password, by `KeyRing`.
struct UserCredential {
    let name: [UInt8]
    let context: [UInt8]
    let authentication: (protocol: AuthenticationProtocol, key: [UInt8])?
    let privacy: (protocol: PrivacyProtocol, key: [UInt8])?
}

/// Keys by password and protocol, and the protocols, which all users share. Lives on `SNMPPoller.reactor`.
final class KeyRing {
    private struct Entry: Hashable {
        var password: String
        var type: Int32
    }

    private var keys: [Entry: [UInt8]] = [:]
    private var authentication: [SNMPSettings.Authentication: AuthenticationProtocol] = [:]
    private var privacy: [SNMPSettings.Privacy: PrivacyProtocol] = [:]

    /// The key that a password stands for; nil when libsnmp cannot make it.
    func key(_ password: Secret, _ authentication: AuthenticationProtocol) -> [UInt8]? {
        let entry = password.reveal { Entry(password: $0, type: authentication.type) }
        if let known = keys[entry] { return known }
        if keys.count >= 10_000 { keys = [:] }
        let key = authentication.key(of: Array(entry.password.utf8))
        keys[entry] = key
        return key
    }

    /// The way to sign that has this name.
    func signing(by name: SNMPSettings.Authentication) -> AuthenticationProtocol {
        if let known = authentication[name] { return known }
        let made = AuthenticationProtocol(name)
        authentication[name] = made
        return made
    }

    /// The way to hide that has this name.
    func hiding(by name: SNMPSettings.Privacy) -> PrivacyProtocol {
        if let known = privacy[name] { return known }
        let made = PrivacyProtocol(name)
        privacy[name] = made
        return made
    }
}
