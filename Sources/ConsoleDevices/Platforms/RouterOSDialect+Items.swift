extension RouterOSDialect {
    /// Properties, as typed and as exported: `name=q1 target=ether1 max-limit=10M/10M`.
    struct Item: Sendable {
        private(set) var properties: [(name: String, value: String)] = []

        init(_ text: String) {
            for word in Word.split(text).map(\.text) {
                guard let equals = word.firstIndex(of: "=") else { continue }
                self[String(word[..<equals])] = Self.plain(String(word[word.index(after: equals)...]))
            }
        }

        subscript(_ name: String) -> String? {
            get { properties.first { $0.name == name }?.value }
            set {
                guard let newValue else { return properties.removeAll { $0.name == name } }
                if let index = properties.firstIndex(where: { $0.name == name }) {
                    properties[index].value = newValue
                } else {
                    properties.append((name, newValue))
                }
            }
        }

        var text: String { properties.map(Self.said).joined(separator: " ") }

        /// As it is exported: properties by their names.
        var exported: [String] { properties.sorted { $0.name < $1.name }.map(Self.said) }

        private static func said(_ property: (name: String, value: String)) -> String {
            let isPlain = !property.value.isEmpty && !property.value.contains { " ;\"\\$[]".contains($0) }
            guard !isPlain else { return "\(property.name)=\(property.value)" }
            let escaped = property.value.map { "\"\\$".contains($0) ? "\\\($0)" : "\($0)" }.joined()
            return "\(property.name)=\"\(escaped)\""
        }

        /// Without the quotes, and the backslashes within them.
        private static func plain(_ value: String) -> String {
            guard value != value.unquoted else { return value }
            var text = ""
            var isEscaped = false
            for character in value.unquoted {
                if character == "\\", !isEscaped {
                    isEscaped = true
                } else {
                    text.append(character)
                    isEscaped = false
                }
            }
            return text
        }

        /// Whether it has all properties of another.
        func has(_ other: Item) -> Bool { other.properties.allSatisfy { self[$0.name] == $0.value } }
    }

    /// Obeys a line: a menu, a verb in it, or both.
    static func obey(_ line: String, _ turn: inout Turn) {
        guard !turn.isRefused(line) else { return turn.fail("failure: not permitted") }
        var words = Word.split(line).map(\.text)
        // `/queue/simple` is the same as `/queue simple`; a line without a slash is about the menu that was entered.
        if words[0].hasPrefix("/") {
            words = words[0].split(separator: "/").map(String.init) + words.dropFirst()
        } else {
            words = turn.session.note.dropFirst().split(separator: " ").map(String.init) + words
        }
        guard !words.isEmpty else { return turn.session.note = "" }
        if words[0] == "export" { return export(&turn) }
        let menus = (itemMenus.map(\.menu) + settingMenus + shownMenus + ["/interface ethernet", "/system"])
            .sorted {
                $0.count > $1.count
            }
        guard let menu = menus.first(where: { ("/" + words.joined(separator: " ") + " ").hasPrefix($0 + " ") }) else {
            return turn.fail("bad command name \(words[0]) (line 1 column 1)")
        }
        let rest = Array(words.dropFirst(menu.split(separator: " ").count))
        guard let verb = rest.first else { return turn.session.note = menu }
        act(verb, Array(rest.dropFirst()), menu, &turn)
    }

    private static func act(_ verb: String, _ words: [String], _ menu: String, _ turn: inout Turn) {
        let text = words.joined(separator: " ")
        switch (verb, menu) {
        case ("print", _): print(menu, words, &turn)
        case ("run", "/system script"):
            let name = Word.split(text).first?.text.unquoted ?? ""
            guard let source = source(of: name, turn.device) else { return turn.fail("no such item") }
            obey(script: source, &turn)
        case ("reboot", "/system"):
            turn.ask("Reboot, yes? [y/N]: ", .key) { turn, answer in
                if answer == "y" { turn.device.restart(at: turn.now) }
            }
        case ("set", _) where settingMenus.contains(menu):
            var item = Item(turn.device.running.value([menu, "set"]) ?? "")
            for property in Item(text).properties { item[property.name] = property.value }
            keep(menu, key: "set", line: "set \(item.text)", &turn)
        case ("set", "/interface ethernet"):
            let name = words.first ?? ""
            guard turn.device.interfaces.contains(where: { $0.name == name }) else { return turn.fail("no such item") }
            var item = Item(turn.device.running.value([menu, "set \(name)"]) ?? "")
            for property in Item(text).properties { item[property.name] = property.value }
            keep(menu, key: "set \(name)", line: "set \(name) \(item.text)", &turn)
        case ("add", _): add(Item(text), menu, &turn)
        case ("set", _):
            edit(text, menu, &turn) { item, change in
                for property in change.properties { item?[property.name] = property.value }
            }
        case ("remove", _): edit(text, menu, &turn) { item, _ in item = nil }
        default: turn.fail("bad command name \(verb) (line 1 column \(menu.count + 2))")
        }
    }

    private static func keyProperty(_ menu: String) -> String? { itemMenus.first { $0.menu == menu }?.key }

    private static func add(_ item: Item, _ menu: String, _ turn: inout Turn) {
        guard let property = keyProperty(menu) else { return turn.fail("bad command name add") }
        guard let name = item[property] else { return turn.fail("value required for \(property)") }
        let key = "add \(property)=\(name)"
        guard turn.device.running.node([menu, key]) == nil else {
            return turn.fail("failure: already have such \(property)")
        }
        guard menu == "/system scheduler" else { return keep(menu, key: key, line: "add \(item.text)", &turn) }
        switch turn.scheduling() {
        case .refused: turn.fail("failure: the scheduler is out of order")
        case .lost: break
        case .kept: keep(menu, key: key, line: "add \(dated(item, turn).text)", &turn)
        }
    }

    /// Changes the items that `[find …]` or a name means; nil takes one away.
    private static func edit(
        _ text: String, _ menu: String, _ turn: inout Turn, _ change: (inout Item?, Item) -> Void
    ) {
        guard let property = keyProperty(menu) else { return turn.fail("bad command name") }
        var wanted = Item("")
        var rest = text
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            wanted = Item(String(text[..<end].dropFirst()).trimmed.replacingFind)
            rest = String(text[text.index(after: end)...])
        } else {
            let name = Word.split(text).first?.text ?? ""
            wanted[property] = name.unquoted
            rest = String(text.dropFirst(name.count))
        }
        let nodes = (turn.device.running.node([menu])?.children ?? []).filter {
            Item(String($0.line.dropFirst(4))).has(wanted)
        }
        // What was looked for and not found is nothing to do.
        guard !nodes.isEmpty || text.hasPrefix("[") else { return turn.fail("no such item") }
        for node in nodes {
            var item: Item? = Item(String(node.line.dropFirst(4)))
            change(&item, Item(rest))
            guard let item else {
                drop(menu, node.key, &turn)
                continue
            }
            keep(menu, key: node.key, line: "add \(item.text)", &turn)
        }
    }

    private static func keep(_ menu: String, key: String, line: String, _ turn: inout Turn) {
        guard !turn.isSwallowed(line) else { return }
        let line = menu.hasPrefix("/queue ") ? shown(line) : line
        let order = itemMenus.firstIndex { $0.menu == menu } ?? itemMenus.count
        let path = [
            ConfigNode(line: menu, key: menu, order: order, isLasting: false, isBlock: true),
            ConfigNode(line: line, key: key, order: 0, isLasting: true, isBlock: false),
        ]
        turn.takingEffect { turn in
            let isNew = turn.device.running.node([menu, key]) == nil
            turn.device.running.set(path)
            turn.note("\(historyPrefix)\(menu.dropFirst()) \(isNew ? "item added" : "changed")")
            // There is nothing to save: what is done stays.
            turn.device.startup = turn.device.running
        }
    }

    private static func drop(_ menu: String, _ key: String, _ turn: inout Turn) {
        turn.takingEffect { turn in
            turn.device.running.remove([menu, key])
            turn.note("\(historyPrefix)\(menu.dropFirst()) item removed")
            turn.device.startup = turn.device.running
        }
    }

    /// Rates as they are shown, whatever they were typed as.
    private static func shown(_ line: String) -> String {
        var item = Item(line)
        item["max-limit"] = item["max-limit"].map { limits in
            limits.split(separator: "/").map { Rate.bits(String($0)).map(written) ?? String($0) }.joined(separator: "/")
        }
        return "add \(item.text)"
    }

    private static func print(_ menu: String, _ words: [String], _ turn: inout Turn) {
        if let lines = properties(of: menu, turn) { return turn.say(lines + [""]) }
        let wanted = words.firstIndex(of: "where").map { Item(words[($0 + 1)...].joined(separator: " ")) }
        let isTerse = words.contains("terse")
        if !isTerse { turn.say("Flags: X - disabled, I - invalid; D - dynamic ") }
        for (number, node) in (turn.device.running.node([menu])?.children ?? []).enumerated() {
            let line = String(node.line.drop { $0 != " " }.dropFirst())
            guard wanted.map({ Item(line).has($0) }) ?? true else { continue }
            let flag = Item(line)["disabled"] == "yes" ? "X" : " "
            turn.say(" \(number) \(flag) \(line)\(state(of: line, menu, turn))")
            if !isTerse { turn.say("") }
        }
    }

    /// As it is exported: lines go on in others that are indented.
    private static func export(_ turn: inout Turn) {
        turn.say("# \(turn.clock.isoDate) \(turn.clock.clock) by RouterOS 7.12")
        for menu in turn.device.running.nodes {
            turn.say(menu.line)
            for node in menu.children {
                let head = node.line.prefix { $0 != " " }
                let words = menu.line == "/interface ethernet" ? [String(node.line.dropFirst(4))] : []
                wrap([String(head)] + (words.isEmpty ? Item(node.line).exported : words), &turn)
            }
        }
    }

    private static func wrap(_ words: [String], _ turn: inout Turn) {
        var line = ""
        for word in words {
            if line.count + word.count > 78, !line.isEmpty {
                turn.say(line + " \\")
                line = "    " + word
            } else {
                line += line.isEmpty ? word : " " + word
            }
        }
        turn.say(line)
    }

    /// Seconds of `10m`, `1h30m`, `00:10:00`.
    static func seconds(_ text: String) -> Int? {
        if text.contains(":") { return text.split(separator: ":").compactMap { Int($0) }.reduce(0) { $0 * 60 + $1 } }
        var total = 0
        var number = ""
        for character in text {
            if character.isNumber {
                number.append(character)
            } else {
                guard let value = Int(number), let unit = ["s": 1, "m": 60, "h": 3600, "d": 86400][character] else {
                    return nil
                }
                total += value * unit
                number = ""
            }
        }
        return total + (Int(number) ?? 0)
    }
}

extension StringProtocol {
    /// Without the word `find` at its beginning.
    fileprivate var replacingFind: String { hasPrefix("find") ? String(dropFirst(4)) : String(self) }
}
