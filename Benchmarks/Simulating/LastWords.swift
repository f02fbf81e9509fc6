// A broken precondition of the product ends the process, and with it every seed that is played; these are its last
// words, so that the one to blame is known.

import Glibc

/// Names the seed that a deadly signal came from.
enum LastWords {
    /// For the rest of the process.
    static func install() {
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT] { signal(number, speak) }
    }

    /// Only what may be called in the handler of a signal: no allocation, no lock.
    private static let speak: @convention(c) (CInt) -> Void = { number in
        if let seed = Seat.current?.pointee.seed {
            write("died while it played seed ")
            write(seed)
            write("\n")
        }
        signal(number, SIG_DFL)
        raise(number)
    }

    private static func write(_ text: StaticString) {
        _ = Glibc.write(2, text.utf8Start, text.utf8CodeUnitCount)
    }

    private static func write(_ number: UInt64) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            var digit = UInt8(ascii: "0") + UInt8(number / divisor % 10)
            _ = Glibc.write(2, &digit, 1)
            divisor /= 10
        }
    }
}
