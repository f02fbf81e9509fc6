// How a refusal looks that no route made: a method that a path has not, a page of another origin, a body that is too
// large. Whoever speaks the API of some system reads the errors of that system and no others, so each path refuses in
// the form of the API that it belongs to, and every other path as the native API does.

import HoldfastHTTPCodec
import HoldfastModel

/// Renders refusals as one API does.
struct RefusalForm: Sendable {
    private let render: @Sendable (HTTPStatus, Refusal) -> HTTPReply

    init(_ render: @escaping @Sendable (HTTPStatus, Refusal) -> HTTPReply) { self.render = render }

    static let problem = RefusalForm { Problem.reply($0, $1) }

    func reply(_ status: HTTPStatus, _ refusal: Refusal) -> HTTPReply { render(status, refusal) }

    func reply(_ refusal: Refusal) -> HTTPReply { render(Problem.status(of: refusal), refusal) }
}
