// swift-tools-version: 6.2
import PackageDescription

// Apart from the product's package, so that nobody who builds the product builds these. One executable a benchmark.
let package = Package(
    name: "rollout-benchmarks",
    dependencies: [.package(name: "rollout", path: "..")],
    targets: [
        .target(name: "ProcessUsage"),
        .executableTarget(
            name: "ssh-push",
            dependencies: [
                "ProcessUsage",
                .product(name: "RolloutEngine", package: "rollout"),
                .product(name: "DeviceDrivers", package: "rollout"),
            ]
        ),
        // Its peers in C and the script that runs them side by side are in snmp/.
        .executableTarget(
            name: "snmp-poll",
            dependencies: [
                "ProcessUsage",
                .product(name: "RolloutEngine", package: "rollout"),
                .product(name: "DeviceDrivers", package: "rollout"),
            ]
        ),
        .executableTarget(
            name: "snmp-scale",
            dependencies: [
                "ProcessUsage",
                .product(name: "RolloutEngine", package: "rollout"),
                .product(name: "DeviceDrivers", package: "rollout"),
            ]
        ),
        .executableTarget(
            name: "plan-fleet",
            dependencies: ["ProcessUsage", .product(name: "RolloutEngine", package: "rollout")]
        ),
        // Real traces through the product's gates; see gates/.
        .executableTarget(
            name: "gate-calibrate", dependencies: [.product(name: "RolloutEngine", package: "rollout")]
        ),
        .executableTarget(
            name: "journal-load",
            dependencies: [
                "ProcessUsage",
                .product(name: "RolloutEngine", package: "rollout"),
                .product(name: "RolloutStore", package: "rollout"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
