// The two functions that libFuzzer calls. They stand in the library, where nothing calls them, so that `.ci/fuzz` has
// only to link its objects with the fuzzer: which target runs is in the name of the program, `fuzz-wire` for `wire`.

import Glibc
import HoldfastModel

private let chosen = Locked<(any FuzzTarget)?>(nil)

/// Called once, before the first input.
@c(LLVMFuzzerInitialize)
package func fuzzerInitialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    let program = arguments.pointee.pointee.map { String(cString: $0) } ?? ""
    let target = FuzzTargets.all.first { program.hasSuffix("fuzz-" + $0.name) }
    precondition(target != nil, "\(program) is named after no target")
    chosen.withLock { $0 = target }
    return 0
}

/// Called with every input.
@c(LLVMFuzzerTestOneInput)
package func fuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do {
        try chosen.withLock { $0 }?.run(bytes)
    } catch {
        // An optimised build drops the message of a trap.
        let message = "found by the target: \(error)\n"
        _ = message.utf8.withContiguousStorageIfAvailable { write(2, $0.baseAddress, $0.count) }
        preconditionFailure(message)
    }
    return 0
}
