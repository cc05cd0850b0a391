// Conditions that need no numbers of objects to be looked up. Sources: the RFCs and vendors' MIB files that are named.

extension ObjectCondition {
    /// Processors are not busier than this, in percent, on average over the soak.
    ///
    /// hrProcessorLoad (HOST-RESOURCES-MIB, RFC 2790) is the mean of the last minute, one a core. cpmCPUTotal5secRev
    /// (CISCO-PROCESS-MIB) is one a processor. jnxOperatingCPU (JUNIPER-MIB) is 0 for parts without one, so that only the highest
    /// says something.
    static let cpu = ObjectCondition(
        [
            Source([1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2], isColumn: true, kind: .gauge, unit: "%", combination: .mean),
            Source(
                [1, 3, 6, 1, 4, 1, 9, 9, 109, 1, 1, 1, 1, 6], isColumn: true, kind: .gauge, unit: "%",
                combination: .highest),
            Source(
                [1, 3, 6, 1, 4, 1, 2636, 3, 1, 13, 1, 8], isColumn: true, kind: .gauge, unit: "%",
                combination: .highest),
        ], limits: ValueLimits(maximum: 90))

    /// BGP peers that were established(6) stay so.
    ///
    /// cbgpPeer2State (CISCO-BGP4-MIB) and jnxBgpM2PeerState (BGP4-V2-MIB-JUNIPER) have IPv6 peers too, bgpPeerState (BGP4-MIB,
    /// RFC 4273) has those over IPv4 only, so that it is looked at last.
    static let bgp = ObjectCondition(
        [
            Source([1, 3, 6, 1, 4, 1, 9, 9, 187, 1, 2, 5, 1, 3], isColumn: true, kind: .state),
            Source([1, 3, 6, 1, 4, 1, 2636, 5, 1, 1, 2, 1, 1, 1, 2], isColumn: true, kind: .state),
            Source([1, 3, 6, 1, 2, 1, 15, 3, 1, 2], isColumn: true, kind: .state),
        ], stays: [6])

    /// OSPF neighbours that were full(8) stay so: ospfNbrState (OSPF-MIB, RFC 4750). Those that are twoWay(4) for good, as between
    /// routers that are not designated, are not looked at.
    static let ospf = ObjectCondition(
        [Source([1, 3, 6, 1, 2, 1, 14, 10, 1, 6], isColumn: true, kind: .state)], stays: [8])

    /// IS-IS adjacencies that were up(3) stay so: isisISAdjState (ISIS-MIB, RFC 4444).
    static let isis = ObjectCondition(
        [Source([1, 3, 6, 1, 2, 1, 138, 1, 6, 1, 1, 2], isColumn: true, kind: .state)], stays: [3])

    /// The number of routes falls by no more than this: inetCidrRouteNumber (IP-FORWARD-MIB, RFC 4292), or ipCidrRouteNumber, which
    /// it took the place of.
    static let routes = ObjectCondition(
        [
            Source([1, 3, 6, 1, 2, 1, 4, 24, 6, 0], isColumn: false, kind: .gauge, unit: "routes"),
            Source([1, 3, 6, 1, 2, 1, 4, 24, 3, 0], isColumn: false, kind: .gauge, unit: "routes"),
        ], limits: ValueLimits(maximumFall: .share(.percent(5))))

    /// Sensors that were ok(1) stay so: entPhySensorOperStatus (ENTITY-SENSOR-MIB, RFC 3433).
    static let sensors = ObjectCondition(
        [Source([1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 5], isColumn: true, kind: .state)], stays: [1])

    /// No queue drops more packets a second than before plus this.
    ///
    /// cbQosCMDropPkt64, or cbQosCMDropPkt with 32 bits (CISCO-CLASS-BASED-QOS-MIB), one a class of a policy; jnxCosQstatTotalDropPkts
    /// (JUNIPER-COS-MIB), one a queue of an interface. Cisco's indices are given anew when a policy is taken off and put back: such a
    /// queue has no "before".
    static let queueDrops = ObjectCondition(
        [
            Source([1, 3, 6, 1, 4, 1, 9, 9, 166, 1, 15, 1, 1, 14], isColumn: true, kind: .counter, unit: "packets"),
            Source([1, 3, 6, 1, 4, 1, 9, 9, 166, 1, 15, 1, 1, 13], isColumn: true, kind: .counter, unit: "packets"),
            Source([1, 3, 6, 1, 4, 1, 2636, 3, 15, 4, 1, 53], isColumn: true, kind: .counter, unit: "packets"),
        ], maximumPerSecond: 5)
}

extension GateRule {
    /// The gates that a policy can name beside the cautious ones, with their usual limits.
    public static let further: [GateRule] = [
        GateRule(name: "cpu", condition: .object(.cpu), onFail: .pause),
        GateRule(name: "bgp", condition: .object(.bgp), onFail: .rollBack),
        GateRule(name: "ospf", condition: .object(.ospf), onFail: .rollBack),
        GateRule(name: "isis", condition: .object(.isis), onFail: .rollBack),
        GateRule(name: "routes", condition: .object(.routes), onFail: .pause),
        GateRule(name: "sensors", condition: .object(.sensors), onFail: .pause),
        GateRule(name: "queue_drops", condition: .object(.queueDrops), onFail: .pause),
        GateRule(
            name: "tc_drops", condition: .tcDrops(maximumPerSecond: 5, every: .seconds(60)), onFail: .pause),
        GateRule(name: "utilisation", condition: .utilisation(maximum: .percent(98)), onFail: .observe),
        GateRule(name: "reachability", condition: .reachability, onFail: .pause),
    ]
}
