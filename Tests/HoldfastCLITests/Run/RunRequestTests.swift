// The label that `run` gives to its lock.

import HoldfastCLI
import Testing

struct RunRequestTests {
    @Test func `a label says who, where and which process`() {
        let label = RunRequest.label(user: "ada", host: "build-3", pid: 42, [:])
        #expect(label == "ada@build-3 pid 42")
    }

    @Test func `a job of a build system is named`() {
        let label = RunRequest.label(user: "a", host: "h", pid: 1, ["CI_JOB_ID": "77"])
        #expect(label == "a@h pid 1 job 77")
    }

    @Test func `a label has at most 256 bytes of whole characters`() {
        let host = String(repeating: "ü", count: 200)
        let label = RunRequest.label(user: "a", host: host, pid: 1, [:])
        #expect(label.utf8.count == 256)
        #expect(label.hasSuffix("ü"))
    }
}
