import Testing

@testable import RolloutWeb

@Suite("Markup")
struct HTMLTests {
    @Test("text from elsewhere stays text, in elements and in attributes")
    func escapes() {
        let name = "<img onerror=alert(1)>\"'&"
        let html: HTML = "<a title=\"\(name)\">\(name)</a>"
        let escaped = "&lt;img onerror=alert(1)&gt;&quot;&#39;&amp;"
        #expect(html.text == "<a title=\"\(escaped)\">\(escaped)</a>")
        #expect(("\(html)" as HTML) == html)
    }

    @Test("what would show as nothing or turn the line around is written out")
    func silent() {
        let html: HTML = "\("a\u{202E}b\u{0}c\nd\u{1B}[31m")"
        #expect(html.text == "a\\u{202E}b\\u{0}c\\nd\\u{1B}[31m")
    }
}
