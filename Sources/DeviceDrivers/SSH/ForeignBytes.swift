import Glibc

/// Bytes at one address for as long as an operation takes: libssh2 wants the same buffer again after each wait.
///
/// They are overwritten before they are freed, as they may be a password or a private key. A zero follows them.
final class ForeignBytes {
    let start: UnsafeMutablePointer<CChar>
    let count: Int

    init(_ bytes: some Collection<UInt8>) {
        count = bytes.count
        start = .allocate(capacity: count + 1)
        _ = UnsafeMutableRawBufferPointer(start: start, count: count).initializeMemory(as: UInt8.self, from: bytes)
        start[count] = 0
    }

    convenience init(_ text: String) { self.init(Array(text.utf8)) }

    deinit {
        explicit_bzero(start, count)
        start.deallocate()
    }
}
