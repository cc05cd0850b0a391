import DeviceDrivers
import Foundation
import RolloutEngine
import Testing

@Suite("Reading definitions of platforms")
struct PlatformReaderTests {
    static let small = """
        platform: acme_os
        dialect: cisco_ios
        modes:
          - {name: exec, prompt: '{hostname}#', sample: 'router1#'}
          - {name: config, prompt: '{hostname}\\(config\\)#', sample: 'router1(config)#', from: exec, enter: configure terminal, leave: end}
        home: exec
        errors: ['^% ']
        identify:
          hostname: {command: show hostname, find: '{value}'}
        running: [show running-config]
        change: {kind: none, mode: config, open: 'configure terminal revert {minutes}'}
        revert_timer:
          unit: 1m
          least: 1m
          most: 60m
          query: show timer
          pending: 'left (?<remaining>.*)'
          shows_mark: false
          confirm: confirm
          undo: undo
        """

    static func read(_ text: String) throws(InputError) -> PlatformDefinition {
        try PlatformReader.read(Array(text.utf8), file: "acme.yaml")
    }

    static let words: Set<String> = [
        "configure", "terminal", "end", "show", "hostname", "running-config", "revert", "timer", "confirm", "undo",
    ]

    @Test("a small definition is read and is clean")
    func small() throws {
        let definition = try Self.read(Self.small)
        #expect(definition.names == ["acme_os"])
        #expect(definition.identity.hostname?.find.firstMatch(in: "  core-1 ")?["value"] == "core-1")
        let report = PlatformLint.examine(definition, words: Self.words)
        #expect(report == PlatformLint.Report())
        #expect(definition.way(from: "config", to: "exec")?.map(\.command) == ["end"])
        #expect(definition.armsOnOpening)
    }

    @Test(
        "mistakes are said with their place",
        arguments: [
            ("home: exec", "hoem: exec", "acme.yaml:6:1: unknown key 'hoem'", "'home'"),
            ("kind: none", "kind: candidate", "nothing prints the candidate as a whole", "say candidate"),
            ("errors: ['^% ']", "errors: ['^% ', '(']", "acme.yaml:7:17: the pattern of errors has a '('", ""),
            ("find: '{value}'", "find: 'x'", "find of hostname does not say what the value is", "{value}"),
            ("shows_mark: false", "shows_mark: maybe", "acme.yaml:18:15", "true or false"),
            ("  query: show timer\n", "", "has no query", ""),
            ("unit: 1m", "unit: fast", "acme.yaml:13:9", "a length of time"),
            ("kind: none", "kind: sesion", "acme.yaml:11:16", "one of none, session, candidate"),
            ("sample: 'router1#'", "smaple: 'router1#'", "unknown key 'smaple'", "'sample'"),
        ])
    func mistakes(_ what: String, _ instead: String, _ words: String, _ remedy: String) throws {
        #expect(Self.small.contains(what))
        do throws(InputError) {
            _ = try Self.read(Self.small.replacing(what, with: instead))
            Issue.record("was read")
        } catch {
            #expect(error.description.contains(words), "\(error)")
            #expect(remedy.isEmpty || error.description.contains(remedy), "\(error)")
        }
    }

