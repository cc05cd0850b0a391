import CLinux
import Glibc

/// Numbers that nobody can guess, asked of the kernel many at a time.
struct RandomNumbers {
    private var stock: [Int32] = []

    /// The next number.
    mutating func next() -> Int32 {
        if stock.isEmpty {
            stock = Array(repeating: 0, count: 64)
            let filled = stock.withUnsafeMutableBytes { getrandom($0.baseAddress, $0.count, 0) }
            // Up to 256 octets always come whole, once the kernel has gathered enough at its start.
            precondition(filled == 256, "no random numbers: errno \(errno)")
        }
        return stock.removeLast()
    }
}
