// What is only in debug builds: deliberate bugs, to show that they would be noticed.

/// How the tests were built.
package enum Build {
    package static var isDebug: Bool {
        #if DEBUG
        true
        #else
        false
        #endif
    }
}
