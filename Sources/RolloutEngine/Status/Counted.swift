extension Int {
    /// So many of something, in words: `1 device`, `12 devices`.
    public func counted(_ thing: String) -> String { "\(self) \(thing)\(self == 1 ? "" : "s")" }
}
