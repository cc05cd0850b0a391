import Foundation

/// What the terminal can do.
enum Terminal {
    /// Whether standard output is a terminal that understands cursor movements.
    static var isLive: Bool { isatty(STDOUT_FILENO) == 1 && Environment.value("TERM") != "dumb" }
    /// Whether somebody can answer a question.
    static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Columns of the terminal, 80 when it does not say.
    static var width: Int { size.columns }
    /// Lines of the terminal, 24 when it does not say.
    static var height: Int { size.rows }

    private static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// The first `width` columns of a line; our own colour codes take none.
    static func cut(_ line: String, to width: Int) -> String {
        var result = ""
        var columns = 0
        var inCode = false
        for character in line {
            if character == "\u{1B}" { inCode = true }
            if inCode {
                result.append(character)
                if character.isLetter { inCode = false }
                continue
            }
            columns += 1
            if columns > width { continue }
            result.append(character)
        }
        return result
    }
}
