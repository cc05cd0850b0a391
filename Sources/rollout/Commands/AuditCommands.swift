import ArgumentParser
import Foundation
import RolloutEngine

/// `rollout audit`: what was said beside the rollouts, and whether that is still what was written.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Show who set schedules, stopped the line and issued tokens; prove that nothing of it was changed.",
        subcommands: [AuditVerifyCommand.self, AuditListCommand.self], defaultSubcommand: AuditListCommand.self)
}

/// `rollout audit verify`: walks the chain.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Walk the chain of the service journal, and compare rollouts with their seals in it: what was changed, removed or put in shows.",
        discussion: """
            The chain needs no key: whoever can rewrite the whole store can make a new one. Note its end somewhere else from time \
            to time, and give it with --known: it has to be part of the chain. Exits with 1 when the chain is broken.
            """)

    @Option(help: "An end that was noted earlier, as this command prints it: 17:0f3c…")
    var known: String?

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    /// What was found, for `--json`.
    struct Finding: Encodable {
        var entries: Int64
        var end: String
        /// The rollouts whose facts are sealed.
        var rollouts = 0
        var trouble: String?
    }

    func run() async throws {
        try await Command.run(output) {
            let noted = try known.map(Self.read)
            let store = try store.open()
            let entries = try await store.serviceEntries(after: 0)
            let finding = try await Self.compare(entries, in: store, after: try Self.walk(entries, noted))
            if output.json { show(try JSONOutput.pretty(finding)) }
            if let trouble = finding.trouble {
                throw CommandFailure(
                    .error,
                    "\(trouble). Compare with a backup: rollout audit verify --store BACKUP")
            }
            if !output.json {
                show("\(finding.entries) entries hold together, and so do the facts of \(finding.rollouts) rollouts")
                show("the end is \(finding.end)")
            }
            return .done
        }
    }

    /// Walks the chain, up to where it breaks.
    static func walk(_ entries: [ServiceEntry], _ noted: ServiceChain?) throws -> Finding {
        var chain = ServiceChain.start
        var trouble: String?
        var isNoted = noted.map { $0 == chain } ?? true
        for entry in entries {
            if let found = try chain.take(entry) {
                trouble = "the service journal is not what was written: \(found)"
                break
            }
            if chain == noted { isNoted = true }
        }
        if trouble == nil, !isNoted, let noted {
            trouble =
                noted.sequence > chain.sequence
                ? "the service journal ends with entry \(chain.sequence), but \(noted.sequence) was there when that end was noted"
                : "entry \(noted.sequence) has another digest than was noted: the chain was made anew"
        }
        return Finding(
            entries: chain.sequence, end: "\(chain.sequence):\(chain.digest)", trouble: trouble)
    }

    /// Compares the facts of rollouts with their seals, where the chain holds.
    static func compare(
        _ entries: [ServiceEntry], in store: any JournalStore, after walk: Finding
    ) async throws -> Finding {
        guard walk.trouble == nil else { return walk }
        var finding = walk
        var seals: [RolloutID: [JournalSeal]] = [:]
        for entry in entries {
            if case .journalSealed(let rollout, let seal) = entry.fact { seals[rollout, default: []].append(seal) }
        }
        finding.rollouts = seals.count
        for (rollout, sealed) in seals.sorted(by: { $0.key < $1.key }) {
            var last = JournalSeal.none
            do {
                let facts = try await store.entries(of: rollout, after: 0)
                for seal in sealed {
                    let found = try last.over(
                        facts.filter { $0.sequence > last.through && $0.sequence <= seal.through })
                    guard found == seal else {
                        throw StoreError(
                            .corrupt, "a fact after \(last.through) and up to \(seal.through) is not what was written")
                    }
                    last = seal
                }
            } catch let error as StoreError where error.code == .corrupt || error.code == .notFound {
                finding.trouble = "the journal of rollout \(rollout) is not what was sealed: \(error.message)"
                return finding
            }
        }
        return finding
    }

    private static func read(_ text: String) throws -> ServiceChain {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence >= 0, parts[1].utf8.count == 64,
            parts[1].allSatisfy(\.isHexDigit)
        else {
            throw CommandFailure(
                .usage,
                "--known is '\(SafeText.line(text))', expected an end as `rollout audit verify` prints it: 17:0f3c…")
        }
        return ServiceChain(sequence: sequence, digest: Digest(hexadecimal: parts[1].lowercased()))
    }
}

/// `rollout audit list`: the entries themselves.
struct AuditListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show what was said beside the rollouts: who, when, what and why.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Command.run(output) {
            let entries = try await store.open().serviceEntries(after: 0)
            if output.json {
                show(try JSONOutput.pretty(entries))
            } else if entries.isEmpty {
                say("nothing was said beside the rollouts yet")
            }
            guard !output.json else { return .done }
            for entry in entries { show(ServiceEntryLine.text(entry)) }
            return .done
        }
    }
}
