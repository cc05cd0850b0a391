import Glibc
public import RolloutEngine

/// Secrets out of environment variables and out of the first lines of files.
public struct EnvironmentAndFileSecrets: SecretSource {
    private let folder: String

    /// - Parameter folder: What relative paths are relative to: the inventory's folder.
    public init(relativeTo folder: String = ".") { self.folder = folder }

    /// The secret behind a reference.
    ///
    /// - Throws: `DriverError` with `.localSetup`; it names the reference, never a value.
    public func resolve(_ reference: SecretReference) throws(DriverError) -> Secret {
        switch reference {
        case .environment(let name):
            guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else {
                throw missing(reference, "the environment variable is not set")
            }
            return Secret(value)
        case .file(let path):
            let bytes: [UInt8]
            do {
                bytes = try SmallFile.read(path, relativeTo: folder)
            } catch {
                throw missing(reference, error.reason)
            }
            let line = bytes.prefix { $0 != 10 && $0 != 13 }
            guard !line.isEmpty else { throw missing(reference, "the first line is empty") }
            return Secret(String(decoding: line, as: UTF8.self))
        }
    }

    private func missing(_ reference: SecretReference, _ reason: String) -> DriverError {
        DriverError(.localSetup, "no secret at \(reference): \(reason)", effect: .none)
    }
}
