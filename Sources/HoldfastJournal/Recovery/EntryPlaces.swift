// Which frame each entry of a slot came from, so that one that makes no sense can be named by file and offset (rule 28)
// although it is noticed only when it is replayed. One mark a frame, not one an entry: an image has thousands in one.

package import HoldfastModel

/// Where the entries of a slot were read.
package struct EntryPlaces: Sendable {
    private var marks: [(first: Int, place: Place)] = []

    /// A frame of a file.
    struct Place: Hashable, Sendable {
        var file: String
        var offset: Int
    }

    /// Where nothing was read from files.
    package init() {}

    /// The entries from this one on are from there.
    mutating func note(_ place: Place, from entry: Int) {
        if let last = marks.last, last.place.offset == place.offset, last.place == place { return }
        marks.append((entry, place))
    }

    /// What is to be said of an entry that makes no sense.
    package func damage(at entry: Int, of slot: Slot, _ text: String) -> JournalError {
        let what = "an entry of slot \(slot.number) makes no sense: \(text)"
        var (low, high) = (0, marks.count)
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].first <= entry { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return .damaged(what) }
        let place = marks[low - 1].place
        return .damaged("\(place.file), offset \(place.offset): \(what)")
    }
}
