// The kernel's randomness, bought by the buffer.

import CSystem
package import HoldfastModel

/// Where ticket secrets get their chance from.
package enum SystemRandom {
    /// Fills the words; a kernel that gives none leaves nothing that could be served safely.
    package static func fill(_ words: inout [UInt64]) {
        let result = words.withUnsafeMutableBytes { holdfast_random($0.baseAddress, $0.count) }
        precondition(result == 0, "the kernel gives no randomness")
    }

    package static func word() -> UInt64 {
        var words: [UInt64] = [0]
        fill(&words)
        return words[0]
    }
}

extension RandomBuffer {
    /// A supply that is refilled by the kernel.
    package static func system() -> RandomBuffer { RandomBuffer(refill: SystemRandom.fill) }
}
