/// A way into a device's configuration: elements one in another, the values of keys, and one empty element at its end, which
/// is what is read, replaced and removed as a whole. At once a subtree filter (RFC 6241, section 6). Pure.
package struct Subtree: Hashable, Sendable {
    /// The outermost element; values may hold placeholders such as `{interface}`.
    package let root: Markup

    /// A subtree; nil unless exactly one element in it is empty.
    package init?(_ root: Markup) {
        guard Self.targets(in: root) == 1 else { return nil }
        self.root = root
    }

    private init(filled root: Markup) { self.root = root }

    /// With placeholders replaced.
    package func filled(_ values: [String: String]) -> Subtree {
        Subtree(filled: Self.fill(root, values))
    }

    /// The names of the placeholders in it.
    package var placeholders: Set<String> {
        func names(_ element: Markup) -> [String] {
            Placeholders.names(in: element.text) + element.children.flatMap(names)
        }
        return Set(names(root))
    }

    /// The empty element at its end.
    package var target: Markup { Self.target(in: root) }

    /// What stands at its end in what a device told; nil when there is nothing.
    package func find(in data: Markup) -> Markup? { Self.find(root, among: data.children) }

    /// The way with something else at its end.
    package func holding(_ content: Markup) -> Markup { Self.replace(in: root, with: content) }

    /// What a device told, without what stands at this end. Its way stays.
    package func removed(from data: Markup) -> Markup {
        var result = data
        result.children = Self.remove(root, among: data.children)
        return result
    }

    // MARK: The way

    private static func isTarget(_ element: Markup) -> Bool { element.children.isEmpty && element.text.isEmpty }

    private static func targets(in element: Markup) -> Int {
        isTarget(element) ? 1 : element.children.reduce(0) { $0 + targets(in: $1) }
    }

    private static func target(in element: Markup) -> Markup {
        isTarget(element) ? element : element.children.first { targets(in: $0) == 1 }.map { target(in: $0) } ?? element
    }

    private static func fill(_ element: Markup, _ values: [String: String]) -> Markup {
        var result = element
        result.text = Placeholders.filled(element.text) { values[$0] }
        result.children = element.children.map { fill($0, values) }
        return result
    }

    private static func find(_ step: Markup, among elements: [Markup]) -> Markup? {
        for element in elements where fits(element, step) {
            if isTarget(step) { return element }
            if let next = next(after: step), let found = find(next, among: element.children) { return found }
        }
        return nil
    }

    private static func remove(_ step: Markup, among elements: [Markup]) -> [Markup] {
        if isTarget(step) { return elements.filter { !fits($0, step) } }
        return elements.map { element in
            guard fits(element, step), let next = next(after: step) else { return element }
            var result = element
            result.children = remove(next, among: element.children)
            return result
        }
    }

    /// Whether an element has the name and the keys of a step.
    private static func fits(_ element: Markup, _ step: Markup) -> Bool {
        isSame(element.name, step.name) && isSame(element.namespace, step.namespace)
            && step.children.allSatisfy { key in
                targets(in: key) == 1
                    || element.children.contains { isSame($0.name, key.name) && isSame($0.value, key.value) }
            }
    }

    private static func next(after step: Markup) -> Markup? { step.children.first { targets(in: $0) == 1 } }

    private static func replace(in element: Markup, with content: Markup) -> Markup {
        if isTarget(element) { return content }
        var result = element
        result.children = element.children.map { targets(in: $0) == 1 ? replace(in: $0, with: content) : $0 }
        return result
    }
}
