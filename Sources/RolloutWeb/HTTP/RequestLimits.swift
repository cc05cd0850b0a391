/// What one request, one client and all of them together may cost.
struct RequestLimits: Sendable {
    /// The longest request line, in bytes.
    var line = 8 << 10
    /// The request line and all headers together, in bytes.
    var head = 16 << 10
    /// How many headers there may be.
    var headers = 64
    /// The largest body, in bytes.
    var body = 1 << 20
    /// How long a request may take to arrive, from its first byte to its last.
    var arrival = Duration.seconds(10)
    /// How long a connection may stay open without a request.
    var idle = Duration.seconds(60)
    /// How long a client may take nothing of what it is sent.
    var writing = Duration.seconds(20)
    /// How many connections there may be.
    var connections = 512
    /// How many connections there may be from one address. Clients on this machine are not counted: a proxy is one of them.
    var connectionsOfOneAddress = 64
}
