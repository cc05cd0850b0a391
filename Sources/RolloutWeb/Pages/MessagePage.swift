/// Says one thing: that something is not there, or not allowed.
struct MessagePage {
    var title: String
    var text: String

    /// The content.
    var content: HTML { "<h1>\(title)</h1><p>\(text)</p><p><a href=\"/\">All rollouts</a></p>" }
}
