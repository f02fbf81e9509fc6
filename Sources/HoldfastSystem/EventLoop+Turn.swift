// One turn of the loop.
//
//     began │ poll │ posts │ jobs until none is left │ alarms due at `began`, their jobs │ hooks │
//
// Alarms ring by the clock as it was *before* the poll. So whatever had reached this process when a
// deadline passed, from a socket or from another loop, is found by that poll and is stepped before the
// alarm rings (rule 11). After a sleep that ends with a deadline this costs one more poll that does not
// wait.
//
// A turn works for 20 ms at most before the hooks run: a connection that never stops sending must not
// hold back everybody's replies. If jobs are left then, alarms are put off, for 100 ms at most.

import HoldfastModel

extension EventLoop {
    private static let sliceLength = Interval.milliseconds(1)
    private static let alarmPatience = Interval.milliseconds(100)
    /// The poll's clock stands still while the machine is suspended, the alarms' does not; an armed
    /// loop therefore looks once a second.
    ///
    /// Also bounds how long a stop can go unnoticed.
    private static let sleepMax = Interval.seconds(1)
    private static let jobsBetweenClockReadings = 16
    private static let atOnceBytesMax = 131_072
    private static let atOnceLength = Interval.milliseconds(5)
    private static let readsBetweenClockReadings = 8

    /// Runs turns until the loop was stopped and nothing is left.
    func run() {
        lastPolled = BootClock.now
        lastFinished = lastPolled
        var wantsSleep = false
        while true {
            let began = BootClock.now
            noteAbsence(began - lastPolled)
            if wantsSleep {
                sleep(from: began)
            } else {
                poll(milliseconds: 0, asked: .zero)
            }
            takeInbox()
            runPosts()
            var isFinished = runJobs(since: began)
            if isFinished { lastFinished = lastPolled }
            if alarms.earliest <= began,
                isFinished || lastPolled - lastFinished > Self.alarmPatience
            {
                ringAlarms(dueAt: began)
                isFinished = runJobs(since: began)
            }
            for hook in hooks { hook() }

            wantsSleep = jobs.isEmpty && posts.isEmpty && yielded.isEmpty
            if wantsSleep, endIfAsked() { return }
        }
    }

    // MARK: What is ready

    /// True when anything was ready.
    @discardableResult
    private func poll(milliseconds: Int32, asked: Interval) -> Bool {
        let count = poller.wait(milliseconds: milliseconds)
        lastPolled = BootClock.now
        // What is told now may be dealt with at once, and then it counts whether the loop was late.
        late.polled(at: lastPolled, afterAsking: asked)
        guard count > 0 else { return false }
        atOnceBytes = Self.atOnceBytesMax
        poller.forEach(count) { token, readiness in
            registrations.handler(of: RegistrationToken(bits: token))?.becameReady(readiness)
        }
        return true
    }

    /// Whether a callback may read: nothing would run before the task that it spares, and the poll has not led to much
    /// already.
    func mayReadAtOnce() -> Bool {
        guard isIdle, atOnceBytes > 0 else { return false }
        atOnceReads += 1
        guard atOnceReads % Self.readsBetweenClockReadings == 0,
            BootClock.now - lastPolled > Self.atOnceLength
        else { return true }
        atOnceBytes = 0
        return false
    }

    /// Moves what other threads handed over to the loop's own queues, and says that the loop is awake.
    private func takeInbox() {
        inbox.withLock { inbox in
            inbox.isAsleep = false
            swap(&inbox.jobs, &spareJobs)
            swap(&inbox.posts, &sparePosts)
        }
        if !spareJobs.isEmpty {
            for job in spareJobs { jobs.append(job) }
            spareJobs.removeAll(keepingCapacity: spareJobs.capacity <= JobQueue.keptCapacity)
        }
        if !sparePosts.isEmpty {
            posts.append(contentsOf: sparePosts)
            sparePosts.removeAll(keepingCapacity: sparePosts.capacity <= JobQueue.keptCapacity)
        }
    }

