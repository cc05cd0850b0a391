/// Turns a reference into its secret, at the moment of use.
public protocol SecretSource: Sendable {
    /// The secret behind a reference.
    ///
    /// - Throws: `DriverError` with `.localSetup` when the variable is not set or the file cannot be read; it names the
    ///   reference, never a value.
    func resolve(_ reference: SecretReference) throws(DriverError) -> Secret
}
