import Glibc

#if DEBUG
import FuzzTargets

/// Hands bytes to the target that $FUZZ_TARGET names: those of files, or, built with `-sanitize=fuzzer`, what libFuzzer makes
/// up, to which every argument belongs.
@main
enum Fuzz {
    static let target = getenv("FUZZ_TARGET").flatMap { FuzzTarget(rawValue: String(cString: $0)) }

    static func main() {
        guard target != nil else {
            print(FuzzTarget.allCases.map(\.rawValue).joined(separator: "\n"))
            exit(getenv("FUZZ_TARGET") == nil ? 0 : 64)
        }
        run()
    }

    static func check(_ bytes: [UInt8]) {
        do throws(BrokenPromise) { try target?.run(bytes) } catch { fatalError("\(error)") }
    }

    #if FUZZING
    private static func run() {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments, feed))
    }
    #else
    private static func run() {
        for path in CommandLine.arguments.dropFirst() {
            guard let file = fopen(path, "r") else { fatalError("\(path) cannot be read") }
            var bytes: [UInt8] = []
            while case let byte = getc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
            fclose(file)
            check(bytes)
        }
    }
    #endif
}

#if FUZZING
// libFuzzer's own main, which is linked but not used, wants it under this name.
@_cdecl("LLVMFuzzerTestOneInput")
func feed(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Fuzz.check(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
#endif
#else
/// Release builds do not let anybody look inside modules, which the targets have to.
@main
enum Fuzz {
    static func main() { fatalError("build it for debugging, as scripts/fuzz does") }
}
#endif
