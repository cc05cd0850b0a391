/// What a runner sees of the farm beside its journal: who was heard since when, and how many devices may still come into debt.
public struct FarmView: Sendable {
    /// Since when each device has been heard without a long gap; not those that are silent.
    public var heardSince: [DeviceName: Instant]
    /// How many places for devices in debt are free over all rollouts of the store.
    public var freePlaces: Int
    /// The devices that have such a place.
    public var placed: Set<DeviceName>

    /// Sees nothing, and room for everybody.
    public init(heardSince: [DeviceName: Instant] = [:], freePlaces: Int = .max, placed: Set<DeviceName> = []) {
        self.heardSince = heardSince
        self.freePlaces = freePlaces
        self.placed = placed
    }
}
