// Optional texts told apart by their bytes: what a client sent is the same only where it is the same to the byte.

extension String? {
    /// By bytes; `==` would merge canonically equal texts.
    package func isSameText(as other: String?) -> Bool {
        switch (self, other) {
        case (nil, nil): true
        case (let one?, let other?): one.utf8.elementsEqual(other.utf8)
        case (nil, _?), (_?, nil): false
        }
    }
}
