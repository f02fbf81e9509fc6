// The kernel's world, shared by all clients of a process: one loop with one thread, started with the first
// request of the first client and never stopped, so that no call can come too late for it. Rejected: a
// thread per client, because programs make clients freely.

import HoldfastModel
import HoldfastSystem

extension ClientEnvironment {
    /// The world of this process.
    static func kernel(
        _ configuration: HoldfastClient.Configuration = HoldfastClient.Configuration()
    ) throws(HoldfastError) -> ClientEnvironment {
        switch sharedLoop {
        case .success(let loop):
            return ClientEnvironment(
                loop: loop,
                connector: try connector(configuration),
                random: .system()
            )
        case .failure(let error):
            throw .unreachable("no event loop: \(error)")
        }
    }

    private static func connector(
        _ configuration: HoldfastClient.Configuration
    ) throws(HoldfastError) -> any Connector {
        guard let tls = configuration.tls else { return SocketConnector() }
        do throws(TLSFlaw) {
            return TLSConnector(
                try tls.context(),
                timeout: Interval(configuration.connectTimeout)
            )
        } catch {
            throw .invalid("\(error)")
        }
    }

    /// Its index is out of the way of a server in the same process.
    private static let sharedLoop: Result<EventLoop, SystemError> = {
        do throws(SystemError) {
            let loop = try EventLoop(index: LoopIndex(number: .max), pollsBeforeSleep: false)
            try loop.start()
            return .success(loop)
        } catch {
            return .failure(error)
        }
    }()
}
