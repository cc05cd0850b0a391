// swift-tools-version: 6.2
import PackageDescription

// One list for every target: strict concurrency (language mode 6), and imports that do not leak.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "rollout",
    products: [
        .executable(name: "rollout", targets: ["rollout"]),
        // For Benchmarks/, which is a package of its own.
        .library(name: "RolloutEngine", targets: ["RolloutEngine"]),
        .library(name: "DeviceDrivers", targets: ["DeviceDrivers"]),
        .library(name: "RolloutStore", targets: ["RolloutStore"]),
        // Preloaded by the tests of crashes.
        .library(name: "FailingCalls", type: .dynamic, targets: ["FailingCalls"]),
    ],
    dependencies: [
        // Each earns its place in docs/adr/0002-dependencies.md.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/stencilproject/Stencil", from: "0.15.1"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CSSH2", pkgConfig: "libssh2", providers: [.apt(["libssh2-1-dev"])]),
        .systemLibrary(name: "CNetSNMP", providers: [.apt(["libsnmp-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

        // Configurations of network platforms as trees: knows nothing of rollouts.
        .target(name: "ConfigTrees", swiftSettings: strict),
        .target(
            name: "RolloutEngine",
            dependencies: [
                .product(name: "Yams", package: "Yams"),
                .product(name: "Stencil", package: "Stencil"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "DeviceDrivers",
            dependencies: [
                "RolloutEngine", "ConfigTrees", "CLinux", "CSSH2", "CNetSNMP", "CPostgres",
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.copy("Platforms/Definitions"), .copy("NETCONF/Models")],
            swiftSettings: strict
        ),
        .target(
            name: "RolloutStore",
            dependencies: ["RolloutEngine", "CPostgres", .product(name: "GRDB", package: "GRDB.swift")],
            resources: [.copy("Postgres/Migrations")],
            swiftSettings: strict
        ),
        .target(
            name: "RolloutWeb",
            dependencies: ["RolloutEngine", .product(name: "FlyingSocks", package: "FlyingFox")],
            resources: [.copy("Resources")],
            swiftSettings: strict
        ),
        .target(name: "RolloutSimulation", dependencies: ["RolloutEngine"], swiftSettings: strict),
        .target(name: "RolloutLab", dependencies: ["RolloutEngine"], swiftSettings: strict),
        // Plays routers and switches. Knows nothing of the product: it is what drivers are measured by.
        .target(name: "ConsoleDevices", swiftSettings: strict),
        .executableTarget(
            name: "rollout",
            dependencies: [
                "ConsoleDevices", "RolloutEngine", "DeviceDrivers", "RolloutStore", "RolloutSimulation", "RolloutLab",
                "RolloutWeb",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            // Swift 6.3.1 crashes in LLVM's coroutine pass where it optimises the commands.
            swiftSettings: strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))]
        ),

        .testTarget(name: "ConfigTreesTests", dependencies: ["ConfigTrees"], swiftSettings: strict),
        .testTarget(
            name: "ConsoleDevicesTests", dependencies: ["ConsoleDevices", "console-session"], swiftSettings: strict),
        // A session at a played device, for the tests that need one to be a process.
        .executableTarget(
            name: "console-session", dependencies: ["ConsoleDevices"], path: "Tests/ConsoleSession",
            swiftSettings: strict),
        .testTarget(name: "RolloutEngineTests", dependencies: ["RolloutEngine"], swiftSettings: strict),
        .testTarget(
            name: "DeviceDriversTests",
            dependencies: [
                "ConsoleDevices", "console-session", "DeviceDrivers", "FaultyWire", "FuzzTargets", "PostgresBench",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        // Starts, kills and freezes real servers of PostgreSQL.
        .target(name: "PostgresBench", path: "Tests/PostgresBench", swiftSettings: strict),
        .testTarget(
            name: "RolloutStoreTests",
            dependencies: [
                "FaultyWire", "PostgresBench", "RolloutStore", "RolloutSimulation", "crash-writer",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        // Writes until it is killed: what the tests of crashes and of two processes at once need a process for.
        .executableTarget(
            name: "crash-writer",
            dependencies: ["RolloutEngine", "RolloutStore", "RolloutSimulation"],
            path: "Tests/CrashWriter",
            swiftSettings: strict
        ),
        // Lets the n-th call of a kind fail in the program under test.
        .target(name: "FailingCalls", path: "Tests/FailingCalls"),
        // Stands between a client and a server, and does to what they say what networks do.
        .target(name: "FaultyWire", dependencies: ["CLinux"], path: "Tests/FaultyWire", swiftSettings: strict),
        // One driver and nothing around it, beside a peer that is no more either; see Benchmarks/cli/run.
        .executableTarget(
            name: "cli-push", dependencies: ["RolloutEngine", "DeviceDrivers"], path: "Benchmarks/cli/push",
            swiftSettings: strict
        ),
        // Plays simulated nights; see scripts/soak.
        .executableTarget(
            name: "rollout-soak",
            dependencies: ["RolloutEngine", "RolloutSimulation"],
            path: "Tests/Soak",
            exclude: ["Corpus"],
            swiftSettings: strict
        ),
        // Readers of hostile bytes with what they promise, for libFuzzer and for the tests; see docs/fuzzing.md.
        .target(
            name: "FuzzTargets",
            dependencies: ["ConfigTrees", "RolloutEngine", "DeviceDrivers"],
            path: "Tests/Fuzz/Targets",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "rollout-fuzz",
            dependencies: ["FuzzTargets"],
            path: "Tests/Fuzz",
            exclude: ["Corpus", "Dictionaries", "Targets"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RolloutSimulationTests",
            dependencies: ["RolloutSimulation", "RolloutStore", "crash-writer"],
            swiftSettings: strict
        ),
        // The dashboards that ship, asked as Grafana asks, and a real server that answers.
        .target(
            name: "OpsBench", dependencies: ["PostgresBench", "RolloutEngine", "RolloutStore"], path: "Tests/OpsBench",
            swiftSettings: strict),
        // Views and dashboards over a store in PostgreSQL, which ships them as SQL and JSON.
        .testTarget(
            name: "DashboardTests",
            dependencies: ["OpsBench", "PostgresBench", "RolloutEngine", "RolloutSimulation", "RolloutStore"],
            swiftSettings: strict),
        .testTarget(name: "RolloutLabTests", dependencies: ["RolloutLab", "RolloutEngine"], swiftSettings: strict),
        .testTarget(
            name: "RolloutWebTests", dependencies: ["RolloutWeb", "RolloutSimulation"], swiftSettings: strict),
        .testTarget(
            name: "RolloutCommandTests",
            dependencies: ["rollout", "RolloutEngine", "RolloutSimulation", "RolloutWeb"], swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "ConsoleDevices", "FailingCalls", "FaultyWire", "OpsBench", "PostgresBench", "RolloutEngine",
                "RolloutLab", "RolloutStore", "rollout",
            ],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
