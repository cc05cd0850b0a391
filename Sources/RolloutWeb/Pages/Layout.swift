import RolloutEngine

/// What every page has around its content.
struct Layout {
    /// The title in the browser's tab.
    var title: String
    /// Where its updates come from; nil for pages that stay as they are.
    var live: HTML?
    /// Who looks.
    var reader: Reader
    /// Names the files that belong to it, so that an old copy is never used.
    var assets: Assets

    /// Who looks at a page.
    struct Reader: Sendable {
        /// The token's name; nil for somebody who gave none.
        var name: String?
        /// What a form has to bring along; nil for somebody who cannot send any.
        var csrf: String?
    }

    /// The whole page.
    func page(_ content: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title)</title>
        <link rel="stylesheet" href="/assets/page.css?\(assets.mark)">
        <link rel="icon" href="/assets/icon.svg?\(assets.mark)">
        <script src="/assets/page.js?\(assets.mark)" defer></script>
        </head>
        <body\(live.map { " data-live=\"\($0)\"" as HTML })>
        <header class="top"><a class="home" href="/">rollout</a>\
        <span id="live" class="quiet"></span>\(who)</header>
        <main>
        \(content)
        </main>
        </body>
        </html>

        """
    }

    private var who: HTML {
        guard let name = reader.name else { return "<a class=\"who\" href=\"/sign-in\">Sign in</a>" }
        guard let csrf = reader.csrf else { return "<span class=\"who\">\(name)</span>" }
        return """
            <form class="who" method="post" action="/sign-out"><span>\(name)</span>\
            <input type="hidden" name="csrf" value="\(csrf)"><button class="link">Sign out</button></form>
            """
    }
}
