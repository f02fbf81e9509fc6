// Requests about one resource as a whole: looks at it, and its clearing.

import HoldfastCore
import HoldfastModel

extension Shard {
    /// A read that needs `read` and shows one resource.
    func show(
        _ path: ResourcePath,
        _ request: inout RoutedRequest,
        _ answer: (Resource?, ClockReading) -> Answer
    ) {
        guard caller(of: &request, on: path).rights.contains(.read) else {
            return refuse(request.address, .missing(.read))
        }
        if setting.census.memoryLevel == .scarce {
            return refuse(request.address, Census.outOfMemory)
        }
        let answer = answer(table.resource(at: path), reading)
        desk.value.tell(answer, to: request.address)
    }

    func list(_ path: ResourcePath, _ page: ListPage, _ request: inout RoutedRequest) {
        let caller = caller(of: &request, on: path)
        show(path, &request) { resource, reading in
            if let resource {
                return .list(
                    resource.onSameLoop((page, caller, reading)) {
                        $0.list($1.0, for: $1.1, at: $1.2)
                    }
                )
            }
            let empty = LockState(
                path: path,
                slot: Slot(of: path),
                resourceIndex: 0,
                bounds: setting.bounds
            )
            return .list(empty.list(page, for: caller, at: reading))
        }
    }

    func clear(_ path: ResourcePath, reason: String?, _ request: inout RoutedRequest) {
        let caller = caller(of: &request, on: path)
        guard caller.rights.contains(.admin) else {
            return refuse(request.address, .missing(.admin))
        }
        guard let resource = table.resource(at: path) else {
            return desk.value.tell(.cleared(0), to: request.address)
        }
        step(resource, .clear(reason: reason, caller))
    }
}
