import CLinux
import Glibc
import RolloutEngine

/// A named network namespace (`ip netns`), in which a management VRF may live.
struct NetworkNamespace: Hashable, Sendable {
    /// Its name.
    let name: String

    /// Names a namespace.
    ///
    /// - Throws: `.notAsked` when the name could lead out of the folder of namespaces.
    init(_ name: String) throws(SNMPTrouble) {
        guard !name.isEmpty, !name.contains("/"), !name.contains("\0"), name != ".", name != ".." else {
            throw SNMPTrouble(.notAsked, "'\(name)' cannot be a network namespace; correct snmp.namespace")
        }
        self.name = name
    }

    private var path: String { "/var/run/netns/\(name)" }

    /// Tells this namespace from a later one of the same name; nil when there is none.
    var identity: UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    /// A descriptor that `open` gives, opened inside the namespace.
    ///
    /// - Throws: `.notAsked` when there is no such namespace or no right to enter it.
    func open(_ open: @escaping () -> Int32) throws(SNMPTrouble) -> Int32 {
        let namespace = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard namespace >= 0 else {
            throw SNMPTrouble(.notAsked, "there is no network namespace '\(name)': \(path): \(lastError())")
        }
        defer { close(namespace) }
        let visit = Visit(namespace: namespace, open: open)
        var handle = pthread_t()
        let status = pthread_create(
            &handle, nil,
            { context in
                if let context { Unmanaged<Visit>.fromOpaque(context).takeUnretainedValue().run() }
                return nil
            }, Unmanaged.passUnretained(visit).toOpaque())
        guard status == 0 else {
            throw SNMPTrouble(
                .notAsked, "no thread to enter network namespace '\(name)': \(String(cString: strerror(status)))")
        }
        pthread_join(handle, nil)
        guard visit.descriptor >= 0 else {
            throw SNMPTrouble(
                .notAsked,
                "cannot open a socket in network namespace '\(name)': \(visit.trouble) (entering one needs CAP_SYS_ADMIN)"
            )
        }
        return visit.descriptor
    }

    /// The namespace belongs to a thread. One that is made for the purpose and ends never has to find its way back.
    private final class Visit {
        let namespace: Int32
        let open: () -> Int32
        var descriptor: Int32 = -1
        var trouble = ""

        init(namespace: Int32, open: @escaping () -> Int32) {
            self.namespace = namespace
            self.open = open
        }

        func run() {
            if clinux_enter_network_namespace(namespace) == 0 { descriptor = open() }
            if descriptor < 0 { trouble = lastError() }
        }
    }
}

/// What the last system call of this thread complained about.
func lastError() -> String { String(cString: strerror(errno)) }
