import RolloutEngine

/// Who asks, as far as it is proved.
struct Caller: Sendable {
    /// The token that was shown, or under which a session was begun; nil for somebody who showed none.
    var token: TokenRecord?
    /// What a form of this session has to bring along; nil where there is no session.
    var csrf: String?

    /// Nobody known.
    static let nobody = Caller()

    /// As pages show it.
    var reader: Layout.Reader { Layout.Reader(name: token?.name, csrf: csrf) }
}

/// Why somebody does not get what was asked for.
struct AccessRefusal: Error, Hashable {
    /// 401 where another token would help, 403 where this one does not.
    var status: HTTPStatus
    /// In words.
    var reason: String
}
