import Foundation

/// A web server on loopback, on a port of its own, that answers whatever it is asked, and notes what it was asked, with what
/// proof and by which name: as Prometheus, as NetBox, as a receiver of messages, or with 200. Below `/slow/` it takes three seconds.
final class AskedServer {
    private let process = Process()
    private let log: URL

    /// Starts it.
    ///
    /// - Parameter folder: Where its notes are, in a file `asked`.
    init(in folder: String) throws {
        log = URL(filePath: folder).appending(path: "asked")
        try Data().write(to: log)
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-u", "-c", Self.script]
        process.standardOutput = try FileHandle(forWritingTo: log)
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit { kill(process.processIdentifier, SIGKILL) }

    /// What it was asked, a line each.
    var asked: String { get throws { try String(contentsOf: log, encoding: .utf8) } }

    /// Where it serves.
    var port: Int {
        get async throws {
            while process.isRunning {
                if let said = try asked.firstMatch(of: /port (\d+)/), let port = Int(said.1) { return port }
                try await Task.sleep(for: .milliseconds(50))
            }
            throw CocoaError(.fileReadUnknown)
        }
    }

    private static let script = """
        import http.server, json, time
        ANSWERS = {
            '/api/v1/query': {'status': 'success', 'data': {
                'resultType': 'vector', 'result': [{'metric': {}, 'value': [1700000000, '1']}]}},
            '/api/v1/query_range': {'status': 'success', 'data': {'resultType': 'matrix', 'result': []}},
            '/api/dcim/devices/': {'count': 0, 'next': None, 'results': []},
        }
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                self.rfile.read(int(self.headers.get('Content-Length') or 0))
                names = ('Authorization', 'X-Rollout-Signature', 'X-Rollout-Message')
                print(self.command, self.path, *[self.headers.get(name) for name in names])
                if self.path.startswith('/slow/'): time.sleep(3)
                body = json.dumps(ANSWERS.get(self.path.split('?')[0], 'ok')).encode()
                self.send_response(200)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            do_GET = do_POST = answer
            def log_message(self, *words): pass
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        print('port', server.server_port)
        server.serve_forever()
        """
}
