import Foundation
import PostgresBench
import RolloutEngine

@testable import DeviceDrivers

/// A server for one test: a script of Python's standard library that prints its port. It is ended with the test.
final class ScriptedServer {
    let port: Int
    private let process = Process()
    private let output = Pipe()

    /// Whether there is a Python to run them.
    static let isAvailable = FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")

    init(_ script: String) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-u", "-c", script]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8) { line += byte }
        port = Int(String(decoding: line, as: UTF8.self)) ?? 0
    }

    deinit {
        // It may have inherited that other signals are blocked.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Answers by the path that is asked for, and speaks Prometheus' API as its documentation says.
    static let web = """
        import http.server, json, time, urllib.parse
        class Handler(http.server.BaseHTTPRequestHandler):
            def say(self, status, body, headers={}):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                if 'Transfer-Encoding' not in headers: self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_GET(self):
                path = self.path
                if path == '/ok': self.say(200, b'{"queue": [{"length": 12.5, "a/b": 3}], "up": true, "none": null, "name": "x"}')
                elif path == '/empty': self.say(200, b'')
                elif path == '/odd': self.say(200, b'<html>')
                elif path == '/down': self.say(503, b'{"queue": [{"length": 1}]}')
                elif path == '/moved': self.say(302, b'', {'Location': '/ok'})
                elif path == '/huge': self.say(200, b'[' + b' ' * 1000000 + b'1]')
                elif path == '/drip':
                    self.send_response(200); self.end_headers()
                    for _ in range(100000): self.wfile.write(b' ' * 1024)
                elif path == '/hang': time.sleep(600)
                elif path == '/token':
                    own = self.headers.get('Authorization') == 'Bearer s3cr"et\\\\'
                    self.say(200 if own else 401, b'{"v": 7}')
                else: self.say(404, b'')
            def do_POST(self):
                size = int(self.headers['Content-Length'])
                query = urllib.parse.parse_qs(self.rfile.read(size).decode())['query'][0]
                def vector(*values): return {'resultType': 'vector', 'result': [
                    {'metric': {'n': str(i)}, 'value': [1700000000.5, v]} for i, v in enumerate(values)]}
                results = {
                    'one': vector('41.5'), 'none': vector(), 'many': vector('1', '2'), 'nan': vector('NaN'),
                    'inf': vector('+Inf'), 'scalar': {'resultType': 'scalar', 'result': [1.5, '3']},
                    'text': {'resultType': 'string', 'result': [1.5, '3']},
                    'sum(rate(x{a="b & c"}[5m])) > 0': vector('8'),
                    'matrix': {'resultType': 'matrix', 'result': []},
                }
                if self.path != '/prom/api/v1/query': self.say(404, b'404 page not found')
                elif query in results: self.say(200, json.dumps({'status': 'success', 'data': results[query]}).encode())
                else: self.say(400, json.dumps(
                    {'status': 'error', 'errorType': 'bad_data', 'error': 'parse error: ' + query}).encode())
            def log_message(self, *words): pass
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        server.daemon_threads = True
        print(server.server_port)
        server.serve_forever()
        """

    /// Takes connections and says nothing.
    static let mute = """
        import socket, time
        server = socket.socket()
        server.bind(('127.0.0.1', 0))
        server.listen(16)
        print(server.getsockname()[1])
        held = []
        while True: held.append(server.accept())
        """
}

/// Secrets that a test makes up.
struct MadeUpSecrets: SecretSource {
    var values: [String: String] = [:]

    func resolve(_ reference: SecretReference) throws(DriverError) -> Secret {
        guard case .environment(let name) = reference, let value = values[name] else {
            throw DriverError(
                .localSetup, "no secret at \(reference): the environment variable is not set", effect: .none)
        }
        return Secret(value)
    }
}

extension PostgresServer {
    /// As libpq reads it.
    var connection: String { "host=\(folder) user=postgres dbname=postgres" }
}
