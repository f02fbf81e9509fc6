// Numbers in as few bytes as they need, for what only this process reads again: seven bits a byte, the lowest first.
// No framing and no checks of what is read: the writer and the reader are the two halves of one file.

import HoldfastModel

/// Numbers, one after the other.
package struct PackedNumbers: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() { bytes.reserveCapacity(PackedNumbers.usualCount) }

    private static let usualCount = 96

    mutating func put(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// A number that is no smaller than another of its kind.
    mutating func putRaw(_ number: UInt64, byteCount: Int) {
        for index in 0..<byteCount {
            bytes.append(UInt8(truncatingIfNeeded: number >> (UInt64(index) * 8)))
        }
    }

    /// Small where it is close to `start`, before or after; `never` is zero.
    mutating func put(_ instant: Instant, after start: Instant) {
        guard instant != .never else { return put(0) }
        let distance = instant.nanoseconds &- start.nanoseconds
        // The sign goes into the lowest bit; none of it is `never`.
        put(UInt64(bitPattern: distance << 1 ^ distance >> 63) &+ 1)
    }

    /// Small where it is whole milliseconds.
    mutating func put(_ interval: Interval) {
        let (milliseconds, rest) = interval.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
        if rest == 0 {
            put(UInt64(bitPattern: milliseconds) << 1)
        } else {
            put(UInt64(bitPattern: interval.nanoseconds) << 1 | 1)
        }
    }

    mutating func put(_ mode: Mode) {
        switch mode {
        case .exclusive: put(0)
        case .shared: put(1)
        case .permit(let count, let of):
            put(2)
            put(UInt64(count))
            put(UInt64(of))
        }
    }
}

/// Reads them in the same order.
struct PackedReader {
    private var index = 0

    mutating func next(in bytes: borrowing Span<UInt8>) -> UInt64 {
        var (number, shift): (UInt64, UInt64) = (0, 0)
        while true {
            let byte = bytes[index]
            index += 1
            number |= UInt64(byte & 0x7f) << shift
            guard byte >= 0x80 else { return number }
            shift += 7
        }
    }

    mutating func raw(in bytes: borrowing Span<UInt8>, byteCount: Int) -> UInt64 {
        var number: UInt64 = 0
        for position in 0..<byteCount {
            number |= UInt64(bytes[index]) << (UInt64(position) * 8)
            index += 1
        }
        return number
    }

    mutating func instant(after start: Instant, in bytes: borrowing Span<UInt8>) -> Instant {
        let number = next(in: bytes)
        guard number != 0 else { return .never }
        let zigzag = number &- 1
        let distance = Int64(bitPattern: zigzag >> 1) ^ -Int64(zigzag & 1)
        return Instant(nanoseconds: start.nanoseconds &+ distance)
    }

    mutating func interval(in bytes: borrowing Span<UInt8>) -> Interval {
        let number = next(in: bytes)
        let amount = Int64(bitPattern: number >> 1)
        return Interval(nanoseconds: number & 1 == 1 ? amount : amount * 1_000_000)
    }

    mutating func mode(in bytes: borrowing Span<UInt8>) -> Mode {
        switch next(in: bytes) {
        case 0: return .exclusive
        case 1: return .shared
        default:
            let count = UInt32(truncatingIfNeeded: next(in: bytes))
            return .permit(count: count, of: UInt32(truncatingIfNeeded: next(in: bytes)))
        }
    }
}
