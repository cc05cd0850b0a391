internal import Foundation
internal import RolloutEngine

/// Samples in the binary form of COPY: a header, then for each row the number of its fields and each field with its length before it.
struct PostgresSampleCopy {
    private var samples = PostgresBytes()
    private var readings = PostgresBytes()
    private var objects = PostgresBytes()

    /// Samples of one rollout, of which the first gets `firstID` and each further one the next number.
    init(_ added: [CounterSample], of id: RolloutID, firstID: Int64) {
        for part in [\Self.samples, \Self.readings, \Self.objects] { self[keyPath: part].append(Self.header) }
        for (place, sample) in added.enumerated() {
            add(sample, of: id, as: firstID + Int64(place))
        }
        for part in [\Self.samples, \Self.readings, \Self.objects] { self[keyPath: part].append(int16: -1) }
    }

    /// What is copied into which table, in one transaction.
    var copies: [(statement: String, data: [UInt8])] {
        [
            (Self.statement("samples", Self.sampleColumns), samples.contents),
            (Self.statement("readings", Self.readingColumns), readings.contents),
            (Self.statement("object_readings", Self.objectColumns), objects.contents),
        ]
    }

    static let sampleColumns = [
        "id", "rollout", "at", "subject_kind", "subject", "uptime", "engine_boots", "engine_time", "ip_out_discards",
        "unknown", "unknown_detail",
    ]
    static let readingColumns = [
        "sample", "place", "rollout", "at", "subject_kind", "subject", "name", "if_index", "in_octets", "out_octets",
        "in_errors", "out_errors", "in_discards", "out_discards", "wide", "oper_status", "last_change", "high_speed",
        "discontinuity", "unknown", "unknown_detail",
    ]
    static let objectColumns = [
        "sample", "place", "rollout", "at", "subject_kind", "subject", "name", "instance", "kind", "whole", "level",
        "unknown", "unknown_detail",
    ]

    /// In the order of the columns, and of the bits of `wide`.
    static var counters: [WritableKeyPath<InterfaceReading, Counter?>] {
        [\.inOctets, \.outOctets, \.inErrors, \.outErrors, \.inDiscards, \.outDiscards]
    }

    private static func statement(_ table: String, _ columns: [String]) -> String {
        "COPY rollout.\(table) (\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
    }

    /// The signature, no flags, no extension.
    private static let header: [UInt8] =
        Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0] + [UInt8](repeating: 0, count: 8)

    private mutating func add(_ sample: CounterSample, of id: RolloutID, as row: Int64) {
        let at = PostgresTime.microseconds(of: sample.at)
        let kind = SampleSubject.number(of: sample.subject)
        let subject = sample.subject.name
        // What all readings of a sample have in common.
        func begin(_ rows: inout PostgresBytes, _ place: Int) {
            rows.append(field: row)
            rows.append(mediumField: Int32(truncatingIfNeeded: place))
            rows.append(field: id.number)
            rows.append(field: at)
            rows.append(smallField: kind)
            rows.append(field: subject)
        }
        samples.append(int16: Int16(Self.sampleColumns.count))
        samples.append(field: row)
        samples.append(field: id.number)
        samples.append(field: at)
        samples.append(smallField: kind)
        samples.append(field: subject)
        samples.append(field: sample.uptime.map(Int64.init))
        samples.append(field: sample.engineBoots.map(Int64.init))
        samples.append(field: sample.engineTime.map(Int64.init))
        samples.append(field: sample.ipOutDiscards.map(Int64.init(bitPattern:)))
        samples.append(reason: sample.unknown)
        for (place, reading) in sample.interfaces.enumerated() {
            readings.append(int16: Int16(Self.readingColumns.count))
            begin(&readings, place)
            add(reading)
        }
        for (place, reading) in sample.objects.enumerated() {
            objects.append(int16: Int16(Self.objectColumns.count))
            begin(&objects, place)
            add(reading)
        }
    }

    private mutating func add(_ reading: InterfaceReading) {
        readings.append(field: reading.name)
        readings.append(field: reading.index.map(Int64.init))
        var wide: Int16 = 0
        for (bit, counter) in [
            reading.inOctets, reading.outOctets, reading.inErrors, reading.outErrors, reading.inDiscards,
            reading.outDiscards,
        ].enumerated() {
            if case .bits64 = counter { wide |= 1 << bit }
            readings.append(field: counter.map { Int64(bitPattern: $0.value) })
        }
        readings.append(smallField: wide)
        readings.append(field: reading.operStatus.map(Int64.init))
        readings.append(field: reading.lastChange.map(Int64.init))
        readings.append(field: reading.highSpeed.map(Int64.init))
        readings.append(field: reading.discontinuity.map(Int64.init))
        readings.append(reason: reading.unknown)
    }

    private mutating func add(_ reading: ObjectReading) {
        objects.append(field: reading.name)
        objects.append(field: reading.instance)
        let (kind, whole, level): (String?, Int64?, Double?) =
            switch reading.value {
            case .counter(.bits32(let value)): ("counter32", Int64(value), nil)
            case .counter(.bits64(let value)): ("counter64", Int64(bitPattern: value), nil)
            case .level(let value): ("gauge", nil, value)
            case .state(let value): ("state", value, nil)
            case nil: (nil, nil, nil)
            }
        objects.append(field: kind)
        objects.append(field: whole)
        objects.append(field: level)
        objects.append(reason: reading.unknown)
    }
}

extension PostgresBytes {
    /// Adds why something is unknown: a field for the code, and one for the words.
    fileprivate mutating func append(reason: UnknownReason?) {
        append(field: reason?.code.rawValue)
        append(field: reason?.detail)
    }
}
