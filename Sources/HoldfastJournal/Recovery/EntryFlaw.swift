// What an entry of a slot may say that cannot have happened, beside what the core finds in a record of one resource.

package import HoldfastCore
package import HoldfastModel

/// Why an entry cannot follow on those before it.
package enum EntryFlaw: Error, Hashable, Sendable {
    case record(ResourcePath, ReplayFlaw)
    /// Two resources at one place.
    case placeTaken(by: ResourcePath, for: ResourcePath)
    /// One resource at two places.
    case pathTwice(ResourcePath)
    case placeBeyond(UInt32)
    /// A resource is forgotten although tickets hold or wait there.
    case forgottenAlive(ResourcePath)
    case sessionTwice

    /// A slot has a place for each of its resources at once; more than this would take more memory than a server has.
    package static let resourcePlacesMax: UInt32 = 1 << 26

    package var text: String {
        switch self {
        case .record(let path, let flaw): "\(path): \(flaw.text)"
        case .placeTaken(let one, let other): "\(one) and \(other) at one place"
        case .pathTwice(let path): "\(path) at two places"
        case .placeBeyond(let index): "resource place \(index) is beyond any that there may be"
        case .forgottenAlive(let path): "\(path) is forgotten, and tickets hold or wait there"
        case .sessionTwice: "a session is opened twice"
        }
    }
}
