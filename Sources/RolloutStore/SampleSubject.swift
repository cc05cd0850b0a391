internal import RolloutEngine

/// The numbers under which stores keep whose readings samples are.
enum SampleSubject {
    /// 0 a device, 1 a link, 2 a probe, 3 the queues of a device.
    static func number(of subject: WatchedAgent.Subject) -> Int16 {
        switch subject {
        case .device: 0
        case .link: 1
        case .probe: 2
        case .queues: 3
        }
    }

    /// Whose readings they are; nil for a number that none has.
    static func subject(_ number: Int64, _ name: String) -> WatchedAgent.Subject? {
        switch number {
        case 0: .device(DeviceName(rawValue: name))
        case 1: .link(LinkName(rawValue: name))
        case 2: .probe(GateName(rawValue: name))
        case 3: .queues(DeviceName(rawValue: name))
        default: nil
        }
    }
}
