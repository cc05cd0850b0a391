public import Foundation
public import RolloutEngine

/// Posts messages by the program `curl`, to the very addresses that were looked at.
///
/// The host is resolved here, once; each address that comes of it is held against what may be reached, and curl is told to connect to
/// those and to no others (`--resolve`). No redirect is followed and no proxy used. What is secret goes over the standard input,
/// never on the command line, and stands in no error.
public struct HookSender: NoticeSender {
    /// How long sending takes at most.
    static let timeLimit = Timespan.seconds(10)
    /// How much of an answer is read.
    static let largestAnswer = 16 << 10

    private let secrets: any SecretSource
    private let curl: String
    private let resolve: @Sendable (String) async -> [String]

    /// - Parameters:
    ///   - curl: Where the program `curl` is.
    ///   - resolve: What stands in for the machine's resolver.
    public init(
        secrets: any SecretSource, curl: String = "/usr/bin/curl",
        resolvingWith resolve: (@Sendable (String) async -> [String])? = nil
    ) {
        self.secrets = secrets
        self.curl = curl
        self.resolve = resolve ?? Self.ask
    }

    /// Sends a body once.
    public func send(_ body: Data, id: String, over channel: NoticeChannel, at now: Instant) async -> NoticeSending {
        do throws(HookFault) {
            let address = try address(of: channel)
            let pinned = try await reachable(address, channel)
            return await post(body, id, address, pinned, try headers(body, id, channel, at: now))
        } catch {
            return .again(because: error.words, after: nil)
        }
    }

    /// Why a channel cannot work as it stands, without a word to its receiver; nil when nothing is known against it.
    public func complaint(about channel: NoticeChannel) async -> String? {
        do throws(HookFault) {
            let address = try address(of: channel)
            _ = try await reachable(address, channel)
            _ = try headers(Data(), "", channel, at: Instant(milliseconds: 0))
            return nil
        } catch {
            return error.words
        }
    }

    private func address(of channel: NoticeChannel) throws(HookFault) -> HookAddress {
        let text = try secret(channel.url).reveal { $0 }
        return try HookAddress(text)
    }

    private func secret(_ reference: SecretReference) throws(HookFault) -> Secret {
        do throws(DriverError) { return try secrets.resolve(reference) } catch { throw HookFault(error.message) }
    }

    private func headers(_ body: Data, _ id: String, _ channel: NoticeChannel, at now: Instant) throws(HookFault)
        -> [String]
    {
        var headers = ["Content-Type: application/json", "X-Rollout-Message: \(id)", "Expect:"]
        if let reference = channel.secret {
            let seconds = now.milliseconds / 1000
            let code = try secret(reference).reveal {
                MessageCode.code(of: Array("\(seconds).".utf8) + body, secret: Array($0.utf8))
            }
            headers.append("X-Rollout-Signature: t=\(seconds),v1=\(code)")
        }
        return headers
    }

    /// The addresses of a host, all of which may be reached.
    private func reachable(_ address: HookAddress, _ channel: NoticeChannel) async throws(HookFault)
        -> [NetworkAddress]
    {
        var found = [NetworkAddress(address.host)].compactMap { $0 }
        if found.isEmpty { found = await resolve(address.host).compactMap { NetworkAddress($0) } }
        guard !found.isEmpty else { throw HookFault("the receiver's name is not found") }
        for one in found {
            // One that may not be reached among others is no slip of a zone: nothing is sent at all.
            if let why = one.refusal(allowing: channel.allow) {
                throw HookFault("the receiver's address \(why), and nothing is sent there unless allow: names it")
            }
        }
        let isLocal = found.allSatisfy { $0.isLoopback }
        guard address.scheme == "https" || isLocal else {
            throw HookFault("the address is not https, and only on loopback may it be http")
        }
        return found
    }

