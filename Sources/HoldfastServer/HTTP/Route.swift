// What is served: one method of one path, and the function that answers it. Most of the native API asks one operation
// and says what was answered; those routes name the operation and have no function, so that the connection can ask it
// without a task that might wait.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

/// One method of one path.
///
/// An object, because every request looks at many of them and takes one.
final class Route: Sendable {
    /// Runs where the connection does: nothing is handed from one executor to another and back for it.
    typealias Handler = nonisolated(nonsending) @Sendable (Exchange) async -> HTTPReply?

    /// How a response is made.
    ///
    /// `asking`: one operation of the protocol is asked, and its answer is the response.
    /// `handling`: in any other way; nil where the handler wrote it itself.
    enum Way: Sendable {
        case asking(NativeQuestion)
        case handling(Handler)
    }

    let method: HTTPMethod
    /// As a document writes it: "/v1/tickets/{ticket}", "/v1/resources/{path...}".
    let pattern: String
    private let way: Way
    private let traits: Traits
    /// How it refuses what does not come as far as its handler.
    let form: RefusalForm
    let segments: [Segment]

    enum Segment: Hashable, Sendable {
        case fixed([UInt8])
        /// Never empty: at `/v1/tickets/` there is no ticket.
        case parameter
        /// All but what is fixed behind it, at least one segment and no slash at its end; their decoded texts are
        /// joined by slashes.
        case rest
        /// Whatever is there, with or without a slash at its end; nobody reads it. A document writes it "{path*}".
        case anything
    }

    /// What is seldom so.
    struct Traits: OptionSet, Sendable {
        let rawValue: UInt8
        /// Other methods of the path are not merely not allowed: as far as they go there is nothing.
        static let hidesOthers = Traits(rawValue: 1)
        /// It changes nothing, whatever its method says: whoever asks for somebody else keeps that one's method.
        static let isSafe = Traits(rawValue: 2)
        /// It asks nothing of the coordinator, so it answers also while that reads back what was stored.
        static let isOfProcess = Traits(rawValue: 4)
    }

    var hidesOthers: Bool { traits.contains(.hidesOthers) }
    var isSafe: Bool { traits.contains(.isSafe) }
    var isOfProcess: Bool { traits.contains(.isOfProcess) }

    private init(
        _ method: HTTPMethod,
        _ pattern: String,
        traits: Traits,
        form: RefusalForm,
        way: Way
    ) {
        self.form = form
        self.traits = traits
        self.method = method
        self.pattern = pattern
        self.way = way
        let parts = pattern.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        segments = (pattern == "/" ? [] : parts).map { part in
            guard part.hasPrefix("{") else { return .fixed(Array(part.utf8)) }
            if part.hasSuffix("*}") { return .anything }
            return part.hasSuffix("...}") ? .rest : .parameter
        }
    }

    convenience init(
        _ method: HTTPMethod,
        _ pattern: String,
        traits: Traits = [],
        _ handler: @escaping Handler
    ) {
        self.init(method, pattern, traits: traits, form: .problem, way: .handling(handler))
    }

    /// Asks an operation; its field of this name is what the path has a parameter for.
    convenience init(
        _ method: HTTPMethod,
        _ pattern: String,
        asks name: OperationName,
        of field: FieldName? = nil
    ) {
        let fields = field.map { [$0] } ?? []
        let question = NativeQuestion(name: name, fields: fields)
        self.init(method, pattern, traits: [], form: .problem, way: .asking(question))
    }

    func refusing(as form: RefusalForm) -> Route {
        Route(method, pattern, traits: traits, form: form, way: way)
    }

    /// What is to be done for a request that came as far as here.
    func begin(_ exchange: Exchange) -> RequestBeginning {
        switch way {
        case .asking(let question):
            do throws(Refusal) {
                let principal = try exchange.principal()
                return .asks(try question.request(of: exchange), principal)
            } catch {
                return .replied(Problem.reply(error))
            }
        case .handling(let handler):
            return .handled(handler, exchange)
        }
    }
}

/// How far a request came before anything was waited for.
enum RequestBeginning {
    /// To its response.
    case replied(HTTPReply)
    /// To the answer of an operation that was asked the short way.
    case asked
    /// To an operation, which this principal asks.
    case asks(NativeRequest, Principal)
    /// To a function that may wait.
    case handled(Route.Handler, Exchange)
    /// To a route that has to wait until the server has read back what was stored.
    case early(Route, Exchange)
}
