// Who may ask, in the OpenAPI document: what a request shows of its sender, by the settings of this server and by the
// API, because each of the other systems has a place of its own for that.

import HoldfastCoordinator

/// What clients show of who they are.
struct OpenAPIAccess: Sendable {
    var isOptional = true
    var takesTokens = true
    var takesCertificates = false

    init() {}

    init(_ setting: HTTPSetting, _ authority: any Authority) {
        isOptional = !authority.provesNames
        takesTokens = authority.provesByToken || !authority.provesNames
        takesCertificates = setting.asksForCertificates
    }

    /// The alternatives of every operation that says nothing else; the empty one is to say nothing.
    var requirement: String {
        var alternatives: [String] = []
        if isOptional { alternatives.append("{}") }
        if takesTokens { alternatives += [#"{"bearer":[]}"#, #"{"basic":[]}"#] }
        if takesCertificates { alternatives.append(#"{"certificate":[]}"#) }
        return "[" + alternatives.joined(separator: ",") + "]"
    }

    /// Those that the document names.
    func schemes(of tags: Set<DescribedOperation.Tag>) -> String {
        var schemes: [String] = []
        if takesTokens {
            schemes += [
                #""bearer":{"type":"http","scheme":"bearer"}"#,
                #""basic":{"type":"http","scheme":"basic"}"#,
            ]
        }
        if takesCertificates { schemes.append(#""certificate":{"type":"mutualTLS"}"#) }
        for tag in DescribedOperation.Tag.allCases where tags.contains(tag) {
            guard let scheme = scheme(of: tag) else { continue }
            schemes.append(
                #""\#(scheme.name)":{"type":"apiKey","in":"\#(scheme.place)","name":"\#(scheme.name)"}"#
            )
        }
        return "{" + schemes.joined(separator: ",") + "}"
    }

    /// Where names must be proved, what proves them to this API.
    func scheme(of tag: DescribedOperation.Tag) -> (name: String, place: String)? {
        isOptional ? nil : tag.sender
    }

    /// Where they need not, it is no proof but a name, which has to be there all the same.
    func sender(of tag: DescribedOperation.Tag) -> DescribedOperation.Parameter? {
        guard isOptional, let (name, place) = tag.sender else { return nil }
        return DescribedOperation.Parameter(
            name: name,
            place: place,
            summary: "Who asks.",
            schema: #"{"type":"string","minLength":1}"#,
            isRequired: true
        )
    }
}

extension DescribedOperation.Tag {
    /// Where this API alone looks for the sender, whom it always has to know.
    fileprivate var sender: (name: String, place: String)? {
        switch self {
        case .mangadb: ("refreshToken", "cookie")
        case .versal: ("SID", "header")
        case .native, .operations, .sfp, .terraform, .nick, .plone: nil
        }
    }
}
