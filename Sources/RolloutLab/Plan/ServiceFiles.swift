/// The configuration of what runs in a lab, file by file. Pure.
enum ServiceFiles {
    /// An OpenSSH server as most machines have it, for one key of the lab, and root with a plain shell.
    static let sshd = """
        Port 22
        HostKey /etc/ssh/host_key
        AuthorizedKeysFile /etc/ssh/authorized_keys
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        PermitRootLogin prohibit-password
        UseDNS no
        PrintMotd no
        PrintLastLog no
        X11Forwarding no
        MaxStartups 200
        MaxSessions 50
        LoginGraceTime 30
        PidFile none
        Subsystem sftp internal-sftp
        LogLevel ERROR

        """

    /// What one that is modern has beside, and nothing else.
    static let modernSSHD = "Ciphers aes256-gcm@openssh.com\nMACs hmac-sha2-512-etm@openssh.com\n"

    /// An SNMP agent that anybody who knows the community may read. A second community sets how long it caches counters.
    static func snmpd(community: String) -> String {
        """
        agentaddress udp:161
        rocommunity \(community)
        rwcommunity \(community)-cache 127.0.0.1 .1.3.6.1.4.1.8072.1.5.3

        """
    }

    /// BIRD with routes that lead nowhere.
    static func bird(routes: [String]) -> String {
        "router id 192.0.2.1;\nprotocol device {}\nprotocol static lab { ipv4;"
            + routes.map { " route \($0) blackhole;" }.joined() + " }\n"
    }

    /// FRR with routes that lead nowhere.
    static func frr(hostname: String, routes: [String]) -> String {
        "frr defaults traditional\nhostname \(hostname)\nservice integrated-vtysh-config\n!\n"
            + routes.map { "ip route \($0) blackhole\n" }.joined() + "!\n"
    }

    /// Accounts: root has a plain shell, and its password is one that nothing matches.
    static let passwd = """
        root:x:0:0:root:/root:/bin/sh
        sshd:x:100:65534::/run/sshd:/usr/sbin/nologin
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
        frr:x:101:101::/nonexistent:/usr/sbin/nologin

        """
    /// The passwords that belong to them: none.
    static let shadow = "root:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n"
    /// Groups.
    static let group = "root:x:0:\ntty:x:5:\nnogroup:x:65534:\nfrr:x:101:\nfrrvty:x:102:frr\n"
    /// Names are looked up in files only.
    static let nameService = "passwd: files\ngroup: files\nshadow: files\nhosts: files\n"

    /// A shell that takes its time before each command.
    static let slowShell = "#!/bin/sh\nsleep 2\nexec /bin/sh \"$@\"\n"
}
