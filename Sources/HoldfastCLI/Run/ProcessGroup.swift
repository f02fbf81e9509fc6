// Who belongs to a process group, read from /proc: the kernel answers "is there anybody" also for processes
// that have ended and whose parent has not asked yet, and in a container there may be nobody who asks.

import Glibc

enum ProcessGroup {
    /// The processes of a group that have not ended.
    static func living(in group: pid_t) -> [pid_t] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var found: [pid_t] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let pid = pid_t(name), getpgid(pid) == group, !hasEnded(pid) else { continue }
            found.append(pid)
        }
        return found
    }

    /// The state stands behind the name, which is in parentheses and may hold any.
    private static func hasEnded(_ pid: pid_t) -> Bool {
        guard let status = ProcessFiles.read("/proc/\(pid)/stat") else { return true }
        guard let end = status.lastIndex(of: ")") else { return true }
        let state = status[status.index(after: end)...].drop { $0 == " " }.first
        return state == "Z" || state == "X"
    }
}
