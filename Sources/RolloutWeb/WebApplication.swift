internal import Foundation
import RolloutEngine
internal import Synchronization

/// Answers requests: who asks, whether they may, and what there is to say.
struct WebApplication: Sendable {
    let store: any JournalStore
    let settings: WebSettings
    let clock: any EngineClock
    let assets: Assets
    let catalog: RolloutCatalog
    let links: LinkLoads
    let feeds: LiveFeeds
    let pictures: VerdictPictures
    let tokens: TokenBook
    let metricsBook: MetricsBook
    /// What proves who sent a hook; nil where no secret is set.
    let signed: SignedMessages?
    let sessions = Sessions()
    private let limits: Limits

    /// What is counted of clients.
    private final class Limits: Sendable {
        let requests: Mutex<RateLimit>
        /// Secrets that were wrong.
        let guesses = Mutex(RateLimit(perSecond: 0.2, burst: 10))
        init(perSecond: Double) { requests = Mutex(RateLimit(perSecond: perSecond, burst: perSecond * 4)) }
    }

    init(store: any JournalStore, settings: WebSettings, clock: any EngineClock, assets: Assets) {
        self.store = store
        self.settings = settings
        self.clock = clock
        self.assets = assets
        catalog = RolloutCatalog(store: store, clock: clock)
        links = LinkLoads(store: store, clock: clock)
        feeds = LiveFeeds(store: store, catalog: catalog, links: links)
        pictures = VerdictPictures(store: store)
        tokens = TokenBook(store)
        metricsBook = MetricsBook(store: store, catalog: catalog, links: links, clock: clock)
        signed = settings.hookSecret.map { SignedMessages(secret: $0) }
        limits = Limits(perSecond: settings.requestsPerSecond)
    }

