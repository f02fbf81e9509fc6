// What a refusal means to a script and to a person.

import HoldfastCLI
import HoldfastWire
import Testing

struct RefusalTextTests {
    @Test(arguments: [
        ("conflict", ExitCode.notAcquired), ("timed_out", .notAcquired),
        ("unauthenticated", .notAllowed), ("forbidden", .notAllowed), ("bad_request", .refused),
        ("not_found", .refused), ("lost", .refused), ("not_acquired", .refused),
        ("draining", .refused), ("of_tomorrow", .refused),
    ])
    func `every error code has an exit code`(code: String, exit: ExitCode) {
        #expect(RefusalText.exitCode(of: code) == exit)
    }

    @Test func `a conflict names who is in the way`() throws {
        let reply = """
            {"ok":false,"error":{"code":"conflict","message":"a is held by ci-7","retryable":true},\
            "holder":{"owner":"ada","holder":"ci-7","reason":"deploy","remaining":12,\
            "acquiredAt":"2026-11-21T10:00:00.000Z"},"holders":1,"queueLength":4,"closedFor":3}
            """
        #expect(
            RefusalText.lines(of: try JSONValue(parsing: reply)) == [
                "a is held by ci-7 (conflict)",
                "  held by ci-7 (deploy) since 2026-11-21 10:00:00, 12 s left", "  4 waiting",
                "  closed for 3 s after a holder was lost",
            ]
        )
    }

    @Test func `a loss says how and by whom`() throws {
        let reply = """
            {"ok":false,"error":{"code":"lost","message":"it is over"},"ended":"stolen","by":"ops",\
            "endReason":"hotfix"}
            """
        #expect(
            RefusalText.lines(of: try JSONValue(parsing: reply)) == [
                "it is over (lost)", "  it ended: stolen by ops (hotfix)",
            ]
        )
    }

    @Test func `a wrong field is named`() throws {
        let reply = """
            {"ok":false,"error":{"code":"bad_request","message":"out of range"},"field":"lease"}
            """
        #expect(
            RefusalText.lines(of: try JSONValue(parsing: reply))
                == ["out of range (bad_request: lease)"]
        )
    }
}
