// Long answers are the same as short ones: sorted, whole, and with a pause for others after each slice.

import HoldfastWire
import Testing

@testable import HoldfastServer

struct LongArrayTests {
    @Test(arguments: [0, 1, 2, 3, 4, 5, 8, 9, 31], [1, 2, 4, 40])
    func `slices are merged as if all were sorted at once`(count: Int, slice: Int) async {
        // Every number below some, mixed; the places of equal ones tell whether they keep their order.
        let mixed = (0..<count).map { (number: $0 * 7 % 5, place: $0) }
        var pauses = 0
        let sorted = await mixed.sorted(
            slice: slice,
            pause: { pauses += 1 },
            by: { $0.number < $1.number }
        )
        let wanted = mixed.sorted { ($0.number, $0.place) < ($1.number, $1.place) }
        #expect(sorted.map(\.place) == wanted.map(\.place))
        #expect((pauses > 0) == (count > slice))
    }

    @Test(arguments: [
        (0, 0), (1, 0), (LongArray.sliceCount - 1, 0), (LongArray.sliceCount, 1),
        (LongArray.sliceCount * 2, 2),
    ])
    func `an array is written with a pause for each slice`(count: Int, wanted: Int) async throws {
        var array = LongArray()
        var pauses = 0
        await array.add(
            Array(0..<count),
            pause: { pauses += 1 },
            write: { $1.value($0) }
        )
        let value = try JSONValue(parsing: array.reply().body.span)
        guard case .array(let numbers) = value else { throw NeverHappened() }
        #expect(numbers.count == count)
        #expect(pauses == wanted)
    }
}