    /// Lets go of what nobody looks at, until the task is cancelled.
    func tidy() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(60))
            await catalog.tidy()
        }
    }

    /// The answer.
    func respond(to request: WebRequest) async -> WebResponse {
        guard isForUs(request) else {
            return .text(
                "this server is not '\(SafeText.line(request.header("host") ?? ""))'; say how it is reached with --public-url",
                .misdirected)
        }
        let client = client(of: request)
        if let seconds = limits.requests.withLock({ $0.refusal(of: client, at: .now) }) {
            return Self.later(seconds, "too many requests")
        }
        guard let route = Route(request.path) else { return await failure(.notFound, "there is nothing here", request) }
        guard route.methods.contains(request.method) else {
            var response = await failure(
                .methodNotAllowed, "this takes \(route.methods.joined(separator: ", "))", request)
            response.headers.append(("Allow", route.methods.joined(separator: ", ")))
            return response
        }
        do {
            return try await answer(route, request)
        } catch let refusal as AccessRefusal {
            return await refused(refusal, route, request)
        } catch let error as StoreError {
            let status: HTTPStatus = error.code == .notFound ? .notFound : .unavailable
            return await failure(status, error.message, request)
        } catch let error as InputError {
            return await failure(.internalError, error.description, request)
        } catch {
            return await failure(.internalError, "\(error)", request)
        }
    }

    private func answer(_ route: Route, _ request: WebRequest) async throws -> WebResponse {
        switch route {
        case .health: return try await health()
        case .metrics: return try await metrics(request)
        case .alertHook: return try await alertHook(request)
        case .asset(let name): return asset(name, request)
        case .line: return try await line(request)
        case .signIn: return request.method == "POST" ? try await signIn(request) : signInPage(request, nil)
        case .signOut: return try await signOut(request)
        case .api(.description):
            guard let file = assets["openapi.json"] else { return .text("not there", .notFound) }
            return .json(file.data)
        case .api(let route): return try await answer(route, request)
        case .ask(let id) where request.method == "POST": return try await ask(id, request)
        default: return try await page(route, request)
        }
    }

    // MARK: Who asks

    /// A browser that was led here under another name would hand what it may read to whoever led it.
    private func isForUs(_ request: WebRequest) -> Bool {
        guard let host = request.header("host") else { return true }
        let name: Substring
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            name = host[host.index(after: host.startIndex)..<end]
        } else {
            name = host.prefix { $0 != ":" }
        }
        let ours = ["localhost", "127.0.0.1", "::1", settings.address, settings.publicHost]
        return ours.contains(name.lowercased())
    }

    /// Whose requests are counted together. What a proxy says of its client is believed of one on this machine that people were
    /// told of.
    private func client(of request: WebRequest) -> String {
        if settings.publicURL != nil, LoopbackAddress.isOne(request.peer),
            let last = request.header("x-forwarded-for")?.split(separator: ",").last
        {
            return last.trimming
        }
        return request.peer
    }

    /// Who asks, by the token or the session that was shown.
    ///
    /// - Throws: `AccessRefusal` for a token that may not be used; `StoreError`.
    func caller(of request: WebRequest) async throws -> Caller {
        let now = clock.now()
        if let header = request.header("authorization") {
            let words = header.split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0].lowercased() == "bearer" else {
                throw AccessRefusal(status: .unauthorized, reason: "say who you are with: Authorization: Bearer TOKEN")
            }
            return Caller(token: try await token(words[1].trimming, of: request))
        }
        guard let cookie = request.cookie(cookieName), let session = sessions.session(cookie, at: now),
            let token = try await tokens.token(session.tokenID, at: now)
        else { return .nobody }
        return Caller(token: token, csrf: session.csrf)
    }

    private func token(_ secret: String, of request: WebRequest) async throws -> TokenRecord {
        if let token = try await tokens.token(withSecret: secret, at: clock.now()) { return token }
        if let seconds = limits.guesses.withLock({ $0.refusal(of: client(of: request), at: .now) }) {
            throw AccessRefusal(
                status: .tooMany, reason: "too many tokens that are not known; wait \(seconds) seconds")
        }
        throw AccessRefusal(
            status: .unauthorized, reason: "this token is not known, was revoked, or has run out")
    }

    /// Who looks; somebody who may.
    ///
    /// - Throws: `AccessRefusal` for somebody who has to show a token first.
    func looker(_ request: WebRequest) async throws -> Caller {
        let caller = try await caller(of: request)
        guard caller.token != nil || settings.looksWithoutToken else {
            throw AccessRefusal(status: .unauthorized, reason: "a token is needed to look")
        }
        return caller
    }

    /// A rollout that the caller may look at.
    ///
    /// - Throws: `AccessRefusal` for one out of reach; `StoreError` for one that is not there.
    func reading(of id: RolloutID, for caller: Caller) async throws -> RolloutReading {
        let reading = try await catalog.reading(of: id)
        if let token = caller.token, !Permission.reaches(reading.fixed.extent, by: token) {
            throw AccessRefusal(status: .forbidden, reason: Permission.outOfReach(reading.fixed.extent, token))
        }
        return reading
    }

    // MARK: Signing in and out

    private var cookieName: String { settings.publicURL == nil ? "rollout_session" : "__Host-rollout_session" }

    private func cookie(_ value: String, lasting seconds: Int64) -> (String, String) {
        let secure = settings.publicURL == nil ? "" : "; Secure"
        return (
            "Set-Cookie", "\(cookieName)=\(value); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(seconds)\(secure)"
        )
    }

    private func signInPage(_ request: WebRequest, _ refusal: String?, _ status: HTTPStatus = .ok) -> WebResponse {
        let next = request.query("next") ?? request.form?.first { $0.name == "next" }?.value ?? "/"
        let page = SignInPage(refusal: refusal, next: SignInPage.isSafe(next) ? next : "/")
        return .page(layout("Sign in", .nobody).page(page.content), status)
    }

    private func signIn(_ request: WebRequest) async throws -> WebResponse {
        try checkOrigin(request)
        let form = request.form ?? []
        let secret = form.first { $0.name == "token" }?.value ?? ""
        let next = form.first { $0.name == "next" }?.value ?? "/"
        do {
            let token = try await token(secret.trimming, of: request)
            let session = sessions.begin(for: token, at: clock.now())
            return .redirect(
                to: SignInPage.isSafe(next) ? next : "/",
                [cookie(session, lasting: Sessions.life.milliseconds / 1000)])
        } catch let refusal as AccessRefusal {
            return signInPage(request, refusal.reason, refusal.status)
        }
    }

    private func signOut(_ request: WebRequest) async throws -> WebResponse {
        try await checkForm(request, try await caller(of: request))
        if let secret = request.cookie(cookieName) { sessions.end(secret) }
        return .redirect(to: "/", [cookie("", lasting: 0)])
    }

    /// A form that comes from our own page.
    ///
    /// - Throws: `AccessRefusal` for one that another page made the browser send.
    func checkForm(_ request: WebRequest, _ caller: Caller) async throws {
        try checkOrigin(request)
        let shown = request.form?.first { $0.name == "csrf" }?.value
        guard let csrf = caller.csrf, let shown, TokenSecret.areSame(csrf, shown) else {
            throw AccessRefusal(
                status: .forbidden, reason: "this form is not from a page of yours, or is too old: load the page again")
        }
    }

    private func checkOrigin(_ request: WebRequest) throws {
        if let site = request.header("sec-fetch-site"), site != "same-origin", site != "none" {
            throw AccessRefusal(status: .forbidden, reason: "another page sent this form")
        }
        guard let origin = request.header("origin") else { return }
        let host = request.header("host") ?? ""
        let ours = ["http://\(host)", "https://\(host)", settings.publicURL]
        guard ours.contains(origin) else {
            throw AccessRefusal(status: .forbidden, reason: "another page sent this form")
        }
    }

    // MARK: What all answers share

    /// What is around a page's content.
    func layout(_ title: String, _ caller: Caller, live: HTML? = nil) -> Layout {
        Layout(title: title, live: live, reader: caller.reader, assets: assets)
    }

    private func health() async throws -> WebResponse {
        _ = try await store.claims()
        return .text("ok")
    }

    private func metrics(_ request: WebRequest) async throws -> WebResponse {
        let caller = try await looker(request)
        let rows = try await metricsBook.rows { extent in
            caller.token.map { Permission.reaches(extent, by: $0) } ?? true
        }
        let page = MetricsPage(rows: rows, version: settings.version, readers: await feeds.readers)
        var response = WebResponse.text(page.text)
        response.headers[0].value = "text/plain; version=0.0.4; charset=utf-8"
        return response
    }

    private func asset(_ name: String, _ request: WebRequest) -> WebResponse {
        guard let file = assets[name] else { return .text("there is no such file", .notFound) }
        // Its address changes with it.
        return WebResponse(
            .ok, [("Content-Type", file.type), ("Cache-Control", "public, max-age=31536000, immutable")],
            body: .whole(file.data))
    }

    private static func later(_ seconds: Int, _ reason: String) -> WebResponse {
        var response = WebResponse.text("\(reason); wait \(seconds) seconds", .tooMany)
        response.headers.append(("Retry-After", "\(seconds)"))
        return response
    }

    private func refused(_ refusal: AccessRefusal, _ route: Route, _ request: WebRequest) async -> WebResponse {
        if refusal.status == .unauthorized, !route.isForPrograms, request.method != "POST",
            request.header("authorization") == nil
        {
            // Where to go afterwards is one of our own addresses, and is looked at again when it comes back.
            let path = "/" + request.path.map(PercentCoding.segment).joined(separator: "/")
            return .redirect(to: "/sign-in?next=\(PercentCoding.segment(path))")
        }
        var response = await failure(refusal.status, refusal.reason, request)
        if refusal.status == .unauthorized { response.headers.append(("WWW-Authenticate", "Bearer realm=\"rollout\"")) }
        return response
    }

    private func failure(_ status: HTTPStatus, _ reason: String, _ request: WebRequest) async -> WebResponse {
        if request.path.first == "api" { return .error(status, reason) }
        if request.path.first == "hooks" || request.path.first == "metrics" {
            return .text(SafeText.line(reason), status)
        }
        let caller = (try? await caller(of: request)) ?? .nobody
        let page = MessagePage(title: status.phrase, text: reason)
        return .page(layout(status.phrase, caller).page(page.content), status)
    }
}

extension WebResponse {
    /// Why something was not done, for programs.
    static func error(_ status: HTTPStatus, _ reason: String) -> Self {
        .json((try? JSONText.data(ErrorBody(error: reason, status: status.rawValue))) ?? Data(), status)
    }

    private struct ErrorBody: Encodable {
        var error: String
        var status: Int
    }
}
