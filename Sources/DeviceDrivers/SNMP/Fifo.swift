/// A queue: first in, first out.
struct Fifo<Element> {
    private var elements: [Element?] = []
    private var head = 0

    /// Adds at the end.
    mutating func append(_ element: Element) { elements.append(element) }

    /// Takes from the front.
    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        defer {
            elements[head] = nil
            head += 1
            if head > 64, head * 2 > elements.count {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }
}
