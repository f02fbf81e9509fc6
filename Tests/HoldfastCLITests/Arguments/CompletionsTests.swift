// Completion scripts: complete, and valid for the shells that are installed.

import Glibc
import HoldfastCLI
import Testing

struct CompletionsTests {
    private func script(_ shell: Shell) -> String {
        Completions.script(for: shell, commands: CommandTable.all)
    }

    @Test(arguments: Shell.allCases)
    func `a script knows every command and option`(shell: Shell) {
        let script = script(shell)
        for command in CommandTable.all {
            #expect(script.contains(command.name.rawValue))
            for option in command.options {
                #expect(script.contains(option.name), "--\(option.name)")
            }
        }
    }

    @Test func `bash reads its script`() throws {
        try check(script(.bash), with: "bash -n", isRequired: true)
    }

    // A machine that builds Swift has bash; the other shells check their scripts where they are.
    @Test func `zsh and fish read their scripts where they are installed`() throws {
        try check(script(.zsh), with: "zsh -n", isRequired: false)
        try check(script(.fish), with: "fish --no-execute", isRequired: false)
    }

    @Test func `bash completes commands, options and values`() throws {
        #expect(try completed("holdfast", "rel") == ["release"])
        #expect(try completed("holdfast", "lock", "--lea") == ["--lease"])
        #expect(try completed("holdfast", "lock", "--if-mine", "r") == ["return"])
        #expect(try completed("holdfast", "completions", "f") == ["fish"])
        #expect(try completed("holdfast", "run", "demo", "--", "tru").contains("true"))
    }

    private func completed(_ words: String...) throws -> [String] {
        let list = words.map { "'\($0)'" }.joined(separator: " ")
        let text = """
            \(script(.bash))
            COMP_WORDS=(\(list)); COMP_CWORD=\(words.count - 1); _holdfast
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        return try shellOutput("bash", input: text).split(separator: "\n").map(String.init)
    }

    private func check(_ script: String, with command: String, isRequired: Bool) throws {
        let shell = command.prefix { $0 != " " }
        let isThere = system("command -v \(shell) >/dev/null 2>&1") == 0
        if !isThere, !isRequired { return }
        try #require(isThere)
        #expect(try shellOutput(command, input: script) == "")
    }

    /// What the command prints, errors too, when it gets this input.
    private func shellOutput(_ command: String, input: String) throws -> String {
        let name = "/tmp/holdfast-completion-\(getpid())-\(pthread_self())"
        let file = try #require(fopen(name, "w"))
        defer { unlink(name) }
        fputs(input, file)
        fclose(file)
        let pipe = try #require(popen("\(command) < \(name) 2>&1", "r"))
        var output: [UInt8] = []
        while case let byte = fgetc(pipe), byte != EOF { output.append(UInt8(byte)) }
        #expect(pclose(pipe) == 0)
        return String(decoding: output, as: UTF8.self)
    }
}
