import DeviceDrivers
import Foundation
import Testing

@Suite("Line expressions")
struct LineExpressionTests {
    @Test(
        "match as they should",
        arguments: [
            ("abc", "xabcx", true), ("^abc$", "xabc", false), ("a.c", "abc", true), ("a[b-d]+c", "abdbc", true),
            ("a[^b-d]c", "abc", false), ("[]a]", "]", true), ("\\d{2,3}$", "x1234", true),
            ("^\\d{2,3}$", "1234", false),
            ("^(a|bc|)$", "", true), ("^(a|bc)*$", "abcbca", true), ("(?i)ERROR", "an error", true),
            ("\\bin\\b", "inside in it", true), ("\\bin\\b", "inside", false), ("^a{0,2}b", "aab", true),
            ("^a{0,2}b", "aaab", false), ("a{2,}", "a", false), ("é+", "éé", true), ("x{y}", "x{y}", true),
            ("aab", "aaaab", true), ("aab", "aaaa", false), ("abcdefghijk", "abcdefghiabcdefghijk", true),
            ("abcdefghijk", "abcdefghijabcdefghi", false), ("(ab|c)d$", "abcd", true), ("b$|ab", "xb", true),
            ("a?b?", "x", true), ("(secret|key) \\S+", "a key of se secret x", true),
            ("a$|b", "ba", true), ("a$|b", "bc", true), ("(a$|b)c?", "xb", true), ("a*$", "b", true), ("^$", "", true),
            ("a $", "a ", true), ("a *$", "ab", false), ("(a|b$)$", "ab", true), ("^>$|#", "#x", true),
            ("^(?:a?){20}a{20}$", String(repeating: "a", count: 20), true), ("\\[yes,no\\]", "[yes,no]", true),
        ])
    func table(_ pattern: String, _ line: String, _ isFound: Bool) throws {
        #expect(try LineExpression(pattern).isFound(in: line) == isFound)
    }

    @Test("groups hold what they matched, greedy or lazy, leftmost first")
    func groups() throws {
        let match = try #require(try LineExpression("(?<a>a+?)(?<b>a*)(c|(?<d>d))").firstMatch(in: "xaaad"))
        #expect(match["a"] == "a")
        #expect(match["b"] == "aa")
        #expect(match["d"] == "d")
        #expect(match["e"] == nil)
        #expect(match.range == 1..<5)
        #expect(try LineExpression("(?<x>ab|a)(?<y>.*)").firstMatch(in: "abc")?["x"] == "ab")
        #expect(try LineExpression("(?<x>q)?z").firstMatch(in: "z")?["x"] == nil)
    }

    @Test("agree with ICU on random patterns and lines", arguments: 0..<300 as Range<UInt64>)
    func agreement(_ seed: UInt64) throws {
        var random = SmallRandom(seed)
        let pattern = random.pattern(depth: 3)
        let ours = try LineExpression(pattern)
        let theirs = try NSRegularExpression(pattern: pattern)
        for _ in 0..<20 {
            let line = String((0..<random.below(24)).map { _ in "abc".randomElementOf(&random) })
            let found = theirs.firstMatch(in: line, range: NSRange(location: 0, length: line.utf16.count))
            #expect(ours.firstMatch(in: line)?.range == found.flatMap { Range($0.range) }, "\(pattern) in '\(line)'")
            #expect(ours.isFound(in: line) == (found != nil))
        }
    }

    @Test("never go back and try again: what hangs other engines ends")
    func hostile() throws {
        let line = String(repeating: "a", count: 20_000)
        #expect(try !LineExpression("^(a*)*b$").isFound(in: line))
        #expect(try !LineExpression("(a|aa)+$b").isFound(in: line))
    }

    @Test(
        "mistakes are said",
        arguments: [
            ("a(b", "without its ')'"), ("a)", "without its '('"), ("[a", "without its ']'"),
            ("*a", "nothing to repeat"),
            ("a\\", "ends with"), ("\\q", "'\\q'"), ("(?=a)", "not known"), ("(?<a>b)(?<a>c)", "named 'a'"),
            ("a{3,2}", "{3,2}"), ("(a{100}){100}", "too large"), ("[z-a]", "backwards"), ("a**", "repeats"),
            (String(repeating: "(", count: 100), "nested"),
        ])
    func mistakes(_ pattern: String, _ words: String) {
        do throws(LineExpression.Mistake) {
            _ = try LineExpression(pattern)
            Issue.record("'\(pattern)' was read")
        } catch {
            #expect(error.description.contains(words))
        }
    }
}

/// A small seeded generator: the same seed, the same patterns.
struct SmallRandom {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func below(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 11) % bound
    }

    mutating func pattern(depth: Int) -> String {
        (0...below(2)).map { _ in piece(depth: depth) }.joined() + ["", "", "$"][below(3)]
    }

    private mutating func piece(depth: Int) -> String {
        let atom: String
        switch below(depth > 0 ? 7 : 5) {
        case 0: atom = "a"
        case 1: atom = "b"
        case 2: atom = "."
        case 3: atom = "[ab]"
        case 4: atom = "[^b]"
        case 5: atom = "(\(pattern(depth: depth - 1))|\(pattern(depth: depth - 1)))"
        default: atom = "(?:\(pattern(depth: depth - 1)))"
        }
        // A repetition of what can be empty means other things to other engines, so only single letters are repeated.
        guard !atom.hasPrefix("(") else { return atom }
        return atom + ["", "", "*", "+", "?", "*?", "{1,2}"][below(7)]
    }
}

extension String {
    fileprivate func randomElementOf(_ random: inout SmallRandom) -> Character {
        self[index(startIndex, offsetBy: random.below(count))]
    }
}
