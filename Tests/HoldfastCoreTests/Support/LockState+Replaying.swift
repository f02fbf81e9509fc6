// What was written in a test has happened: the core must not throw any of it back.

import HoldfastCore
import Testing

extension LockState {
    mutating func replay(all records: [Record]) {
        for record in records {
            do throws(ReplayFlaw) { try replay(record) } catch {
                Issue.record("what was written cannot have happened: \(error.text)")
            }
        }
    }
}
