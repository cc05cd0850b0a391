/// Asks for a token.
struct SignInPage {
    /// Why the last one was not taken.
    var refusal: String?
    /// Where to go afterwards; a path of this server.
    var next: String

    /// The content.
    var content: HTML {
        """
        <h1>Sign in</h1>
        \(refusal.map { "<p class=\"because\">\($0)</p>" as HTML })
        <form class="ask" method="post" action="/sign-in">
        <input type="hidden" name="next" value="\(next)">
        <label>Token: <input name="token" type="password" autocomplete="current-password" required autofocus></label>
        <button class="button">Sign in</button>
        </form>
        <p class="quiet">Whoever runs this server makes one with <code>rollout token issue</code>.</p>
        """
    }

    /// Whether a path stays on this server: it begins with one slash, and holds nothing that a browser reads as another place.
    static func isSafe(_ path: String) -> Bool {
        path.hasPrefix("/") && !path.hasPrefix("//") && !path.contains("\\")
            && path.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7f }
    }
}
