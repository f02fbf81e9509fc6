// Flags over environment over file, and what each of them may say.

import HoldfastCLI
import HoldfastModel
import Testing

struct PrecedenceTests {
    private func lease(
        flag: String? = nil,
        environment: String? = nil,
        file: String? = nil
    ) throws -> Interval? {
        var bench = ParserBench()
        bench.environment["HOLDFAST_LEASE"] = environment
        bench.files["conf"] = file.map { "lease = \($0)\n" } ?? ""
        let flags = flag.map { ["--lease", $0] } ?? []
        return try bench.settings(["lock", "a", "--config", "conf"] + flags)[Options.lease]
    }

    @Test func `a flag wins over the environment, the environment over the file`() throws {
        #expect(try lease(flag: "1", environment: "2", file: "3") == .seconds(1))
        #expect(try lease(environment: "2", file: "3") == .seconds(2))
        #expect(try lease(file: "3") == .seconds(3))
        #expect(try lease() == nil)
    }

    @Test func `of a token and its file the one that was said nearer by counts`() throws {
        func isFile(_ flags: [String], _ environment: [String: String]) throws -> Bool {
            let bench = ParserBench(
                environment: environment,
                files: ["conf": "token-file = far\n"]
            )
            let settings = try bench.settings(["ping", "--config", "conf"] + flags)
            return settings.isNearer(Options.tokenFile, than: Options.token)
        }
        let variable = ["HOLDFAST_TOKEN": "t"]
        #expect(try isFile(["--token-file", "near"], variable))
        #expect(try isFile([], [:]))
        #expect(try !isFile([], variable))
        #expect(try !isFile(["--token", "t"], ["HOLDFAST_TOKEN_FILE": "f"]))
        #expect(try !isFile(["--token", "t", "--token-file", "near"], [:]))
    }

    @Test func `an empty variable is no setting`() throws {
        #expect(try lease(environment: "", file: "3") == .seconds(3))
    }

    @Test func `the variable is the flag in capitals`() throws {
        let bench = ParserBench(environment: ["HOLDFAST_MAX_WAIT": "7"])
        #expect(try bench.settings(["queue", "a"])[Options.maxWait] == .seconds(7))
    }

    @Test func `a wrong value is told with the place it came from`() {
        let variable = ParserBench(environment: ["HOLDFAST_LEASE": "x"])
        #expect(variable.error("lock", "a")?.hasPrefix("HOLDFAST_LEASE: 'x'") == true)
        let file = ParserBench(files: ["conf": "\n# c\nlease = y"])
        #expect(file.error("lock", "a", "--config", "conf")?.hasPrefix("conf:3: 'y'") == true)
    }

    @Test func `what run tells its command is no setting of another command`() throws {
        // HOLDFAST_RESOURCE is in the environment of everything that `run` starts.
        let bench = ParserBench(environment: ["HOLDFAST_RESOURCE": "other"])
        #expect(try bench.settings(["acquire", "x"])[Options.resource] == nil)
    }

    @Test func `the file may be named by the environment`() throws {
        let bench = ParserBench(
            environment: ["HOLDFAST_CONFIG": "conf"],
            files: ["conf": "lease = 4"]
        )
        #expect(try bench.settings(["lock", "a"])[Options.lease] == .seconds(4))
    }

    @Test func `the file has comments, blank lines and any spacing`() throws {
        let text = """
            # a comment
               listen=127.0.0.1:1   # another

            listen = [::1]:2\r
            node = a#b
            """
        let settings = try ParserBench(files: ["conf": text])
            .settings(["serve", "--config", "conf"])
        let listen = settings.all(ServeOptions.listen)
        #expect(listen.map(\.text) == ["127.0.0.1:1", "[::1]:2"])
        #expect(settings[ServeOptions.node] == "a#b")
    }

    @Test(arguments: [
        ("bogus = 1", "conf:1: unknown key 'bogus'"),
        ("\nmax-quee = 1", "conf:2: unknown key 'max-quee'; did you mean 'max-queue'?"),
        ("config = x", "conf:1: unknown key 'config'"),
        ("node", "conf:1: 'node' is not 'flag = value'"),
        ("node = a\nnode = b", "conf:2: 'node' is set twice"),
        ("lease = 5", "conf:1: unknown key 'lease'"),
    ])
    func `an error in the file names its line`(text: String, message: String) {
        let error = ParserBench(files: ["conf": text]).error("serve", "--config", "conf")
        #expect(error == message)
    }

    @Test func `a file that cannot be read is an error`() {
        #expect(
            ParserBench().error("serve", "--config", "gone")
                == "cannot read the configuration file gone"
        )
    }

    @Test func `commas separate addresses wherever they stand`() throws {
        let flags = try ParserBench().settings(["serve", "--listen", "a:1,b:2", "--listen", "c:3"])
        #expect(flags.all(ServeOptions.listen).map(\.host) == ["a", "b", "c"])
        let variable = ParserBench(environment: ["HOLDFAST_LISTEN": "a:1, b:2"])
        #expect(
            try variable.settings(["serve"]).all(ServeOptions.listen).map(\.host) == ["a", "b"]
        )
    }

    @Test func `a flag replaces every address of the file`() throws {
        let bench = ParserBench(files: ["conf": "listen = a:1\nlisten = b:2"])
        let settings = try bench.settings(["serve", "--config", "conf", "--listen", "c:3"])
        #expect(settings.all(ServeOptions.listen).map(\.host) == ["c"])
        #expect(settings.entries["listen"]?.map(\.origin) == [.flag])
    }
}
