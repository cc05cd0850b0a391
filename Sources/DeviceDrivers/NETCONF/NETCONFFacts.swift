/// How a device says over NETCONF what it is: one request, and where its answer says so. Pure.
package struct NETCONFFacts: Hashable, Sendable {
    /// The operation that is asked, as it stands in the rpc.
    package var ask: Markup
    /// Where the version of what it runs stands, if anywhere.
    package var firmware: Path?
    /// Where the name of the hardware stands, if anywhere.
    package var hardware: Path?
    /// Where the serial number stands, if anywhere.
    package var serial: Path?

    /// Names of elements below the answer, outermost first, whatever their namespaces: releases differ in these.
    package struct Path: Hashable, Sendable {
        private var steps: [Step]

        private struct Step: Hashable {
            var name: String
            /// What must stand in it for it to count: names, and the value at their end, without a prefix.
            var condition: Condition?
        }

        private struct Condition: Hashable {
            var names: [String]
            var value: String
        }

        /// Reads `system/version`, or `component[state/type=CHASSIS]/state/serial-no`.
        ///
        /// - Returns: Nil for a text that is no such path.
        package init?(_ text: String) {
            steps = []
            var rest = text[...]
            while true {
                let name = rest.prefix { !"/[]=".contains($0) }
                guard !name.isEmpty, !name.contains(" ") else { return nil }
                rest = rest.dropFirst(name.count)
                var step = Step(name: String(name))
                if rest.first == "[" {
                    guard let end = rest.firstIndex(of: "]") else { return nil }
                    let parts = rest[..<end].dropFirst().split(
                        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    let names = parts[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
                    guard parts.count == 2, !parts[1].isEmpty, !names.contains("") else { return nil }
                    step.condition = Condition(names: names, value: String(parts[1]))
                    rest = rest[rest.index(after: end)...]
                }
                steps.append(step)
                guard let next = rest.first else { return }
                guard next == "/" else { return nil }
                rest = rest.dropFirst()
            }
        }

        /// The first value that stands there; nil when none does, or an empty one.
        package func value(in element: Markup) -> String? { Self.value(steps[...], in: element) }

        private static func value(_ steps: ArraySlice<Step>, in element: Markup) -> String? {
            guard let step = steps.first else { return element.value.isEmpty ? nil : element.value }
            for child in element.children where isSame(child.name, step.name) {
                if let condition = step.condition, !fits(child, condition) { continue }
                if let value = value(steps.dropFirst(), in: child) { return value }
            }
            return nil
        }

        private static func fits(_ element: Markup, _ condition: Condition) -> Bool {
            let value = condition.names.reduce(element as Markup?) { element, name in
                element?.children.first { isSame($0.name, name) }
            }?.value
            return value.map { isSame(String($0.split(separator: ":").last ?? ""), condition.value) } ?? false
        }
    }
}
