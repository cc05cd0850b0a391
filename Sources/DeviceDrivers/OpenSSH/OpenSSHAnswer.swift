import Glibc
import RolloutEngine

/// Answers the questions for secrets that the program `ssh` may ask while it connects (`SSH_ASKPASS`, ssh(1)).
///
/// Each secret is in a pipe, which a script of ours empties when it is asked: it is on no disk, in no argument and in no variable.
/// It is there once, so that a device that asks again gets no second try out of us.
final class OpenSSHAnswer: Sendable {
    /// What may be asked for.
    struct Secrets: Sendable {
        var password: Secret?
        var passphrase: Secret?
        var isEmpty: Bool { password == nil && passphrase == nil }
    }

    /// The variables that `ssh` is started with, as `NAME=value`. Since OpenSSH 8.4 it needs no display to ask.
    let settings: [String]
    private let pipes: [(path: String, end: CInt)]

    /// What a device asks begins with whom it asks, so that it cannot ask for a passphrase. Anything else — a code, a PIN, whether to
    /// trust a key — is none of ours to answer.
    private static let script = """
        #!/bin/sh
        case "$1" in
        "Enter passphrase for "*) which=passphrase ;;
        *[Pp]assword*) which=password ;;
        *) exit 1 ;;
        esac
        exec dd if="${0%/*}/$which" bs=4096 count=1 iflag=nonblock status=none

        """

    /// - Parameter folder: That of the session, which only we can look into; its end takes all of this away.
    init(_ secrets: Secrets, in folder: String) throws(DriverError) {
        let script = folder + "/ask"
        settings = ["SSH_ASKPASS=\(script)", "SSH_ASKPASS_REQUIRE=force"]
        guard Self.write(Self.script, to: open(script, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o700), closing: true)
        else {
            throw DriverError(
                .localSetup, "\(script), which tells ssh a password: \(Errno.text(errno))", effect: .none)
        }
        var pipes: [(String, CInt)] = []
        for (name, secret) in [("password", secrets.password), ("passphrase", secrets.passphrase)] {
            guard let secret else { continue }
            let path = folder + "/" + name
            let end = mkfifo(path, 0o600) == 0 ? open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1
            pipes.append((path, end))
            guard secret.reveal({ Self.write($0 + "\n", to: end) }) else {
                let reason = Errno.text(errno)
                for (_, end) in pipes where end >= 0 { close(end) }
                throw DriverError(.localSetup, "\(path), which tells ssh a secret: \(reason)", effect: .none)
            }
        }
        self.pipes = pipes
    }

    /// Throws away what nobody asked for.
    func forget() {
        for (path, end) in pipes {
            close(end)
            unlink(path)
        }
    }

    private static func write(_ text: String, to end: CInt, closing: Bool = false) -> Bool {
        guard end >= 0 else { return false }
        let isWhole = Glibc.write(end, text, text.utf8.count) == text.utf8.count
        return closing ? close(end) == 0 && isWhole : isWhole
    }
}
