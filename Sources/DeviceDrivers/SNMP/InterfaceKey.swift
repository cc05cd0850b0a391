/// How an inventory calls an interface, and where an agent says that name.
struct InterfaceKey: Hashable, Sendable {
    /// As the inventory has it.
    let written: String
    /// Whether it is an ifAlias, the text that operators give an interface.
    let isAlias: Bool
    /// The name without the blanks at its end.
    let octets: [UInt8]

    /// What an alias is told by.
    static let aliasPrefix = "alias:"

    init(_ written: String) {
        self.written = written
        isAlias = written.hasPrefix(Self.aliasPrefix)
        var octets = Array((isAlias ? written.dropFirst(Self.aliasPrefix.count) : written[...]).utf8)
        while octets.last == 0x20 { octets.removeLast() }
        self.octets = octets
    }

    /// Whether the agent's text is this name. Some agents fill their columns with blanks or zeros.
    func isSaid(by place: OctetStore.Place, in store: OctetStore) -> Bool {
        let said = store.trimmed(place)
        return said.count == octets.count && said.elementsEqual(octets)
    }
}
