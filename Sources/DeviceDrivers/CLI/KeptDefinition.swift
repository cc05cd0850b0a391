/// A definition that is kept once, however many hold it: it takes some kilobytes, and each session and each step of one has it.
package final class KeptDefinition: Sendable {
    package let value: PlatformDefinition

    /// Keeps a definition.
    package init(_ value: PlatformDefinition) { self.value = value }
}
