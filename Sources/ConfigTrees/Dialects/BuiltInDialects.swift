extension ConfigDialect {
    /// The dialects of the platforms that are known here, from the vendors' command references.
    public static let builtIns: [ConfigDialect] = [
        ciscoIOS("cisco_ios"), ciscoIOS("cisco_iosxe"), ciscoNXOS, ciscoIOSXR, aristaEOS, juniperJunos, nokiaSROS,
        nokiaSROSClassic, nokiaSRLinux, vyOS, mikroTikRouterOS, huaweiVRP, frr, dellSONiC,
        hpComware, hpProCurve, fortinetFortiOS,
    ]
}
