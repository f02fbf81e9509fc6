// `GET /v1/rights`: who the server takes the caller for, and what that one may do, in general and at one resource. A
// page that knows this offers nobody what would be refused; what is asked all the same is judged as ever.

import HoldfastCoordinator
import HoldfastCore
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

extension Exchange {
    func tellRights() -> HTTPReply {
        do throws(Refusal) {
            let principal = try principal()
            guard let items = request.queryItems else {
                throw Refusal(.badRequest, "the query is not percent-encoded UTF-8 without NUL")
            }
            let path = try resource(in: items)
            let ignored = items.map(\.name).filter { $0 != FieldName.resource.text }
            return HTTPReply(.ok) { writer in
                writer.beginObject()
                writer.member("principal", principal.owner.name)
                writer.member("rights", principal.rightsShown)
                if let path {
                    let here = rights(of: principal, on: path)
                    writer.member("resource", path)
                    writer.member("here", here.words)
                }
                if !ignored.isEmpty { writer.member("ignored", ignored) }
                writer.endObject()
            }
        } catch {
            return Problem.reply(error)
        }
    }

    /// Nil where none is asked about.
    private func resource(in items: [QueryItem]) throws(Refusal) -> ResourcePath? {
        let texts = items.filter { $0.name == FieldName.resource.text }.map(\.value)
        guard let text = texts.first else { return nil }
        guard texts.count == 1, let path = ResourcePath(text) else {
            throw Refusal(.badRequest, "resource must be one path", field: "resource")
        }
        return path
    }
}

extension Caller.Rights {
    fileprivate var words: [String] {
        Right.allCases.filter { right in
            switch right {
            case .lock: contains(.lock)
            case .read: contains(.read)
            case .steal: contains(.steal)
            case .admin: contains(.admin)
            }
        }.map(\.rawValue)
    }
}
