// The tokens of one principal: a second's worth at once, and a reserve for what keeps and ends locks.

import HoldfastModel
import Testing

struct RateBucketTests {
    private let start = Instant(nanoseconds: 5_000_000_000)

    @Test(arguments: [1, 2, 3, 7, 50_000])
    func `a second's tokens may be taken at once, and not one more`(rate: Int) {
        let bucket = RateBucket()
        for _ in 0..<rate {
            #expect(bucket.take(at: start, rate: rate, keeps: false) == nil)
        }
        #expect(bucket.take(at: start, rate: rate, keeps: false) != nil)
    }

    @Test func `what was refused takes nothing, and is there after the time that was told`() {
        let bucket = RateBucket()
        for _ in 0..<4 { #expect(bucket.take(at: start, rate: 4, keeps: false) == nil) }
        for _ in 0..<100 {
            #expect(bucket.take(at: start, rate: 4, keeps: false) == .milliseconds(250))
        }
        let early = start + .milliseconds(249)
        #expect(bucket.take(at: early, rate: 4, keeps: false) == .milliseconds(1))
        let due = start + .milliseconds(250)
        #expect(bucket.take(at: due, rate: 4, keeps: false) == nil)
        #expect(bucket.take(at: due, rate: 4, keeps: false) == .milliseconds(250))
    }

    @Test func `renewals and releases have a second's tokens beyond all others`() {
        let bucket = RateBucket()
        for _ in 0..<4 { #expect(bucket.take(at: start, rate: 4, keeps: false) == nil) }
        for _ in 0..<4 {
            #expect(bucket.take(at: start, rate: 4, keeps: false) != nil)
            #expect(bucket.take(at: start, rate: 4, keeps: true) == nil)
        }
        #expect(bucket.take(at: start, rate: 4, keeps: true) == .milliseconds(250))
        #expect(bucket.take(at: start, rate: 4, keeps: false) == .milliseconds(1_250))
    }

    @Test func `who asked nothing for a day has a second's tokens, not a day's`() {
        let bucket = RateBucket()
        #expect(bucket.take(at: start, rate: 2, keeps: false) == nil)
        let later = start + .day
        for _ in 0..<2 { #expect(bucket.take(at: later, rate: 2, keeps: false) == nil) }
        #expect(bucket.take(at: later, rate: 2, keeps: false) != nil)
    }

    @Test func `a loop whose clock reading is older than another's takes from the same`() {
        let bucket = RateBucket()
        #expect(bucket.take(at: start + .milliseconds(1), rate: 2, keeps: false) == nil)
        #expect(bucket.take(at: start, rate: 2, keeps: false) == .milliseconds(1))
    }
}
