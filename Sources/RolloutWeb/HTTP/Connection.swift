internal import FlyingSocks
internal import Foundation

/// Serves one client until it leaves, misbehaves or takes too long.
struct Connection: Sendable {
    let socket: AsyncSocket
    let peer: String
    let limits: RequestLimits
    let answer: @Sendable (WebRequest) async -> WebResponse

    /// Serves it to its end, and closes.
    func run() async {
        let deadline = ConnectionDeadline(in: limits.idle)
        await withTaskGroup { group in
            group.addTask { await serve(deadline) }
            group.addTask { await deadline.wait() }
            await group.next()
            group.cancelAll()
        }
        // Whoever still sends learns that nobody reads, and has no need to be waited for.
        try? socket.close()
    }

    private func serve(_ deadline: ConnectionDeadline) async {
        var reader = RequestReader(limits: limits, peer: peer)
        while !Task.isCancelled {
            switch reader.next() {
            case .incomplete:
                let hadBegun = reader.hasBegun
                do {
                    reader.take(try await socket.read(atMost: 64 << 10))
                } catch {
                    if Task.isCancelled, hadBegun {
                        await refuse(.timeout, "the request took longer than \(limits.arrival) to arrive", deadline)
                    }
                    return
                }
                if !hadBegun { deadline.set(in: limits.arrival) }
            case .awaitsContinue:
                guard (try? await socket.write(Data("HTTP/1.1 100 Continue\r\n\r\n".utf8))) != nil else { return }
            case .refused(let status, let reason):
                await refuse(status, reason, deadline)
                return
            case .request(let request):
                // How long an answer is thought about is not the client's fault.
                deadline.set(in: .seconds(3600))
                let response = await answer(request)
                guard await send(response, to: request, deadline), request.keepsAlive else { return }
                deadline.set(in: reader.hasBegun ? limits.arrival : limits.idle)
            }
        }
    }

    /// Says why, and reads on for a moment: a client that still sends would else never read it.
    private func refuse(_ status: HTTPStatus, _ reason: String, _ deadline: ConnectionDeadline) async {
        let response = WebResponse.text(reason, status)
        guard case .whole(let body) = response.body else { return }
        deadline.set(in: .seconds(2))
        guard (try? await socket.write(response.head(keepsAlive: false) + body)) != nil else { return }
        shutdownWriting()
        var drained = 0
        while drained < 256 << 10, let bytes = try? await socket.read(atMost: 64 << 10) { drained += bytes.count }
    }

    private func shutdownWriting() { _ = shutdown(socket.socket.file.rawValue, Int32(SHUT_WR)) }

    /// False when the connection is over.
    private func send(_ response: WebResponse, to request: WebRequest, _ deadline: ConnectionDeadline) async -> Bool {
        let isHead = request.method == "HEAD"
        do {
            deadline.set(in: limits.writing)
            switch response.body {
            case .whole(let data):
                let head = response.head(keepsAlive: request.keepsAlive)
                try await write(isHead ? head : head + data, deadline)
                return true
            case .stream(let stream):
                try await write(response.head(keepsAlive: false), deadline)
                guard !isHead else { return false }
                for await piece in stream {
                    try await write(piece, deadline)
                    deadline.set(in: .seconds(3600))
                }
                return false
            }
        } catch {
            return false
        }
    }

    /// A slow client may take a large answer in its own time, as long as it takes some of it.
    private func write(_ data: Data, _ deadline: ConnectionDeadline) async throws {
        var rest = data[...]
        while !rest.isEmpty {
            deadline.set(in: limits.writing)
            let piece = rest.prefix(256 << 10)
            try await socket.write(Data(piece))
            rest = rest.dropFirst(piece.count)
        }
    }
}
