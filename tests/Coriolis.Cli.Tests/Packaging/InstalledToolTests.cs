namespace Coriolis.Cli.Tests.Packaging;

/// <summary>The tool as its users install it.</summary>
[CancelAfter(300_000)]
public sealed class InstalledToolTests
{
    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public async Task InstallAsync()
    {
        _folder = new TemporaryFolder();
        // The settings of the tree name other sources; a file of its own has the packages and nothing else.
        await File.WriteAllTextAsync(
            _folder["nuget.config"],
            $"""<configuration><packageSources><clear /><add key="packed" value="{PackedSolution.Folder}" /></packageSources></configuration>""");
        using var install = new ChildProcess(
            "dotnet",
            [
                "tool", "install", "Coriolis.Cli", "--tool-path", _folder["tools"], "--configfile", _folder["nuget.config"],
                "--version", PackedSolution.VersionOf("Coriolis.Cli"),
            ],
            new Dictionary<string, string> { ["NUGET_PACKAGES"] = _folder["packages"] });
        var run = await install.WaitAsync(CancellationToken.None);
        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
    }

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public async Task Tool_Version_IsThatOfThePackage(CancellationToken cancellationToken)
    {
        var run = await RunAsync(["--version"], cancellationToken);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output.Trim().Split('+')[0], Is.EqualTo(PackedSolution.VersionOf("Coriolis.Cli")));
    }

    [Test]
    public async Task Tool_Demo_ReplicatesAndLeavesTheBaselines(CancellationToken cancellationToken)
    {
        var run = await RunAsync(["demo"], cancellationToken);

        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
        Assert.That(run.Output + run.Error, Does.Contain("identical, byte for byte").And.Contain("Nothing else."));
    }

    [Test]
    public void Tool_Installed_HasTheAgentForEachArchitecture()
    {
        var agents = Directory.EnumerateFiles(_folder["tools"], "coriolis-worker", SearchOption.AllDirectories)
            .Select(static file => Path.GetFileName(Path.GetDirectoryName(file)));

        Assert.That(agents, Is.EquivalentTo(new[] { "linux-x64", "linux-arm64" }));
    }

    private async Task<CliRun> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var process = new ChildProcess(_folder[Path.Combine("tools", "coriolis-aws")], arguments);
        return await process.WaitAsync(cancellationToken);
    }
}