    /// Runs what was posted before this turn; what these post is for the next.
    private func runPosts() {
        guard !posts.isEmpty else { return }
        var now: [@Sendable () -> Void] = []
        swap(&now, &posts)
        for work in now { work() }
    }

    // MARK: Jobs

    /// Runs jobs until none is left: true; false when the turn has lasted too long.
    private func runJobs(since began: Instant) -> Bool {
        let serial = asUnownedSerialExecutor()
        let task = asUnownedTaskExecutor()
        var untilReading = Self.jobsBetweenClockReadings
        while true {
            while let job = jobs.popFirst() {
                job.runSynchronously(isolatedTo: serial, taskExecutor: task)
                untilReading -= 1
                guard untilReading == 0 else { continue }
                untilReading = Self.jobsBetweenClockReadings
                if !mayGoOn(since: began) { return false }
            }
            if yielded.isEmpty { return true }
            resumeYielded()
            if !mayGoOn(since: began) { return false }
        }
    }

    /// Whether the turn may run more jobs; looks for what became ready once in a while.
    private func mayGoOn(since began: Instant) -> Bool {
        let now = BootClock.now
        if now - lastPolled > Self.sliceLength {
            noteAbsence(now - lastPolled)
            poll(milliseconds: 0, asked: .zero)
        }
        return now - began <= turnLength
    }

    private func resumeYielded() {
        var now: [UnsafeContinuation<Void, Never>] = []
        swap(&now, &yielded)
        for continuation in now { continuation.resume() }
    }

    private func ringAlarms(dueAt instant: Instant) {
        late.looked(at: BootClock.now)
        while let alarm = alarms.popDue(at: instant) { alarm.ring() }
    }

    // MARK: Sleep

    /// Waits for something to do, at most until the earliest alarm; looks a moment longer before that.
    private func sleep(from now: Instant) {
        let isArmed = alarms.earliest != .never
        let asked = isArmed ? min(alarms.earliest - now, Self.sleepMax) : Self.sleepMax
        defer { polling.note(lastPolled - now) }
        if finds(within: min(asked, polling.length()), from: now) { return }
        if asked <= .zero || !mayFallAsleep() {
            poll(milliseconds: 0, asked: .zero)
        } else if isArmed {
            poll(milliseconds: asked.millisecondsRoundedUp, asked: asked)
            if lastPolled > now + asked { noteAbsence(lastPolled - (now + asked)) }
        } else {
            // Nothing can come due: nothing to be late for.
            poll(milliseconds: -1, asked: .day)
        }
    }

    /// Polls without waiting for so long; true when something came.
    private func finds(within length: Interval, from start: Instant) -> Bool {
        guard length > .zero else { return false }
        var longestAbsence = Interval.zero
        defer { polling.lookedOn(awayFor: longestAbsence) }
        let end = start + length
        while lastPolled < end {
            let before = lastPolled
            let isAnythingReady = poll(milliseconds: 0, asked: .zero)
            longestAbsence = max(longestAbsence, lastPolled - before)
            if isAnythingReady || !posts.isEmpty || inbox.withLock({ !$0.isEmpty }) { return true }
        }
        return false
    }

    private func mayFallAsleep() -> Bool {
        inbox.withLock { inbox in
            inbox.isAsleep = inbox.isEmpty && inbox.phase == .open
            return inbox.isAsleep
        }
    }

    /// True when the loop was asked to end and nothing was handed over meanwhile.
    private func endIfAsked() -> Bool {
        inbox.withLock { inbox in
            guard inbox.phase == .stopping, inbox.isEmpty else { return false }
            inbox.phase = .stopped
            return true
        }
    }
}

extension Interval {
    /// For a timeout of the kernel: never wakes early.
    fileprivate var millisecondsRoundedUp: Int32 {
        Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
    }
}
