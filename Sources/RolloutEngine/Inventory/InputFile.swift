import Glibc

/// Reads files that people wrote. The one place of this folder that touches the disk, together with `InventoryFolder`.
package enum InputFile {
    /// The largest file that is read: 64 MiB.
    static let sizeLimit = 64 << 20

    /// A file's bytes.
    ///
    /// - Throws: `InputError` when it is not a regular file, cannot be read, or is larger than `sizeLimit`.
    package static func read(_ path: String) throws(InputError) -> [UInt8] {
        let place = SourceLocation(file: path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw InputError(at: place, "cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw InputError(at: place, "is not a regular file")
        }
        guard status.st_size <= sizeLimit else { throw InputError(at: place, tooLarge) }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var count = 0
        while true {
            let got = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            guard got >= 0 else {
                throw InputError(at: place, "cannot be read: \(String(cString: strerror(errno)))")
            }
            if got == 0 { break }
            count += got
            guard count <= sizeLimit else { throw InputError(at: place, tooLarge) }
            if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: 65_536)) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// What is said of a file that is too large.
    static let tooLarge = "is larger than 64 MiB, which no fleet needs"
}
