// What is put down in one go: room for the longest is reserved once, then bytes go one behind the other. An array asks
// for room at every piece, and looks whose it is; for the two replies of a lock, and for what a journal keeps of it,
// that took longer than all the rest.

/// A place in bytes that were reserved behind others.
///
/// Nothing in it looks at the room that is left: who reserves knows the most that is put there.
@safe @usableFromInline package struct ReservedRoom {
    @usableFromInline var next: UnsafeMutableRawPointer

    @inlinable
    @inline(__always)
    init(next: UnsafeMutableRawPointer) { unsafe self.next = next }

    /// Appends what `body` puts, which is no more than so many bytes.
    @inlinable
    @inline(__always)
    package static func append(
        to bytes: inout [UInt8],
        atMost byteCount: Int,
        _ body: (inout ReservedRoom) -> Void
    ) {
        bytes.append(addingCapacity: byteCount) { output in
            unsafe output.withUnsafeMutableBufferPointer { bytes, count in
                guard let start = bytes.baseAddress else { return }
                let base = UnsafeMutableRawPointer(start)
                var room = unsafe ReservedRoom(next: base + count)
                body(&room)
                unsafe count = room.next - base
                precondition(count <= bytes.count, "more was put than was reserved")
            }
        }
    }

    @inlinable
    @inline(__always)
    package mutating func put(byte: UInt8) {
        unsafe next.storeBytes(of: byte, as: UInt8.self)
        unsafe next += 1
    }

    @inlinable
    @inline(__always)
    package mutating func put(fixed word: UInt32) {
        unsafe next.storeBytes(of: word.littleEndian, as: UInt32.self)
        unsafe next += 4
    }

    /// The lowest byte first, and only so many of the eight; the others are put again by what comes next.
    @inlinable
    @inline(__always)
    package mutating func put(fixed word: UInt64, byteCount: Int = 8) {
        unsafe next.storeBytes(of: word.littleEndian, as: UInt64.self)
        unsafe next += byteCount
    }

    /// Constants of a known length: the compiler makes two or three moves of one.
    @inlinable
    @inline(__always)
    package mutating func put(_ text: StaticString) {
        unsafe next.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
        unsafe next += text.utf8CodeUnitCount
    }

    /// Most are short: eight bytes at a time, the last eight once more, where a call would take longer than the copy.
    @inlinable
    @inline(__always)
    package mutating func put(_ bytes: Span<UInt8>) {
        let count = bytes.count
        guard count >= 8, count <= 64 else { return copy(bytes) }
        var index = 0
        while index &+ 8 < count {
            put(eightOf: bytes, at: index)
            index &+= 8
        }
        put(eightOf: bytes, at: count &- 8)
        unsafe next += count
    }

    @inlinable
    @inline(__always)
    func put(eightOf bytes: Span<UInt8>, at index: Int) {
        // Safe: the bounds are checked, and every eight bytes are a number.
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
        unsafe next.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
    }

    @usableFromInline
    mutating func copy(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe next.copyMemory(from: start, byteCount: bytes.count)
            unsafe next += bytes.count
        }
    }

    /// Where the next byte goes.
    @inlinable
    @inline(__always)
    package var place: UnsafeMutableRawPointer { unsafe next }

    /// Leaves so many bytes for later.
    @inlinable
    @inline(__always)
    package mutating func leave(byteCount: Int) { unsafe next += byteCount }
}
