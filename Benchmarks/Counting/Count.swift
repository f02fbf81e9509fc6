// The counting benchmark: what one acquire and release cost in allocations and system calls, and a held lock in
// bytes, counted in this process around the real server and never timed, so that any machine may run it.
//
//     swift run -c release holdfast-count            prints the counts
//     swift run -c release holdfast-count --check    and fails when one is above its threshold
//     swift run -c release holdfast-count --update   and makes them the thresholds

import CCounting
import Glibc

@main
struct Count {
    static func main() async {
        guard counting_works() == 1 else { fail("a sanitizer counts in this build; build without") }
        counting_watch_global_pool()
        do {
            let options = try CountOptions(CommandLine.arguments.dropFirst())
            try await run(options)
        } catch {
            fail("\(error)")
        }
    }

    private static func run(_ options: CountOptions) async throws {
        let stored = try Thresholds.stored()
        var measured = stored
        var excesses: [String] = []

        for shape in Shape.allCases {
            let counts = try await ServerUnderTest.run {
                try count(shape, options.cycles, ports: $0)
            }
            print("\(shape.rawValue), per cycle:  \(counts.line)")
            measured.shapes[shape.rawValue] = counts.rounded
            let threshold = stored.shapes[shape.rawValue]
            excesses += threshold.map(counts.excesses) ?? ["\(shape.rawValue) has no threshold"]
        }
        let bytes = try await memory(options, excesses: &excesses)
        measured.bytesPerHeldLock = bytes.rounded(.up)
        if bytes > (stored.bytesPerHeldLock ?? 0) * 1.02 {
            excesses.append("\(bytes.text) bytes per held lock > \(stored.bytesPerHeldLock ?? 0)")
        }

        switch options.action {
        case .show: break
        case .update: try measured.store()
        case .check where excesses.isEmpty: print("nothing is above its threshold")
        case .check: fail(excesses.joined(separator: "\n"))
        }
    }

    private static func count(_ shape: Shape, _ cycles: Int, ports: Ports) throws -> Counts {
        var (start, end) = (counting_totals(), counting_totals())
        let cycles = try shape.run(cycles: cycles, ports: ports) { stretch in
            start = counting_now()
            try stretch()
            end = counting_now()
        }
        return Counts(from: start, to: end, cycles: cycles)
    }

    private static func memory(
        _ options: CountOptions,
        excesses: inout [String]
    ) async throws -> Double {
        let allowance: Int64 = 10_000_000
        var livePerLock = 0.0
        // A leak shows in every crowd. Which pages a few small blocks keep resident is the allocator's chance, and need
        // not be the same pages twice.
        for _ in 1...3 {
            let (held, left) = try await ServerUnderTest.run { ports in
                try MemoryRun(lockCount: options.locks, port: ports.line).run(
                    allowance: allowance,
                    seconds: 30
                )
            }
            print("bytes per held lock, of \(options.locks):  \(held.line(per: options.locks))")
            print("bytes left after the last:  \(left.line(per: 1))")
            livePerLock = Double(held.live) / Double(options.locks)
            if max(left.live, left.heap, left.resident) <= allowance { return livePerLock }
        }
        excesses.append("memory does not return to within \(allowance) bytes of the start")
        return livePerLock
    }

    private static func fail(_ message: String) -> Never {
        let text = Array("holdfast-count: \(message)\n".utf8)
        write(STDERR_FILENO, text, text.count)
        exit(1)
    }
}
