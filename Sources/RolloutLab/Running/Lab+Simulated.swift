import Foundation

extension Lab {
    /// Writes down a lab that is simulated, and has its fleet made; a whole one is left alone.
    ///
    /// - Parameter makeFleet: Makes the fleet in the folder's `fleet`, of the inventory that was written.
    /// - Throws: `LabError`, also for what making the fleet throws.
    public func simulate(_ topology: LabTopology, makeFleet: () throws -> Void) async throws(LabError) -> Outcome {
        if let complaint = topology.complaint { throw LabError(.badInput, complaint) }
        return try await folder.locked { () throws(LabError) in
            if let old = try folder.record() {
                if old.isWhole, old.kind == .simulated, old.topology == topology, isComplete(old) { return .unchanged }
                guard old.kind == .simulated, !old.isWhole else {
                    throw LabError(
                        .refused,
                        "another lab is up in \(folder.path): end it first with `rollout lab down\(folder.options)`")
                }
                folder.clear()
            }
            var record = LabRecord(topology: topology, kind: .simulated, boot: Self.boot)
            try folder.write(record)
            // Readers of the inventory expect that there is one; a simulated agent does not look at it.
            try folder.write("community", "simulated\n", mode: 0o600)
            try writeInputs(topology, isSimulated: true)
            do { try makeFleet() } catch {
                folder.clear()
                throw LabError(.failed, "the simulated fleet cannot be made: \(error)")
            }
            record.isWhole = true
            try folder.write(record)
            return .built
        }
    }
}