    @Test(
        "the linter finds what can be read and is wrong",
        arguments: [
            ("enter: configure terminal", "enter: conifgure terminal", "does not know the word 'conifgure'"),
            ("home: exec", "home: exce", "home is 'exce', which is no mode"),
            ("from: exec, enter", "from: exec2, enter", "entered from 'exec2'"),
            (", leave: end", "", "no commands lead from mode config back home"),
            ("sample: 'router1(config)#'", "sample: 'router1#'", "does not match its sample"),
            ("prompt: '{hostname}\\(config\\)#'", "prompt: '.*#'", "cannot be told apart"),
            ("errors: ['^% ']", "errors: []", "there are no error markers"),
            ("errors: ['^% ']", "errors: ['#']", "matches the prompt of mode"),
            ("running: [show running-config]", "running: []", "how the configuration is read"),
            ("revert {minutes}", "revert {minuets}", "{minuets}, which nothing fills in"),
            ("revert {minutes}", "revert 5", "how long it waits"),
            ("  confirm: confirm", "  confirm: {in: conf, send: [confirm]}", "in of revert_timer.confirm is 'conf'"),
            ("kind: none", "kind: candidate, candidate: show timer", "no abort"),
            ("shows_mark: false", "shows_mark: true", "no pattern has a group 'who'"),
            ("revert {minutes}", "revert {due_hour}:{due_minute}", "only a timer that is a job"),
            ("revert {minutes}", "revert {minutes} {undo_options}", "only a timer that is a job"),
            (
                "  confirm: confirm", "  confirm: confirm\n  job: {due: 'at (?<hour>..)'}",
                "nothing says what that shows"
            ),
            (
                "  confirm: confirm",
                "  confirm: confirm\n  job: {clock: show timer, reading: '(?<hour>..):(?<minute>..)'}",
                "does not find day, month, second, year"
            ),
            (
                "  hostname: {command: show hostname, find: '{value}'}",
                "  model: {command: show hostname, find: '{value}'}",
                "how the hostname is found"
            ),
        ])
    func lint(_ what: String, _ instead: String, _ words: String) throws {
        #expect(Self.small.contains(what))
        let definition = try Self.read(Self.small.replacing(what, with: instead))
        let report = PlatformLint.examine(definition, words: Self.words)
        #expect(report.errors.contains { $0.message.contains(words) }, "\(report.errors)")
    }

    @Test("a definition that is based on another says what is different, with the words of both")
    func basedOn() throws {
        let definition = try Self.read(
            "platform: acme_switch\nbased_on: cisco_iosxe\nsummary: Acme\nsetup: [terminal pager 0]\nrevert_timer: none\n"
        )
        let base = try #require(try PlatformLibrary().definition(named: "cisco_iosxe"))
        #expect(definition.names == ["acme_switch"] && definition.basis == ["cisco_iosxe", "cisco_ios"])
        #expect(definition.setup == ["terminal pager 0"] && definition.revertTimer == nil)
        #expect(base.revertTimer != nil && definition.place.file == "acme.yaml")
        #expect(definition.modes == base.modes && definition.shaping == base.shaping)
        let report = PlatformLint.examine(definition, words: try PlatformLibrary().words(for: definition))
        #expect(report.errors.map(\.message).filter { $0.contains("'pager'") }.count == 1, "\(report.errors)")
    }

    @Test("what cannot be based on is said with its place, and what is wrong in the base with the base's")
    func badBase() throws {
        let folder = NSTemporaryDirectory() + "platforms-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func read(_ name: String, _ text: String) -> String {
            do throws(InputError) {
                let file = folder + "/\(name).yaml"
                guard (try? text.write(toFile: file, atomically: true, encoding: .utf8)) != nil else { return "" }
                _ = try PlatformReader.read(file: file)
                return "was read"
            } catch { return error.description }
        }
        #expect(
            read("a", "platform: a\nbased_on: nothing").contains("a.yaml:2:11: the definition is based on 'nothing'"))
        #expect(read("a", "platform: a\nbased_on: a").contains("a.yaml:2:11: the definition is based on itself"))
        #expect(read("b", "platform: b\nhoem: exec\nbased_on: cisco_iosxe").contains("b.yaml:2:1: unknown key 'hoem'"))
        #expect(read("c", "platform: c\nbased_on: b").contains("b.yaml:2:1: unknown key 'hoem'"))
        #expect(read("d", Self.small + "\nbased_on: cisco_iosxe") == "was read")
    }

    @Test("a timer that restarts the device needs a proof that what was saved is what runs")
    func restarting() throws {
        let text = Self.small.replacing("  undo: undo", with: "  restarts_within: 5m")
        let report = PlatformLint.examine(try Self.read(text), words: Self.words)
        #expect(report.errors.contains { $0.message.contains("a restart brings back what was saved") })
        let proved = text + "\nrequires: [{command: show running-config, find: saved, remedy: save it}]"
        #expect(PlatformLint.examine(try Self.read(proved), words: Self.words).errors.isEmpty)
    }

    @Test("every built-in definition is clean, and has a list of words of its own")
    func builtIn() throws {
        let library = try PlatformLibrary()
        #expect(library.definitions.count >= 4)
        for definition in library.definitions {
            let words = library.words(for: definition)
            #expect(!words.isEmpty, "\(definition.names)")
            let report = PlatformLint.examine(definition, words: words)
            #expect(report.errors.isEmpty, "\(report.errors.map(\.description).joined(separator: "\n"))")
        }
    }
}
