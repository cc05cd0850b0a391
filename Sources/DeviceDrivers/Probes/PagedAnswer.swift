public import RolloutEngine

/// Fetches an answer that comes in pages, each of which says where the next one is, as NetBox's REST interface gives them
/// (https://netboxlabs.com/docs/netbox/integrations/rest-api/#pagination).
public struct PagedAnswer: Sendable {
    private let secrets: any SecretSource
    private let curl: String
    /// How long one page may take.
    static let timeout = Timespan.seconds(60)
    /// How large one page may be: 64 MiB.
    static let largestPage = 64 << 20
    /// How many pages there may be.
    static let mostPages = 10_000

    /// - Parameter curl: Where the program `curl` is.
    public init(secrets: any SecretSource, curl: String = "/usr/bin/curl") {
        self.secrets = secrets
        self.curl = curl
    }

    /// Why there is no answer.
    public struct Trouble: Error, Hashable, Sendable, CustomStringConvertible {
        /// In words.
        public var description: String
    }

    /// Fetches page by page.
    ///
    /// The token goes only to where the first page is: a next page that is somewhere else is refused.
    ///
    /// - Parameters:
    ///   - token: Sent as `Authorization: Token …`, or as `Bearer` when it starts as NetBox's second kind of token does (`nbt_`).
    ///   - next: Where a page says that the next one is.
    /// - Returns: The pages with their addresses, in order.
    /// - Throws: Why there is no whole answer.
    public func pages(
        from url: String, token reference: SecretReference?, next: (_ page: [UInt8]) -> String?
    ) async throws(Trouble) -> [(url: String, bytes: [UInt8])] {
        var token: Secret?
        if let reference {
            do { token = try secrets.resolve(reference) } catch { throw Trouble(description: error.message) }
        }
        let isSecondKind = token?.reveal { $0.hasPrefix("nbt_") } ?? false
        var pages: [(url: String, bytes: [UInt8])] = []
        var seen: Set<String> = []
        var current: String? = url
        while let address = current {
            guard Self.origin(of: address) == Self.origin(of: url) else {
                throw Trouble(description: "\(url) leads to \(SafeText.line(address)), which is somewhere else")
            }
            guard seen.insert(address).inserted, pages.count < Self.mostPages else {
                throw Trouble(description: "the pages of \(url) have no end: \(SafeText.line(address)) comes again")
            }
            let reply: HTTPReply
            do throws(NoAnswer) {
                reply = try await CurlRequest(
                    url: address, form: nil, token: token, timeout: Self.timeout,
                    scheme: isSecondKind ? "Bearer" : "Token", largestAnswer: Self.largestPage
                ).send(with: curl)
            } catch {
                throw Trouble(description: error.reason.detail)
            }
            guard reply.status == 200 else {
                let hint =
                    reply.status == 401 || reply.status == 403 ? ": the token is missing or may not read this" : ""
                throw Trouble(description: "\(address) answers with status \(reply.status), expected 200\(hint)")
            }
            pages.append((address, reply.body))
            current = next(reply.body)
        }
        return pages
    }

    /// The part of an address up to its path.
    private static func origin(of url: String) -> Substring {
        guard let host = url.firstRange(of: "://")?.upperBound else { return url[...] }
        return url[..<(url[host...].firstIndex { "/?#".contains($0) } ?? url.endIndex)]
    }
}