    private func post(
        _ body: Data, _ id: String, _ address: HookAddress, _ pinned: [NetworkAddress], _ headers: [String]
    ) async -> NoticeSending {
        let words =
            CurlRequest.words(
                curl, protocols: address.scheme, timeout: Self.timeLimit, largestAnswer: Self.largestAnswer) + [
                "--max-redirs", "0", "--request", "POST",
                "--write-out", "\n%header{retry-after}\n%{remote_ip}\n%{http_code}",
            ]
        var lines = ["url = \(CurlRequest.quoted(address.text))"]
        if NetworkAddress(address.host) == nil {
            let shown = pinned.map { $0.bytes.count == 16 ? "[\($0)]" : "\($0)" }.joined(separator: ",")
            lines.append("resolve = \(CurlRequest.quoted("\(address.host):\(address.port):\(shown)"))")
        }
        lines += headers.map { "header = \(CurlRequest.quoted($0))" }
        lines.append("data-raw = \(CurlRequest.quoted(String(decoding: body, as: UTF8.self)))")
        let ending = await ChildProcess.run(
            words, input: Array((lines.joined(separator: "\n") + "\n").utf8),
            within: Int(Self.timeLimit.milliseconds) + 500, limit: Self.largestAnswer + 512)
        switch ending {
        case .exited(0, let output, _): return outcome(output, pinned, address)
        case .exited(28, _, _), .tookTooLong: return .again(because: "no answer within \(Self.timeLimit)", after: nil)
        case .exited(63, _, _), .saidTooMuch:
            return .again(because: "the answer is larger than \(Self.largestAnswer) bytes", after: nil)
        // curl's own words may hold the address.
        case .exited(let status, _, _):
            return .again(because: "curl ends with \(status): \(Self.words(status))", after: nil)
        case .signalled(let signal): return .again(because: "curl was ended by signal \(signal)", after: nil)
        case .notStarted: return .again(because: "curl cannot be started: install the package curl", after: nil)
        }
    }

    private func outcome(_ output: [UInt8], _ pinned: [NetworkAddress], _ address: HookAddress)
        -> NoticeSending
    {
        let parts = output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard parts.count >= 4, let status = Int(String(decoding: parts[parts.count - 1], as: UTF8.self)) else {
            return .again(because: "the receiver gives no status", after: nil)
        }
        let peer = String(decoding: parts[parts.count - 2], as: UTF8.self)
        guard let reached = NetworkAddress(peer), pinned.contains(reached) else {
            return .again(because: "the connection went elsewhere than to the address that was looked at", after: nil)
        }
        // What a receiver answers is foreign: its first line is kept, made safe to print. Some say back what they were asked.
        let isTelltale = address.isSaid(in: String(decoding: output, as: UTF8.self))
        let said = isTelltale ? "" : NoAnswer.line(String(decoding: parts[0], as: UTF8.self))
        let words = "the receiver answers with status \(status)" + (said.isEmpty ? "" : ": \(said)")
        switch status {
        case 200...299: return .told
        case 300...399:
            return .again(
                because: "the receiver leads elsewhere (status \(status)), and no redirect is followed", after: nil)
        case 400, 413, 422: return .never(because: words)
        default:
            let after = Int64(String(decoding: parts[parts.count - 3], as: UTF8.self))
            return .again(because: words, after: after.map { .seconds(min(max($0, 0), 3600)) })
        }
    }

    /// curl's manual, EXIT CODES.
    private static func words(_ status: Int32) -> String {
        switch status {
        case 7: "no connection"
        case 35, 51, 58, 59, 60, 77, 83: "TLS failed, or the certificate is not trusted"
        case 52, 56: "the connection was closed without an answer"
        default: "see curl's manual"
        }
    }

    private static func ask(_ name: String) async -> [String] {
        let span = timeLimit
        return await withCheckedContinuation { continuation in
            let result = LateResult<Bool>()
            HelperThreads.shared.run {
                let found = (try? SocketAddress.find(name, port: 443).get()) ?? []
                if result.deliver(true) { continuation.resume(returning: found.compactMap(\.numeric)) }
            }
            Task {
                try? await Task.sleep(for: span.duration)
                if result.deliver(true) { continuation.resume(returning: []) }
            }
        }
    }
}
