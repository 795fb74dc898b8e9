namespace Coriolis.Cli.Tests;

public sealed class UsageTests
{
    [Test]
    public async Task Run_NoCommand_IsAUsageError()
    {
        var run = await CliRun.OfAsync();

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(run.Output, Is.Empty);
            Assert.That(run.Error, Does.Contain("--help"));
        });
    }

    [Test]
    public async Task Run_SeveralProblems_ReportsAllOfThem()
    {
        var run = await CliRun.OfAsync("replicate", "--read-path", "tape", "--endpoint-url", "localhost", "--bogus");

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(run.Error, Does.Contain("worker").And.Contain("--endpoint-url").And.Contain("--bogus"));
            Assert.That(run.Error, Does.Contain("--to").And.Contain("--state"));
        });
    }

    [Test]
    public async Task Run_UsageErrorWithJson_PrintsOneErrorObject()
    {
        var run = await CliRun.OfAsync("replicate", "web", "--json", "--bogus");

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
            var error = run.Json.GetProperty("error");
            Assert.That(error.GetProperty("code").GetString(), Is.EqualTo("Usage"));
            Assert.That(error.GetProperty("message").GetString(), Does.Contain("--bogus").And.Contain("--to"));
        });
    }

    [TestCase("instances", "--tag", "env")]
    [TestCase("instances", "--tag", "=prod")]
    [TestCase("sweep", "--region", "")]
    [TestCase("sweep", "--quiet", "--verbose")]
    [TestCase("sweep", "--endpoint-url", "ftp://127.0.0.1")]
    [TestCase("emulator", "--data", "x", "--listen", "0.0.0.0:4599")]
    [TestCase("emulator", "--data", "x", "--listen", "127.0.0.1")]
    [TestCase("emulator", "--listen", "127.0.0.1:0", "--data", "x", "--credentials", "only-an-id")]
    [TestCase("emulator", "--listen", "127.0.0.1:0", "--data", "x", "--image", "debian=x.raw")]
    [TestCase("inspect", "")]
    public async Task Run_InvalidValue_IsAUsageErrorThatNamesTheOption(params string[] args)
    {
        var run = await CliRun.OfAsync(args);

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(run.Output, Is.Empty);
            Assert.That(run.Error, Does.Contain(args.LastOrDefault(arg => arg.StartsWith("--", StringComparison.Ordinal)) ?? "INSTANCE"));
        });
    }

    [Test]
    public async Task Help_OfTheTool_DescribesEveryCommandInOneSentence()
    {
        var run = await CliRun.OfAsync("--help");

        string[] commands = ["demo", "emulator", "inspect", "instances", "replicate", "verify", "sweep", "doctor"];
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done));
            foreach (var command in commands)
            {
                Assert.That(run.Output, Does.Match($@"(?m)^  {command}\b.*\.$"));
            }
        });
    }

    [TestCase("demo")]
    [TestCase("emulator")]
    [TestCase("inspect")]
    [TestCase("instances")]
    [TestCase("replicate")]
    [TestCase("verify")]
    [TestCase("sweep")]
    [TestCase("doctor")]
    public async Task Help_OfACommand_EndsWithExamplesThatParse(string command)
    {
        var run = await CliRun.OfAsync(command, "--help");

        var examples = run.Output.Split('\n').SkipWhile(line => line != "Examples:").Skip(1).Where(line => line.Length > 0).ToList();
        var app = new App(new Terminal(TextWriter.Null, TextWriter.Null), TimeProvider.System);
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done));
            Assert.That(examples, Is.Not.Empty.And.All.StartsWith($"  coriolis-aws {command}"));
            foreach (var example in examples)
            {
                Assert.That(app.Root.Parse(example.Replace("  coriolis-aws ", string.Empty, StringComparison.Ordinal)).Errors.Select(error => error.Message), Is.Empty, example);
            }
        });
    }
}
