// How the server of a story differs from one that was started without a flag. Rights are a table by name, because a
// story about them must show them.

import HoldfastCoordinator
import HoldfastCore
import HoldfastModel

/// What stands behind `with`.
struct StorySettings {
    var limits = Limits()
    var retain = Interval.seconds(60)
    /// By principal; nobody needs any where the story names none.
    var rights: [String: [String]] = [:]

    mutating func take(_ text: Substring) throws(Story.Misread) {
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        switch words.first {
        case "retain" where words.count == 3:
            retain = try Interval(reading: text.dropFirst("retain ".count))
        case "limit" where words.count == 3:
            guard let name = LimitName(rawValue: words[1]), let place = Self.places[name] else {
                throw Story.Misread("there is no limit \"\(words[1])\" to set here")
            }
            guard let count = Int(words[2]) else {
                throw Story.Misread("\"\(words[2])\" is no number")
            }
            limits[keyPath: place] = count
        case "rights" where words.count == 3:
            rights[words[1]] = words[2].split(separator: " ").map(String.init)
        default:
            throw Story.Misread("\"with \(text)\" is no setting: retain, limit, rights")
        }
    }

    private static var places: [LimitName: WritableKeyPath<Limits, Int>] {
        [
            .line: \.lineBytes, .connections: \.connections,
            .connectionsPerPrincipal: \.connectionsPerPrincipal, .inFlight: \.inFlight,
            .waits: \.waits, .queue: \.queue, .ticketsPerPrincipal: \.ticketsPerPrincipal,
            .resources: \.resources, .sessions: \.sessions, .watches: \.watches,
            .outbound: \.outboundBytes, .meta: \.metaBytes, .retained: \.retained,
            .history: \.history,
        ]
    }

    var authority: (any Authority)? {
        rights.isEmpty ? nil : StoryAuthority(rights: rights)
    }
}

/// Knows whoever the story names, and lets them do what it says, by the patterns that the server has.
private final class StoryAuthority: Authority {
    let rights: [String: [String]]
    private let owners = OwnerDirectory()

    init(rights: [String: [String]]) { self.rights = rights }

    var provesByToken: Bool { true }

    func principal(token: String?) throws(Refusal) -> Principal {
        // Whoever connects is somebody without rights until it says hello.
        guard let token else { return .nobody(owners) }
        guard let rights = rights[token] else {
            throw Refusal(.unauthenticated, "nobody here has this token")
        }
        return Principal(owner: owners.owner(named: token), rightsShown: rights)
    }

    func rights(of principal: Principal, on path: ResourcePath) -> Caller.Rights {
        patterns(of: principal).rights(on: path)
    }

    func rightsOnEverything(of principal: Principal) -> Caller.Rights {
        patterns(of: principal).rightsOnEverything
    }

    private func patterns(of principal: Principal) -> [RightPattern] {
        (rights[principal.owner.name] ?? []).compactMap { RightPattern($0) }
    }
}
