import Foundation
import Glibc

/// A device in a folder, for sessions of many processes: `device.json`, `faults.json`, `lock`.
///
/// The device is written beside, flushed and renamed over: whoever is killed leaves the old or the new whole. Sessions of
/// processes that are gone are ended by whoever comes next, at the time they come.
public struct ConsoleFolder: ConsoleStorage {
    /// The folder.
    public let path: String

    /// The device in that folder.
    public init(_ path: String) { self.path = path }

    /// Puts a device into a folder, which is made.
    public static func make(_ path: String, device: ConsoleDevice) throws(ConsoleError) -> ConsoleFolder {
        let folder = ConsoleFolder(path)
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw folder.failure("cannot be made") }
        guard access(folder.file, F_OK) != 0 else {
            throw ConsoleError("\(folder.file) exists: a device is there already; choose another folder or remove it")
        }
        try folder.write(device, to: folder.file)
        return folder
    }

    /// The device as it is.
    public func device() throws(ConsoleError) -> ConsoleDevice { try read(file) }

    /// Sets what goes wrong with the device from now on, also for sessions that are open.
    public func set(_ faults: ConsoleFaults) throws(ConsoleError) { try write(faults, to: faultFile) }

    /// Carries out what is due.
    public func tick(at now: Moment) throws(ConsoleError) {
        try update { device, _ in
            device.advance(to: now)
        }
    }

    /// This process.
    public var process: Int? { Int(getpid()) }

    /// Whether a process is there still.
    public func isAlive(_ process: Int) -> Bool { kill(pid_t(process), 0) == 0 || errno != ESRCH }

    /// Runs `body` on the device under the folder's lock.
    public func update<Result: Sendable>(
        _ body: @Sendable (inout ConsoleDevice, ConsoleFaults) -> Result
    ) throws(ConsoleError) -> Result {
        let lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard lock >= 0 else { throw failure("cannot be locked") }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else { throw failure("cannot be locked") }
        }
        let before: ConsoleDevice = try read(file)
        let faults: ConsoleFaults = access(faultFile, F_OK) == 0 ? try read(faultFile) : ConsoleFaults()
        var device = before
        let result = body(&device, faults)
        if device != before { try write(device, to: file) }
        return result
    }

    private var file: String { path + "/device.json" }
    private var faultFile: String { path + "/faults.json" }

    private func failure(_ what: String) -> ConsoleError {
        ConsoleError("\(path) \(what): \(String(cString: strerror(errno)))")
    }

    private func read<Value: Decodable>(_ file: String) throws(ConsoleError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
        } catch {
            throw ConsoleError(
                "\(file) cannot be read: \(error); mend it, or remove it and make it anew")
        }
    }

    private func write(_ value: some Encodable, to file: String) throws(ConsoleError) {
        let beside = "\(file).\(getpid())"
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(value).write(to: URL(fileURLWithPath: beside))
        } catch {
            throw ConsoleError("\(beside) cannot be written: \(error)")
        }
        let descriptor = open(beside, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be written") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0, rename(beside, file) == 0 else { throw failure("cannot be written") }
    }
}
