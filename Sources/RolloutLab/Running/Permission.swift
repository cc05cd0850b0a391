import Foundation

/// Whether this machine lets us make a lab.
public enum Permission {
    /// What to do where it does not.
    static let other = "Use `rollout lab up --simulated` for a simulated fleet"

    /// Makes sure that namespaces can be made, and that what is to run in them is there.
    ///
    /// - Throws: `LabError` with `.unavailable` and the reason.
    public static func need(_ programs: [LabTopology.Kind.Program] = []) throws(LabError) {
        try needRoot()
        let packages = Set(programs).flatMap(\.needs).filter { access($0.file, X_OK) != 0 }.map(\.package).sorted()
        guard packages.isEmpty else {
            throw LabError(
                .unavailable,
                "a mixed lab needs packages that are missing here: apt-get install --no-install-recommends "
                    + packages.joined(separator: " "))
        }
        let missing = ["ip", "tc", "unshare", "setsid", "ssh-keygen", "sshd", "snmpd", "snmpset", "iperf3"].filter {
            Tool.find($0) == nil
        }
        guard missing.isEmpty else {
            throw LabError(
                .unavailable,
                "the lab needs programs that are missing here: \(missing.joined(separator: ", ")). "
                    + "Install them with scripts/install-packages")
        }
        // Everything that the lab does with namespaces, tried in one that goes at once.
        let attempt = try Tool.run(
            "unshare",
            [
                "--net", "--uts", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c",
                "ip link add probe0 type veth peer name probe1 "
                    + "&& tc qdisc add dev probe0 root tbf rate 1mbit burst 16k latency 50ms "
                    + "&& mount -t tmpfs none /mnt",
            ])
        guard attempt.status == 0 else {
            throw LabError(
                .unavailable,
                "network namespaces are not permitted here (\(attempt.complaint.split(separator: "\n").first ?? "no reason given")). "
                    + other)
        }
    }

    /// Makes sure that we are root.
    ///
    /// - Throws: `LabError` with `.unavailable`.
    static func needRoot() throws(LabError) {
        guard geteuid() == 0 else {
            throw LabError(.unavailable, "the lab needs root for network namespaces: run it with sudo. \(other)")
        }
    }

    /// Whether a lab can be made here.
    public static var isGranted: Bool { (try? need()) != nil }
}
