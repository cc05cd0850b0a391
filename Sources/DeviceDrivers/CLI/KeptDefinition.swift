/// A definition that is kept once, however many hold it: it takes some kilobytes, and each session and each step of one has it.
package final class KeptDefinition: Sendable {
    package let value: PlatformDefinition
    /// What each line of an answer is asked about: what is said in between, and what is a complaint.
    let chatter: LineExpressionSet
    let complaints: LineExpressionSet

    /// Keeps a definition.
    package init(_ value: PlatformDefinition) {
        self.value = value
        chatter = LineExpressionSet(value.chatter)
        complaints = LineExpressionSet(value.errors + value.locked)
    }
}
