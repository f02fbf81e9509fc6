// Paths that a test writes down: they are paths, or the test is wrong.

import HoldfastModel

func path(_ text: String) -> ResourcePath {
    guard let path = ResourcePath(text) else { preconditionFailure("'\(text)' is no path") }
    return path
}
