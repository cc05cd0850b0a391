import CLinux
import Glibc

/// A named network namespace (`ip netns`), in which a management VRF may live.
struct NetworkNamespace: Hashable, Sendable {
    /// Why it cannot be used.
    struct Failure: Error, Hashable, Sendable {
        var reason: String
    }

    /// Its name.
    let name: String

    /// Names a namespace.
    ///
    /// - Throws: When the name could lead out of the folder of namespaces.
    init(_ name: String) throws(Failure) {
        guard !name.isEmpty, !name.contains("/"), !name.contains("\0"), name != ".", name != ".." else {
            throw Failure(reason: "'\(name)' is not the name of a network namespace")
        }
        self.name = name
    }

    private var path: String { "/var/run/netns/\(name)" }

    /// Tells this namespace from a later one of the same name; nil when there is none.
    var identity: UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    /// Moves the calling thread into the namespace, for good.
    ///
    /// - Throws: When there is no such namespace, or no right to enter it.
    func enter() throws(Failure) {
        let fd = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard fd >= 0 else {
            let reason = errno == ENOENT ? "there is none; `ip netns list` shows those that exist" : Errno.text(errno)
            throw Failure(reason: "network namespace '\(name)': \(reason)")
        }
        defer { close(fd) }
        guard clinux_enter_network_namespace(fd) == 0 else {
            let reason = errno == EPERM ? "entering it needs root (CAP_SYS_ADMIN)" : Errno.text(errno)
            throw Failure(reason: "network namespace '\(name)': \(reason)")
        }
    }

    /// A descriptor that `open` gives inside the namespace: on a thread that ends, so that none has to find its way back.
    ///
    /// - Throws: As `enter`, or with what `open` complained about.
    func open(_ open: @escaping () -> Int32) throws(Failure) -> Int32 {
        let visit = Visit(namespace: self, open: open)
        var handle = pthread_t()
        let status = pthread_create(
            &handle, nil,
            { context in
                if let context { Unmanaged<Visit>.fromOpaque(context).takeUnretainedValue().run() }
                return nil
            }, Unmanaged.passUnretained(visit).toOpaque())
        guard status == 0 else {
            throw Failure(reason: "network namespace '\(name)': no thread: \(Errno.text(status))")
        }
        pthread_join(handle, nil)
        return try visit.result.get()
    }

    private final class Visit {
        let namespace: NetworkNamespace
        let open: () -> Int32
        var result: Result<Int32, Failure> = .failure(Failure(reason: "not visited"))

        init(namespace: NetworkNamespace, open: @escaping () -> Int32) {
            self.namespace = namespace
            self.open = open
        }

        func run() {
            result = Result { () throws(Failure) in
                try namespace.enter()
                let descriptor = open()
                guard descriptor >= 0 else {
                    throw Failure(reason: "network namespace '\(namespace.name)': \(Errno.text(errno))")
                }
                return descriptor
            }
        }
    }
}
