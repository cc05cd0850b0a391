package import RolloutEngine

/// Holds lines of a change against the languages of platforms, without a look at any device. Each language is made ready once.
package struct LinesLint {
    private let library: PlatformLibrary
    private var readers: [PlatformName: DeviceReader] = [:]

    /// For the platforms of a library.
    package init(_ library: PlatformLibrary) { self.library = library }

    /// Whether lines of intents can be written to devices of a platform, as far as no device has to be asked. Platforms that are no
    /// command line are left to their drivers.
    ///
    /// - Throws: `DriverError` with `.unsupported` that says which line cannot, and why.
    package mutating func check(_ intents: [ResolvedIntent], for platform: PlatformName) throws(DriverError) {
        if readers[platform] == nil, let definition = library.definition(named: platform) {
            readers[platform] = try DeviceReader(KeptDefinition(definition))
        }
        guard let reader = readers[platform] else { return }
        for case .lines(let present, let absent) in intents {
            _ = try reader.written(present: present, absent: absent)
        }
    }
}
