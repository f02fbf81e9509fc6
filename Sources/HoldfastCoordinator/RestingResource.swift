// A resource at rest: one piece of memory with the bytes of its path and of its lock, where the actor and its arena
// take two that are three times as large. It is an actor again as soon as anybody asks for it; see `ResourceTable`.

import HoldfastCore
import HoldfastModel

/// A lock that one client holds, as bytes.
struct RestingResource {
    private struct Header {
        let keepsake: LockState.Keepsake
        let pathCount: UInt16
        let numberCount: UInt16
    }

    /// The path, then the numbers.
    private let bytes: ManagedBuffer<Header, UInt8>

    init(path: ResourcePath, _ keepsake: LockState.Keepsake, _ numbers: Span<UInt8>) {
        let text = path.text.utf8Span.span
        bytes = .create(minimumCapacity: text.count + numbers.count) { _ in
            Header(
                keepsake: keepsake,
                pathCount: UInt16(text.count),
                numberCount: UInt16(numbers.count)
            )
        }
        // Safe: as many bytes were asked for as are written.
        unsafe bytes.withUnsafeMutablePointerToElements { start in
            for index in text.indices { unsafe start[index] = text[index] }
            let rest = unsafe start + text.count
            for index in numbers.indices { unsafe rest[index] = numbers[index] }
        }
    }

    /// Calls `body` with the bytes of the path.
    @inline(__always)
    func withPath<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        let count = Int(bytes.header.pathCount)
        // Safe: so many bytes were written, and the memory lives until the end of the call.
        return unsafe bytes.withUnsafeMutablePointerToElements { start in
            unsafe body(Span(_unsafeStart: start, count: count))
        }
    }

    func hasPath(_ path: Span<UInt8>) -> Bool { withPath { ResourcePath.areSame($0, path) } }

    var path: ResourcePath { withPath { ResourcePath(known: $0) } }

    /// Who holds it.
    var owner: Owner { bytes.header.keepsake.owner }

    /// As it stood.
    func state(_ bounds: LockState.Bounds) -> LockState {
        let header = bytes.header
        let path = path
        // Safe: as in `withPath`.
        return unsafe bytes.withUnsafeMutablePointerToElements { start in
            let numbers = unsafe Span(
                _unsafeStart: start + Int(header.pathCount),
                count: Int(header.numberCount)
            )
            return LockState(waking: numbers, header.keepsake, path: path, bounds: bounds)
        }
    }
}
