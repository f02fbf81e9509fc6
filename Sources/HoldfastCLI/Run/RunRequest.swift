// What `run` asks the server for: its options in the words of the SDK, and a label that says who holds
// the lock where nobody gave one.

import Glibc
import HoldfastClient
import HoldfastModel
import HoldfastSystem

package enum RunRequest {
    /// Waits for the lock that the settings describe.
    static func lock(
        through client: HoldfastClient,
        _ world: World,
        until end: Instant?
    ) async throws(HoldfastError) -> LockHandle {
        let settings = world.settings
        let wait = end.map { max(.zero, $0 - world.now).duration }
        return try await client.lock(
            settings.positional(0) ?? "",
            lease: (settings[Options.lease] ?? .seconds(30)).duration,
            wait: settings[Options.wait] == .zero ? .zero : wait,
            mode: mode(settings[Options.mode] ?? .exclusive),
            priority: settings[Options.priority] ?? 0,
            reason: settings[Options.reason],
            options: LockOptions(
                holder: settings[Options.holder] ?? label(in: world.environment),
                metadata: Dictionary(
                    settings.all(Options.meta).map { ($0.name, $0.value) },
                    uniquingKeysWith: { $1 }
                ),
                isStealable: settings.isOn(Options.stealable),
                lockDelay: (settings[Options.lockDelay] ?? .zero).duration,
                reportsPosition: true
            )
        )
    }

    private static func mode(_ mode: Mode) -> LockMode {
        switch mode {
        case .exclusive: .exclusive
        case .shared: .shared
        case .permit(let count, let of): .permit(count: Int(count), of: Int(of))
        }
    }

    /// "ada@build-3 pid 4211", and the job where a CI system names it.
    static func label(in environment: [String: String]) -> String {
        let known = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
        let user = environment["USER"] ?? environment["LOGNAME"] ?? known ?? "uid \(getuid())"
        return label(user: user, host: HostName.current, pid: getpid(), environment)
    }

    package static func label(
        user: String,
        host: String,
        pid: Int32,
        _ environment: [String: String]
    ) -> String {
        let job = jobVariables.compactMap { environment[$0] }.first { !$0.isEmpty }
        let text = "\(user)@\(host) pid \(pid)" + (job.map { " job \($0)" } ?? "")
        // A label has at most 256 bytes; whole characters are cut off.
        var label = text
        while label.utf8.count > TicketRequest.textBytesMax { label.removeLast() }
        return label
    }

    /// Where CI systems say which job this is, the most telling first.
    private static let jobVariables = [
        "CI_JOB_URL", "BUILD_URL", "GITHUB_RUN_ID", "CI_JOB_ID", "BUILDKITE_BUILD_URL",
        "CIRCLE_BUILD_URL", "TRAVIS_JOB_ID", "BUILD_TAG", "BUILD_ID",
    ]
}
